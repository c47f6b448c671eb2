import type { PeerId } from "@void-system/effects";
import type { CounterRange } from "../protocol/counter-set.ts";

/** Messages between peers (Leitão et al. 2007), with ids in runs. */
export type PlumtreeMessage = Gossip | Sync | Announce | Graft | Prune | Gone | MembershipMessage;

/** Messages of HyParView, which maintain the views. */
export type MembershipMessage = Join | ForwardJoin | Neighbor | NeighborReply | Disconnect | Shuffle | ShuffleReply;

/** A payload, along the tree or as the answer to a GRAFT. */
export interface Gossip {
  readonly type: "gossip";
  /** Node that broadcast it. */
  readonly origin: PeerId;
  /** Epoch of that node. */
  readonly epoch: number;
  /** Number of the broadcast in that epoch, from 1. */
  readonly counter: number;
  /** Links behind it: 1 from its origin. */
  readonly round: number;
  /** Milliseconds that it has spent at nodes since its broadcast. Time on links is not counted. */
  readonly ageMs: number;
  /** Bytes that were broadcast. */
  readonly payload: Uint8Array;
}

/** Digest of everything that a node has received: greeting of a new link, and comparison after a loss. */
export interface Sync {
  readonly type: "sync";
  /** Asks for the receiver's digest. */
  readonly answer: boolean;
  /** Marks the last frame of a digest. */
  readonly last: boolean;
  /** Epochs of origins, at most 256 in a frame. */
  readonly streams: readonly StreamDigest[];
}

/** State of one epoch of an origin at a node. */
export interface StreamDigest {
  /** Node that broadcast. */
  readonly origin: PeerId;
  /** Epoch of that node. */
  readonly epoch: number;
  /** All counters up to here were received, or have become gaps. */
  readonly low: number;
  /** Counters received from here on can be asked for. */
  readonly keptFrom: number;
  /** Counters received above `low`. */
  readonly runs: readonly CounterRange[];
}

/** Names of consecutive broadcasts of one epoch. */
export interface IdRun {
  /** Node that broadcast the messages. */
  readonly origin: PeerId;
  /** Epoch of that node. */
  readonly epoch: number;
  /** Counter of the first. */
  readonly from: number;
  /** Number of broadcasts, at least 1. */
  readonly length: number;
  /** Links behind them at the sender. Zero where it does not matter. */
  readonly round: number;
}

/** Announces broadcasts that the sender has, and measures the link as TCP's timestamps do. */
export interface Announce {
  readonly type: "ihave";
  /** Sender's clock, in milliseconds modulo 2^32. */
  readonly sentMs: number;
  /** Last `sentMs` of the receiver that the sender knows, and for how long it has: 0 and 0 if there is none. */
  readonly echoMs: number;
  /** Time since that stamp came, in milliseconds. */
  readonly heldMs: number;
  /** Announced ids. */
  readonly runs: readonly IdRun[];
}

/** Asks for broadcasts. */
export interface Graft {
  readonly type: "graft";
  /** Makes the link a part of the tree, too. */
  readonly link: boolean;
  /** May be empty with `link`. */
  readonly runs: readonly IdRun[];
}

/** Takes the link out of the tree. */
export interface Prune {
  readonly type: "prune";
}

/** Answers a GRAFT for broadcasts that the sender keeps no longer. */
export interface Gone {
  readonly type: "gone";
  /** Ids that cannot be served. */
  readonly runs: readonly IdRun[];
}

/** Asks a contact for a place in its active view, and for further neighbours. */
export interface Join {
  readonly type: "join";
  /** Record of the sender. */
  readonly record: Uint8Array;
}

/** Carries the record of a new node along a random walk, whose end becomes its neighbour. */
export interface ForwardJoin {
  readonly type: "forward-join";
  /** Links that it still walks along. */
  readonly links: number;
  /** Record of the new node. */
  readonly record: Uint8Array;
}

/** Asks for a place in the receiver's active view, or for a sign of life if it has one. */
export interface Neighbor {
  readonly type: "neighbor";
  /** True if the receiver has to make room, because the sender has too few neighbours. */
  readonly isHigh: boolean;
  /** Record of the sender. */
  readonly record: Uint8Array;
}

/** Answers {@link Join} and {@link Neighbor}. */
export interface NeighborReply {
  readonly type: "neighbor-reply";
  /** True if the receiver is in the sender's active view now. */
  readonly isAccepted: boolean;
  /** Records, that of the sender first. The others are for the passive view of the receiver. */
  readonly records: readonly Uint8Array[];
}

/** Ends a neighbourhood. The receiver hangs up. */
export interface Disconnect {
  readonly type: "disconnect";
  /** Records, at most one: that of the node which has taken the place of the receiver, and has room for it. */
  readonly records: readonly Uint8Array[];
}

/** Offers records to the node at the end of a random walk, for its passive view. */
export interface Shuffle {
  readonly type: "shuffle";
  /** Links that it still walks along. */
  readonly links: number;
  /** Nodes that it has come from, its origin first. */
  readonly path: readonly PeerId[];
  /** Records, that of the origin first. */
  readonly records: readonly Uint8Array[];
}

/** Answers a {@link Shuffle}, on the way back. */
export interface ShuffleReply {
  readonly type: "shuffle-reply";
  /** Nodes that it still passes, its destination first. */
  readonly path: readonly PeerId[];
  /** Records for the passive view of the destination. */
  readonly records: readonly Uint8Array[];
}
