import type * as scene from "./scene.ts";

/** Names that each program of the suite imports from the scene. */
export const NAMES: readonly (keyof typeof scene | `type ${string}`)[] = [
  "AffineResource", "LinearContext", "LinearResource", "type A", "type Handle", "type R", "assertNever", "assertOpen", "c", "d",
  "fail", "handles", "isOpen", "items", "kind", "later", "make", "makeAffine", "makeAsync", "maybe", "open", "peek", "shape",
  "show", "type Sink", "each", "give", "lend", "swallow", "table", "take", "takeAsync", "work", "workAsync",
];
