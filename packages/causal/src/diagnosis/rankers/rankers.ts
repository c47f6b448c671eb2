import { correlation } from "./correlation.ts";
import { excess } from "./excess.ts";
import type { Ranker } from "./ranker.ts";
import { robustScore } from "./robust-score.ts";
import { share } from "./share.ts";

/** Name of a ranker. */
export type RankerName = "share" | "excess" | "correlation" | "robust-score";

/** The rankers that {@link diagnose} knows by name. A new one is a file, a name above and a line here. */
export const RANKERS: Readonly<Record<RankerName, Ranker>> = { share, excess, correlation, "robust-score": robustScore };
