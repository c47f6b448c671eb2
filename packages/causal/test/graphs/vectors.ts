import { readFileSync } from "node:fs";
import type { Edge } from "../../src/graphs/index.ts";

/** One graph of `vectors/graphs.json`. */
export interface GraphVector {
  readonly id: string;
  readonly nodes: readonly string[];
  readonly edges: readonly Edge[];
  readonly latents: readonly string[];
  readonly exposure: string;
  readonly outcome: string;
  readonly minimalAdjustmentSets: readonly (readonly string[])[];
  readonly instruments: readonly { readonly iv: string; readonly given: readonly string[] }[];
  readonly dsep: readonly { readonly x: string; readonly y: string; readonly given: readonly string[]; readonly dsep: boolean }[];
  readonly cpdag: readonly string[];
}

/** Graphs that dagitty, networkx and brute force agree on. */
export const VECTORS: readonly GraphVector[] = JSON.parse(
  readFileSync(new URL("../vectors/graphs.json", import.meta.url), "utf8"),
).dags;
