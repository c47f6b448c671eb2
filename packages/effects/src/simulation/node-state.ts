/**
 * A node, as one sees it who has stopped time.
 */
import type { PeerId } from "../brand.ts";
import type { EventName } from "./event-heap.ts";
import type { LogContents } from "./simulated-disk.ts";

/** Something that will happen to a node. */
export interface PendingEvent {
  /** What kind of thing. */
  readonly kind: EventName;
  /** When it is due, in virtual milliseconds. */
  readonly atMs: number;
  /** Frames and links: the other end. */
  readonly peer: PeerId | undefined;
}

/** What a node is and knows at a moment of a run. */
export interface NodeState {
  /** Who. */
  readonly id: PeerId;
  /** True from its start to its crash or the end of its stop. */
  readonly running: boolean;
  /** True while it is frozen. */
  readonly paused: boolean;
  /** Its wall clock. */
  readonly wallMs: number;
  /** The links that it believes to be up. */
  readonly links: readonly PeerId[];
  /** What is on its disk, by the names of its logs. */
  readonly logs: Readonly<Record<string, LogContents>>;
  /** What will happen to it, the next first. */
  readonly pending: readonly PendingEvent[];
  /** What its boot's `state` tells; nothing when it has none or is down. */
  readonly state: unknown;
}
