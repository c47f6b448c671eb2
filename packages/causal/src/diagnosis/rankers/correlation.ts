import { correlation as pearson } from "../../statistics.ts";
import type { Ranker } from "./ranker.ts";

/** Correlation with the target in the incident, negative values as 0; the target itself, which always has 1, scores 0. */
export const correlation: Ranker = ({ evidence: { measured, symptom } }) =>
  Float64Array.from(measured, (node) => (node && node !== symptom ? Math.max(0, pearson(node.incident, symptom.incident)) : 0));
