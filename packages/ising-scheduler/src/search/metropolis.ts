/** Number of thresholds: one for each draw of 12 bits. */
const DRAWS = 4096;

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
  return series(mantissa) + halvings * series(0.5);
}

function series(x: number): number {
  const ratio = (x - 1) / (x + 1);
  const square = ratio * ratio;
  let sum = 0;
  let power = ratio;
  for (let odd = 1; odd < 60; odd += 2) {
    sum += power / odd;
    power *= square;
  }
  return 2 * sum;
}
