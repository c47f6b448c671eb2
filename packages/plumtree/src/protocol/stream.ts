import type { PeerId } from "@void-system/effects";
import { CounterSet } from "./counter-set.ts";

/** A message that is kept for peers that miss it. */
export interface KeptMessage {
  readonly payload: Uint8Array;
  /** Links behind it. */
  readonly round: number;
  /** Time of its broadcast by this node's monotonic clock. Time on links is not counted. */
  readonly bornMs: number;
  /** Peer that sent it first, or this node itself. */
  readonly from: PeerId;
  /** Time of its first announcement, if it was announced before it came. */
  readonly announcedMs: number | undefined;
  /** True if it was asked for, until the tree has brought it, too, or has been mended. */
  isInDoubt: boolean;
  /** Peers that are known to have it, until it has been announced. */
  holders: PeerId[] | undefined;
}

/** A message of another node, in the form in which it is delivered. */
export interface Arrival {
  readonly counter: number;
  readonly payload: Uint8Array;
  readonly hops: number;
}

/** One epoch of an origin, as far as a node knows it. */
export class Stream {
  readonly origin: PeerId;
  readonly epoch: number;
  /** Counters received. Counters of a gap count as received, so that nothing is delivered after its gap. */
  readonly got: CounterSet = new CounterSet();
  readonly kept: Map<number, KeptMessage> = new Map();
  /** All messages received from this counter on are kept. */
  keptFrom = 1;
  /** Messages that wait for earlier ones, if delivery is ordered. */
  readonly held: Map<number, Arrival> = new Map();
  /** Counters up to here have been delivered or reported. */
  releasedTo = 0;
  /** Time of the last step towards filling the holes. */
  progressMs = 0;
  /** Highest counter that a peer has had in a digest, or has announced and not sent. */
  knownTo = 0;
  /** False while it may have been received in a part of the past that this node does not remember. */
  readonly isKnown: boolean;

  constructor(origin: PeerId, epoch: number, isKnown: boolean) {
    this.origin = origin;
    this.epoch = epoch;
    this.isKnown = isKnown;
  }

  /** Highest counter that is known to have been broadcast. */
  get top(): number {
    return Math.max(this.got.high, this.knownTo);
  }

  /** True if nothing is missing. */
  get isWhole(): boolean {
    return this.got.low >= this.top;
  }
}
