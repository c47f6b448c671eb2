import { apart } from "./apart.ts";
import type { Term } from "./term.ts";

/** Weight of links whose tasks are on different nodes. */
export const communication: Term = apart(({ links }) => links);
