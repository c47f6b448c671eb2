import { bestFit } from "./best-fit.ts";
import { clusters } from "./clusters.ts";
import { dotProduct } from "./dot-product.ts";
import { firstFit } from "./first-fit.ts";
import { previous } from "./previous.ts";
import { roundRobin } from "./round-robin.ts";
import type { Start } from "./start.ts";

/** Name of a start. A new one is a file beside these, and its name here and in `STARTS`. */
export type StartName = "bestFit" | "previous" | "clusters" | "roundRobin" | "firstFit" | "dotProduct";

/** Every start, in the order in which the search makes them; the first one is made when the problem is compiled. */
export const STARTS: Readonly<Record<StartName, Start>> = { bestFit, previous, clusters, roundRobin, firstFit, dotProduct };
