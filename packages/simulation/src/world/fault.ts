/**
 * Faults as plain data. A list of faults can be drawn, saved, shrunk and replayed.
 */
import type { LinkConditions } from "./link-conditions.ts";

/** The beginning of a fault. */
export interface FaultTime {
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
}

/** A fault that ends by itself. Without `forMs` it lasts to the end of the run, or until liveness mode heals it. */
export interface LastingFault extends FaultTime {
  /** Duration in virtual milliseconds. */
  readonly forMs?: number;
}

/** A fault of one node. */
export interface NodeFault extends LastingFault {
  /** Name of the node. */
  readonly node: string;
}

/** A power cut. The disk forgets everything that was not synced. It ends with a restart over the same disk. */
export interface CrashFault extends NodeFault {
  readonly kind: "crash";
}

/** A stopped process or a stalled machine. The node's events wait until it continues. */
export interface PauseFault extends NodeFault {
  readonly kind: "pause";
}

/**
 * Cuts all links between nodes of different groups. Nodes in no group form one more group. A partition replaces an
 * earlier one.
 */
export interface PartitionFault extends LastingFault {
  readonly kind: "partition";
  /** Groups of nodes that can still reach each other. */
  readonly groups: readonly (readonly string[])[];
}

/** A fault of one direction of one link. */
export interface WayFault extends LastingFault {
  /** Sender. */
  readonly from: string;
  /** Receiver. */
  readonly to: string;
}

/** A silent one-way partition: every frame in this direction is lost, and the link stays up. */
export interface BlockFault extends WayFault {
  readonly kind: "block";
}

/** Holds back the frames in this direction. They arrive in order when the fault ends. */
export interface ClogFault extends WayFault {
  readonly kind: "clog";
}

/** Gives this direction other conditions: slower, say, or lossier. */
export interface LinkFault extends WayFault {
  readonly kind: "link";
  /** Conditions that differ from the usual ones. */
  readonly conditions: LinkConditions;
}

/** Takes the link between two nodes down and up, over and over. */
export interface FlapFault extends LastingFault {
  readonly kind: "flap";
  /** Both ends of the link. */
  readonly between: readonly [string, string];
  /** Virtual milliseconds that the link is down, and then up. */
  readonly periodMs: number;
}

/** Sets the wall clock of a node forward (or back). */
export interface ClockJumpFault extends FaultTime {
  readonly kind: "clock-jump";
  /** Name of the node. */
  readonly node: string;
  /** Milliseconds to add to the clock. */
  readonly byMs: number;
}

/** Makes both clocks and the timers of a node run too fast (or too slow). */
export interface ClockRateFault extends NodeFault {
  readonly kind: "clock-rate";
  /** Drift in millionths; negative if too slow. */
  readonly driftPpm: number;
}

/** Stops the wall clock of a node. It jumps to the right time when the fault ends. */
export interface ClockFreezeFault extends NodeFault {
  readonly kind: "clock-freeze";
}

/** Makes syncs and checkpoints fail for lack of space. */
export interface DiskFullFault extends NodeFault {
  readonly kind: "disk-full";
}

/** Makes each sync, open and checkpoint take longer. */
export interface DiskSlowFault extends NodeFault {
  readonly kind: "disk-slow";
  /** Milliseconds to add to each operation. */
  readonly byMs: number;
}

/**
 * Damages a durable record: the next `open` of its log answers with `LogDamagedError`, as a real log does. Nothing
 * happens if no log holds a record.
 */
export interface BitRotFault extends FaultTime {
  readonly kind: "bit-rot";
  /** Name of the node. */
  readonly node: string;
}

/** A fault of a run, as plain JSON data. */
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

/** Kind of a {@link Fault}. */
export type FaultKind = Fault["kind"];
