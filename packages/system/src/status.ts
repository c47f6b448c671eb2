/**
 * Status of a node: of its protocols, of the whole system, and the part of it that commands show.
 */
import type { ListenAddress } from "./listen.ts";
import type { Problem } from "./node/problems.ts";
import type { Placement } from "./store/placement.ts";

/** The part of a node in decisions. */
export type Role = "replica" | "observer" | "solo";

/** Two statements of one kind about one place that one replica has signed. */
export interface Lie {
  /** The replica. */
  readonly culprit: string;
  /** Kind of the statements, such as `commit`. */
  readonly kind: string;
  /** The view; 0 for a checkpoint. */
  readonly view: number;
  /** The sequence number. */
  readonly sequence: number;
  /** The proof in hex, for `verifyEvidence` of `@void-system/crypto`. */
  readonly evidence: string;
}

/** The status of a node, as it reports it. */
export interface NodeStatus {
  /** The node's name. */
  readonly nodeId: string;
  /** The cluster's name. */
  readonly cluster: string;
  /** The node's part in decisions. */
  readonly role: Role;
  /** True while clients are served. */
  readonly ready: boolean;
  /** The failures that an acknowledged write survives, for people. */
  readonly durability: string;
  /** Problems that the node sees, of itself and of its peers, the red ones first. */
  readonly problems: readonly Problem[];
  /** The view that its replica is in. */
  readonly view?: number;
  /** The primary of that view. */
  readonly primary?: string;
  /** True while the replica waits for the next view to begin. */
  readonly inViewChange?: boolean;
  /** True while other replicas have executed more. */
  readonly catchingUp?: boolean;
  /** Sequence number of the last executed batch; without agreement, of the last operation. */
  readonly executed?: number;
  /** Sequence number of the newest checkpoint that a quorum vouches for. */
  readonly stableCheckpoint?: number;
  /** Hex; equal on all replicas at the same `executed`. */
  readonly stateDigest?: string;
  /** Keys in the store. */
  readonly keys?: number;
  /** Bytes that the store counts for them, older values included. */
  readonly stateBytes?: number;
  /** Bytes of the values of now and their keys, which `maxStateBytes` bounds. */
  readonly liveBytes?: number;
  /** Most of these bytes: a write beyond it fails. */
  readonly maxStateBytes?: number;
  /** Nodes that are linked with this one. */
  readonly links: readonly string[];
  /** Capacity that the node offers to placements. */
  readonly capacity: Readonly<Record<string, number>>;
  /** Services by the decided placement, as far as this node knows. */
  readonly placement?: Placement;
  /** Counters of its gateway. */
  readonly gateway: Readonly<Record<string, number>>;
  /** Counters of the driver of its log. */
  readonly log: Readonly<Record<string, number>>;
  /** Replicas that have signed two contradicting statements, as this replica has found in this life or an earlier one. */
  readonly lies?: readonly Lie[];
  /** Counters of its replica. */
  readonly counters?: Readonly<Record<string, number>>;
}

/** The status of a node and of the process that it runs in. */
export interface SystemStatus extends NodeStatus {
  /** Process id. */
  readonly pid: number;
  /** Age of the process. */
  readonly uptimeSeconds: number;
  /** Addresses of the front ends. */
  readonly faces: Readonly<Record<string, ListenAddress>>;
  /** The last status that each other node broadcast. */
  readonly heard: Readonly<Record<string, unknown>>;
}

/** The part of `/status` that the commands of the CLI read. */
export type ShownStatus = Pick<
  SystemStatus,
  "nodeId" | "ready" | "pid" | "view" | "executed" | "stateDigest" | "keys" | "placement"
> &
  Partial<Pick<SystemStatus, "capacity" | "problems">>;
