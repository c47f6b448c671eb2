import type { MessageId } from "./brand.ts";

/** What peers say to each other (Leitão et al. 2007), with ids in batches. */
export type PlumtreeMessage = Gossip | Hello | Ids;

/** I take you for a neighbour. HyParView's NEIGHBOR, without its conditions. */
export interface Hello {
  readonly type: "hello";
  /** Whether the sender wants to hear the same. */
  readonly answer: boolean;
}

/** Something about messages that are named. */
export interface Ids {
  /**
   * `ihave`: I have these. `graft`: send me these, and from now on push to me. `prune`: I had this from another one,
   * push to me no longer. `seen`: these have come, announce them to me no longer; the paper needs no such message,
   * because its links lose nothing.
   */
  readonly type: "ihave" | "graft" | "prune" | "seen";
  /** Which messages: 1 to 256. */
  readonly ids: readonly MessageId[];
}

/** A payload, along the tree. */
export interface Gossip {
  readonly type: "gossip";
  /** Its name. */
  readonly id: MessageId;
  /** Hops behind it: 1 from its origin. */
  readonly round: number;
  /** Milliseconds that it has lain with nodes since its broadcast; time on links is not counted. */
  readonly ageMs: number;
  /** What was broadcast. */
  readonly payload: Uint8Array;
}
