/** Number of thresholds: one for each draw of 12 bits. */
const DRAWS = 4096;

/** ln(1/2). */
const LN_HALF = series(0.5);

/**
 * `-ln((draw + 1/2) / 4096)` for each draw of 12 bits. A move uphill by dE is accepted at temperature T if dE is at most T
 * times the threshold, which happens with probability exp(-dE / T) (Metropolis et al., 1953). No `Math.exp`, no
 * `Math.log`: their last bits differ between engines, and two machines with the same seed must accept the same moves. The
 * four operations used here are exact to the bit everywhere (IEEE 754).
 */
export const THRESHOLDS: Float64Array = Float64Array.from({ length: DRAWS }, (_, draw) => -ln((draw + 0.5) / DRAWS));

/** The threshold of a random 32-bit number. */
export function threshold(random: number): number {
  return THRESHOLDS[random & (DRAWS - 1)] ?? 0;
}

/** Natural logarithm of 0 < x <= 1: halvings brought to 1/2..1, then ln x = 2 artanh((x - 1) / (x + 1)). */
function ln(x: number): number {
  let halvings = 0;
  let mantissa = x;
  while (mantissa < 0.5) {
    mantissa *= 2;
    halvings++;
  }
  return series(mantissa) + halvings * LN_HALF;
}

function series(x: number): number {
  const ratio = (x - 1) / (x + 1);
  const square = ratio * ratio;
  let [sum, before] = [ratio, 0];
  // It ends where a further part of the sum is below its last bit, after 17 of them at most.
  for (let [odd, power] = [3, ratio * square]; sum !== before; odd += 2, power *= square) {
    before = sum;
    sum += power / odd;
  }
  return 2 * sum;
}
