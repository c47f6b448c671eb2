import type { MessageId } from "./brand.ts";

/** What peers say to each other (Leitão et al. 2007, §3.2), with ids in batches. */
export type PlumtreeMessage =
  /** A payload, along the tree. */
  | Gossip
  /** I take you for a neighbour; with `answer`, tell me that you do so too. HyParView's NEIGHBOR, without its conditions. */
  | { readonly type: "hello"; readonly answer: boolean }
  /** I have these. */
  | { readonly type: "ihave"; readonly ids: readonly MessageId[] }
  /** Send me these, and from now on push to me. */
  | { readonly type: "graft"; readonly ids: readonly MessageId[] }
  /** I had this from another one: push to me no longer. */
  | { readonly type: "prune"; readonly ids: readonly MessageId[] }
  /** These have come: announce them to me no longer. The paper needs no such message, because its links lose nothing. */
  | { readonly type: "seen"; readonly ids: readonly MessageId[] };

/** A payload on its way. */
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
