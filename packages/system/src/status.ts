/**
 * Status of a node: of its protocols, of the whole system, and the part of it that commands show.
 */
import type { ListenAddress } from "./listen.ts";
import type { Placement } from "./store/placement.ts";

/** How a node takes part in decisions. */
export type Role = "replica" | "observer" | "solo";

/** What a node says of itself. */
export interface NodeStatus {
  /** Its name. */
  readonly nodeId: string;
  /** Its cluster's name. */
  readonly cluster: string;
  /** How it takes part in decisions. */
  readonly role: Role;
  /** Whether clients are served now. */
  readonly ready: boolean;
  /** What an acknowledged write has survived. */
  readonly durability: string;
  /** The view that its replica is in. */
  readonly view?: number;
  /** The primary of that view. */
  readonly primary?: string;
  /** Whether it waits for the next view to begin. */
  readonly inViewChange?: boolean;
  /** Whether others have executed more than it has. */
  readonly catchingUp?: boolean;
  /** Sequence number of the last executed batch; without agreement, of the last operation. */
  readonly executed?: number;
  /** Sequence number of the newest checkpoint that a quorum vouches for. */
  readonly stableCheckpoint?: number;
  /** Hex; equal on all replicas at the same `executed`. */
  readonly stateDigest?: string;
  /** Keys in the store. */
  readonly keys?: number;
  /** Bytes that the store counts for them. */
  readonly stateBytes?: number;
  /** Nodes that are linked with this one. */
  readonly links: readonly string[];
  /** What it offers to placements. */
  readonly capacity: Readonly<Record<string, number>>;
  /** Services by the decided placement, as far as this node knows. */
  readonly placement?: Placement;
  /** Counters of its gateway. */
  readonly gateway: Readonly<Record<string, number>>;
  /** Counters of the driver of its log. */
  readonly log: Readonly<Record<string, number>>;
  /** Counters of its replica. */
  readonly counters?: Readonly<Record<string, number>>;
}

/** What `status()` adds to a node's own status. */
export interface SystemStatus extends NodeStatus {
  /** Its process. */
  readonly pid: number;
  /** How long that process has run. */
  readonly uptimeSeconds: number;
  /** Where the faces listen. */
  readonly faces: Readonly<Record<string, ListenAddress>>;
  /** What the others last broadcast of themselves. */
  readonly heard: Readonly<Record<string, unknown>>;
}

/** The part of `/status` that the commands of the CLI read. */
export type ShownStatus = Pick<
  SystemStatus,
  "nodeId" | "ready" | "pid" | "view" | "executed" | "stateDigest" | "keys" | "placement"
> &
  Partial<Pick<SystemStatus, "capacity">>;
