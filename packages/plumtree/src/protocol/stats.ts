import type { MembershipStats } from "../membership/hyparview.ts";
import type { RecentStats } from "./recent.ts";

/** Counters of a core since its start, and sizes of what it holds. */
export interface PlumtreeStats {
  /** Peers with a link. */
  readonly neighbours: number;
  /** Peers that payloads are pushed to. */
  readonly eager: number;
  /** Origins that are remembered. */
  readonly origins: number;
  /** Messages broadcast here. */
  readonly broadcast: number;
  /** Messages of others delivered here. */
  readonly delivered: number;
  /** Messages of others that were reported as gaps. */
  readonly lost: number;
  /** Payloads received again. */
  readonly duplicates: number;
  /** `duplicates / received`: this node's part of the relative message redundancy. 0 is a perfect tree. */
  readonly redundancy: number;
  /** The same for the latest messages alone, and their hops. */
  readonly recent: RecentStats;
  /** Links behind the last message that came. */
  readonly hopsLast: number;
  /** Largest number of links behind a message: the paper's last delivery hop. */
  readonly hopsMax: number;
  /** Payloads sent, one for each peer. */
  readonly payloadsSent: number;
  /** Ids announced, one for each peer. */
  readonly announced: number;
  /** Ids asked for. */
  readonly grafts: number;
  /** Links taken out of the tree, because a payload came again. */
  readonly prunes: number;
  /** Links put into the tree. */
  readonly repaired: number;
  /** Links exchanged for ones with fewer links behind them. */
  readonly optimized: number;
  /** Digests sent. */
  readonly digests: number;
  /** Ids that peers asked for, and that were kept no longer. */
  readonly unservable: number;
  /** Messages of an epoch that is older than the two newest of its origin. */
  readonly stale: number;
  /** Messages of an epoch that lies too far ahead of this node's clock. */
  readonly ahead: number;
  /** Messages and announcements under this node's name that it has not broadcast. */
  readonly forged: number;
  /** Messages and questions that exceeded the budget of their peer. */
  readonly dropped: number;
  /** Peers that announce and do not deliver. Others are asked first. */
  readonly struck: number;
  /** Announcements ignored, because the peer had too many unfulfilled ones, or exceeded its budget. */
  readonly ignored: number;
  /** Messages kept for peers that miss them. */
  readonly cached: number;
  /** Bytes that they take. */
  readonly cachedBytes: number;
  /** Messages dropped before their time, because others needed the room. */
  readonly evicted: number;
  /** Bytes of messages that wait for earlier ones of their origin. */
  readonly heldBytes: number;
  /** Messages that peers have announced and that have not come. */
  readonly missing: number;
  /** Views of a node that finds its neighbours itself. */
  readonly membership: MembershipStats | undefined;
}
