/**
 * Faults as plain data: a list of them can be drawn, saved, shrunk and replayed.
 */
import type { LinkConditions } from "./link-conditions.ts";

/** When a fault begins, and for how long it lasts. */
export interface FaultTime {
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
}

/** A fault that ends by itself; without `forMs` it lasts to the end of the run, or until liveness mode heals it. */
export interface LastingFault extends FaultTime {
  /** Virtual milliseconds from its beginning to its end. */
  readonly forMs?: number;
}

/** A fault of one node. */
export interface NodeFault extends LastingFault {
  /** Whom it befalls. */
  readonly node: string;
}

/** A power cut: the disk forgets what was not synced. It ends with a restart over the same disk. */
export interface CrashFault extends NodeFault {
  readonly kind: "crash";
}

/** A stopped process or a stalled machine: what happens to it waits until it goes on. */
export interface PauseFault extends NodeFault {
  readonly kind: "pause";
}

/** Cuts all links between nodes of different groups; nodes in none form one more. It replaces an earlier partition. */
export interface PartitionFault extends LastingFault {
  readonly kind: "partition";
  /** Who can still reach whom. */
  readonly groups: readonly (readonly string[])[];
}

/** A fault of one direction of one link. */
export interface WayFault extends LastingFault {
  /** Who sends. */
  readonly from: string;
  /** Who receives. */
  readonly to: string;
}

/** A one-way partition without a sign: every frame of this direction is lost, and the link stays up. */
export interface BlockFault extends WayFault {
  readonly kind: "block";
}

/** Frames of this direction wait; when it ends they arrive, in order. */
export interface ClogFault extends WayFault {
  readonly kind: "clog";
}

/** This direction behaves otherwise: slower, lossier. */
export interface LinkFault extends WayFault {
  readonly kind: "link";
  /** What is different. */
  readonly conditions: LinkConditions;
}

/** The link between two nodes goes down and up again, over and over. */
export interface FlapFault extends LastingFault {
  readonly kind: "flap";
  /** The two ends. */
  readonly between: readonly [string, string];
  /** Virtual milliseconds that it is down, then up. */
  readonly periodMs: number;
}

/** The wall clock is set forward (or back). */
export interface ClockJumpFault extends FaultTime {
  readonly kind: "clock-jump";
  /** Whose clock. */
  readonly node: string;
  /** By how much. */
  readonly byMs: number;
}

/** Both clocks and the timers of a node run too fast (or too slow). */
export interface ClockRateFault extends NodeFault {
  readonly kind: "clock-rate";
  /** By how many millionths. */
  readonly driftPpm: number;
}

/** The wall clock stands still; when it ends it is right again, so it jumps. */
export interface ClockFreezeFault extends NodeFault {
  readonly kind: "clock-freeze";
}

/** Syncs and checkpoints fail: no space. */
export interface DiskFullFault extends NodeFault {
  readonly kind: "disk-full";
}

/** Each sync, open and checkpoint takes longer. */
export interface DiskSlowFault extends NodeFault {
  readonly kind: "disk-slow";
  /** By how much. */
  readonly byMs: number;
}

/**
 * A durable record rots: the next `open` of its log answers with `LogDamagedError`, as the real one does. Nothing
 * happens when no log holds a record.
 */
export interface BitRotFault extends FaultTime {
  readonly kind: "bit-rot";
  /** Whose disk. */
  readonly node: string;
}

/** Something that goes wrong in a run, as plain JSON data. */
export type Fault =
  | CrashFault
  | PauseFault
  | PartitionFault
  | BlockFault
  | ClogFault
  | LinkFault
  | FlapFault
  | ClockJumpFault
  | ClockRateFault
  | ClockFreezeFault
  | DiskFullFault
  | DiskSlowFault
  | BitRotFault;

/** Tells the faults apart. */
export type FaultKind = Fault["kind"];
