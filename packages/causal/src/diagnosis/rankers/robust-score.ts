import type { Ranker } from "./ranker.ts";

/** Largest deviation from the normal median, in robust standard deviations, as BARO scores it (Pham, Ha and Zhang, 2024). */
export const robustScore: Ranker = ({ evidence: { measured } }) =>
  Float64Array.from(measured, (node) => {
    let most = 0;
    for (const deviation of node?.incident ?? []) if (deviation > most) most = deviation;
    return node ? most / node.baseline.spread : 0;
  });
