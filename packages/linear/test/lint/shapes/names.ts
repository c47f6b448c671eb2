import type * as scene from "./scene.ts";

/** Names that each program imports from the scene. */
export const NAMES: readonly (keyof typeof scene | `type ${string}`)[] = [
  "AffineResource", "LinearContext", "LinearResource", "type Conn", "type Delivery", "type Eff", "type FileHandle", "type Lease",
  "type Need", "type Permit", "type Pool", "type Queue", "type Reply", "type Request", "type Row", "type Semaphore", "type Tx",
  "Clock", "Net", "all", "app", "begin", "bytesOf", "countRows", "discard", "ensure", "giveBack", "handle", "isAlive", "log", "openBoth",
  "openConn", "openFile", "openPair", "pool", "queue", "retriable", "run", "semaphore", "settings", "sleep", "spawn",
];
