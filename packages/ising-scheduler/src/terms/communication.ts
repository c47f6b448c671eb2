import { pairs } from "./pairs.ts";
import type { Term } from "../compile/arrays.ts";

/** Weight of links whose tasks are on different nodes. */
export const communication: Term = pairs(false, false, ({ links }) => links);
