import type * as scene from "./scene.ts";

/** Names that each program imports from the scene. */
export const NAMES: readonly (keyof typeof scene | `type ${string}`)[] = [
  "AffineResource", "LinearContext", "LinearResource", "type Conn", "type Handle", "type R", "type Req", "type Res", "type State",
  "acquire", "acquireAsync", "app", "c", "look", "n", "open", "release", "releaseAsync", "state", "stream", "work", "workAsync",
];
