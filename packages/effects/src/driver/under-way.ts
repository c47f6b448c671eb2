/**
 * What is under way in a driver.
 */
import type { Input, Output } from "../core.ts";
import type { Cancel } from "../world.ts";

/** A frame on its way through `Wire.open`. */
export interface Opening<M, Q> {
  /** What it became, or why it was rejected. */
  decided?: Input<M, Q> | string;
  /** `Wire.open` has returned. */
  late?: true;
}

/** A peer, as far as its frames go. */
export interface Peer<M, Q> {
  /** Those that are undecided, or wait behind one that is: its messages keep their order. */
  readonly openings: Opening<M, Q>[];
  rejections: number;
}

/** A send or a delivery on its way out of a core. */
export interface Leaving<M, R, D> {
  readonly output: Extract<Output<M, R, D>, { type: "send" | "deliver" }>;
  /** The log position that it waits for. */
  readonly after: number;
  /** What a send looks like to others, once it is sealed. */
  frame?: Uint8Array;
}

/** A timer that is set. */
export interface Timer {
  /** What the core will be told: the very object is also the timer's identity. */
  readonly input: object;
  readonly cancel: Cancel;
}
