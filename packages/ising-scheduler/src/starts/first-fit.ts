import { packLargestFirst } from "./packing.ts";
import type { Start } from "./start.ts";

/** First fit decreasing: largest tasks first, each on the first node where it fits. */
export const firstFit: Start = (problem, stopped) => packLargestFirst(problem, stopped);
