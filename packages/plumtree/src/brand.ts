/**
 * The casts that branded types need, and nothing else: every other file gets its brands from here.
 */
import type { PeerId } from "@void-system/effects";

/** Name of one broadcast, `origin/epoch/counter`, with the epoch in 14 hex digits. It is the same at every node. */
export type MessageId = string & {
  /** Exists for the type checker alone. */
  readonly __brand: "MessageId";
};

/**
 * Returns the id of a node's broadcast number `counter` in its epoch `epoch`. An epoch is a whole number below 2^53, a
 * counter one below 2^48.
 */
export function messageId(origin: PeerId, epoch: number, counter: number): MessageId {
  return `${origin}/${epoch.toString(16).padStart(14, "0")}/${counter}` as MessageId;
}
