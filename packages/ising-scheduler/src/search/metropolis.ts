/** Number of thresholds: one for each draw of 12 bits. */
const DRAWS = 4096;

/**
 * `-ln((draw + 1/2) / 4096)` for each draw of 12 bits. A move uphill by dE is accepted at temperature T if dE is at most T
 * times the threshold, which happens with probability exp(-dE / T) (Metropolis et al., 1953). No `Math.exp`, no
 * `Math.log`: their last bits differ between engines, and two machines with the same seed must accept the same moves. The
 * four operations used here are exact to the bit everywhere (IEEE 754).
 */
export const THRESHOLDS: Float64Array = thresholds();

/** The threshold of a random 32-bit number. */
export function threshold(random: number): number {
  return THRESHOLDS[random & (DRAWS - 1)] ?? 0;
}

/** Adds up from the last one: each differs from the next by ln((draw + 3/2) / (draw + 1/2)), a series of few terms. */
function thresholds(): Float64Array {
  const table = new Float64Array(DRAWS);
  let sum = logOfRatio(4 * DRAWS - 1);
  for (let draw = DRAWS - 1; draw > 0; draw--) {
    table[draw] = sum;
    sum += logOfRatio(2 * draw);
  }
  table[0] = sum;
  return table;
}

/** ln((x + 1) / (x - 1)) = 2 artanh(1 / x) for x > 1. */
function logOfRatio(x: number): number {
  let [sum, before] = [0, -1];
  // It ends where a further term is below the last bit of the sum.
  for (let [odd, power] = [1, 2 / x]; sum !== before; odd += 2, power /= x * x) {
    before = sum;
    sum += power / odd;
  }
  return sum;
}
