/**
 * Bookkeeping of a driver: frames being opened, outputs being held, timers that are set.
 */
import type { Input, Output } from "../core.ts";
import type { Cancel } from "../world.ts";

/** A frame in `Wire.open`. */
export interface Opening<M, Q> {
  /** The input that the frame became, or the reason for its rejection. */
  decided?: Input<M, Q> | string;
  /** Set once `Wire.open` has returned. */
  late?: true;
}

/** The frames of a peer. */
export interface Peer<M, Q> {
  /** Frames that are undecided, and frames behind them that wait to keep the peer's order. */
  readonly openings: Opening<M, Q>[];
  rejections: number;
}

/** A send or a delivery that a core has put out. */
export interface Leaving<M, R, D> {
  readonly output: Extract<Output<M, R, D>, { type: "send" | "deliver" }>;
  /** The log position that it waits for. */
  readonly after: number;
  /** The frame of a send, once it is sealed. */
  frame?: Uint8Array;
}

/** A timer that is set. */
export interface Timer {
  /** The input for the core. The object is also the timer's identity. */
  readonly input: object;
  readonly cancel: Cancel;
}
