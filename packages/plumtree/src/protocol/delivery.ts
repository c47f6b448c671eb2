import type { PeerId } from "@void-system/effects";
import type { MessageId } from "../brand.ts";

/** Event that a core delivers. */
export type PlumtreeDelivery = ArrivedMessage | Gap | NewEpoch;

/** A message of another node that has arrived. */
export interface ArrivedMessage {
  readonly type: "message";
  /** Its id. */
  readonly id: MessageId;
  /** Node that broadcast it, as far as the peers that relayed it can be trusted. */
  readonly origin: PeerId;
  /** Epoch of that node. */
  readonly epoch: number;
  /** Number of the broadcast in that epoch, from 1. */
  readonly counter: number;
  /** Bytes that were broadcast. */
  readonly payload: Uint8Array;
  /** Number of links that it took. */
  readonly hops: number;
}

/** Broadcasts of one origin that will not be delivered, because no peer keeps them any longer. */
export interface Gap {
  readonly type: "gap";
  /** Node that broadcast them. */
  readonly origin: PeerId;
  /** Epoch of that node. */
  readonly epoch: number;
  /**
   * Counter of the first. Undefined if this node does not remember the beginning: then it may have delivered some of
   * them in an earlier life, or before it forgot the origin.
   */
  readonly from: number | undefined;
  /** Counter of the last. */
  readonly to: number;
}

/** The epoch in which this node's next broadcasts are numbered, from 1. */
export interface NewEpoch {
  readonly type: "epoch";
  /** The new epoch. */
  readonly epoch: number;
}
