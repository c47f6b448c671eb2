/**
 * The casts that branded types need, and nothing else: every other file gets its brands from here.
 */
import { type PeerId, peerId } from "@void-system/effects";

/**
 * The name of one broadcast, `origin/epoch/counter`: who broadcast it, in which life of that node (12 hex digits drawn
 * by chance when it starts), and the number of the broadcast in that life, from 1.
 */
export type MessageId = string & {
  /** Marks it; there is no such property. */
  readonly __brand: "MessageId";
};

/** The id of a node's broadcast number `counter` in its life `epoch`, both whole numbers of at most 48 bits. */
export function messageId(origin: PeerId, epoch: number, counter: number): MessageId {
  return `${epochPrefix(origin, epoch)}${counter}` as MessageId;
}

/** What all ids of one life of a node begin with. */
export function epochPrefix(origin: PeerId, epoch: number): string {
  return `${origin}/${epoch.toString(16).padStart(12, "0")}/`;
}

/** The parts of an id. */
export function partsOf(id: MessageId): { readonly origin: PeerId; readonly epoch: number; readonly counter: number } {
  const [origin = "", epoch = "", counter = ""] = id.split("/");
  return { origin: peerId(origin), epoch: Number.parseInt(epoch, 16), counter: Number(counter) };
}
