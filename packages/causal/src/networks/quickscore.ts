/** One cause of a two-layer noisy-OR network, after what was seen inactive has been folded in. */
export interface LayerCause {
  /** Probability that it is inactive. */
  readonly inactive: number;
  /** Probability that it is active, and that all that was seen inactive is so in spite of it. */
  readonly active: number;
  /** For each finding that was seen active: probability that this cause, active, does not make it so. */
  readonly passes: readonly number[];
}

/** Two layers: independent causes above, findings that were seen active below. */
export interface TwoLayers {
  readonly causes: readonly LayerCause[];
  /** For each finding: probability that it is inactive if all causes are. */
  readonly inactive: readonly number[];
  /** Probability of everything that no cause decides. */
  readonly factor: number;
}

/** Returns how many steps {@link quickscore} takes. */
export function quickscoreSteps({ causes, inactive }: TwoLayers): number {
  return (1 + causes.length) * (1 + inactive.length) * 2 ** inactive.length;
}

/**
 * Returns the logarithm of the probability of the findings, in time that is linear in the causes and exponential only in
 * the findings seen active (Heckerman, A Tractable Inference Algorithm for Diagnosing Multiple Diseases, UAI 1989).
 *
 * Heckerman's sum has a term for each set of findings, with alternating signs: for rare findings the terms cancel, and
 * digits are lost. The same sum is taken here one cause after another, over the set of findings that are explained so
 * far, which has no minus.
 */
export function quickscore({ causes, inactive, factor }: TwoLayers): number {
  const explained = new Float64Array(2 ** inactive.length);
  const spreads = new Float64Array(explained.length);
  explained[0] = factor;
  spread(explained, inactive);
  let log = 0;
  for (const { inactive: without, active, passes } of causes) {
    spreads.set(explained);
    spread(spreads, passes);
    let peak = 0;
    for (let set = 0; set < explained.length; set++) {
      const value = without * (explained[set] ?? 0) + active * (spreads[set] ?? 0);
      explained[set] = value;
      if (value > peak) peak = value;
    }
    // Causes by the thousand make small numbers smaller: keep them near 1.
    if (peak > 0 && peak < 1e-100) {
      for (let set = 0; set < explained.length; set++) explained[set] = (explained[set] ?? 0) / peak;
      log += Math.log(peak);
    }
  }
  return log + Math.log(explained[explained.length - 1] ?? 0);
}

/** Each finding that is not in a set joins it with the probability that it is not passed. */
function spread(explained: Float64Array, passes: readonly number[]): void {
  for (const [finding, pass] of passes.entries()) {
    if (pass === 1) continue;
    const bit = 1 << finding;
    for (let block = 0; block < explained.length; block += 2 * bit) {
      for (let set = block; set < block + bit; set++) {
        const value = explained[set] ?? 0;
        const kept = value * pass;
        explained[set] = kept;
        explained[set + bit] = (explained[set + bit] ?? 0) + (value - kept);
      }
    }
  }
}
