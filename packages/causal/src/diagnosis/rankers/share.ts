import { products } from "../../statistics.ts";
import type { Ranker } from "./ranker.ts";

/** A part that is this many times its usual largest counts half. */
const RATIO_HALF = 3;

/**
 * The share of the target's excess that is the node's own, times how unusual that is for it, times how well the node's
 * deviation follows the target's: the square of the cosine between the two, as deviations from the normal median, so that
 * a shift over the whole window counts as in step.
 */
export const share: Ranker = ({ evidence, contributions, alarm }) => {
  const { fromRow, toRow } = alarm.target.segment;
  const symptom = evidence.symptom.incident;
  return Float64Array.from(contributions, (part, node) => {
    const own = evidence.measured[node]?.incident;
    const ratio = alarm.nodes[node]?.ratio ?? 0;
    if (!part || !own) return 0;
    let [explained, whole] = [0, 0];
    for (let row = fromRow; row < toRow; row++) {
      const deviation = symptom[row] ?? Number.NaN;
      if (!Number.isFinite(deviation)) continue;
      whole += deviation;
      const here = Math.min(part.incident[row] ?? Number.NaN, deviation);
      if (!Number.isNaN(here)) explained += here;
    }
    if (explained <= 0 || whole <= 0) return 0;
    return (explained / whole) * (ratio / (ratio + RATIO_HALF)) * cosine(own, symptom) ** 2;
  });
};

/** The cosine of the angle between two series, over the rows where both have a value; 0 if it is negative. */
function cosine(a: Float64Array, b: Float64Array): number {
  const [aa, bb, ab] = products(a, b);
  return ab > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
