import type { PeerId } from "../brand.ts";
import type { Output } from "../core.ts";

/** A send or a delivery on its way out of a core. */
export interface Leaving<M, R, D> {
  readonly output: Extract<Output<M, R, D>, { type: "send" | "deliver" }>;
  /** The log position that it waits for. */
  readonly after: number;
  /** What a send looks like to others, once it is sealed. */
  frame?: Uint8Array;
}

/** One peer, or some. */
export function peersOf(to: PeerId | readonly PeerId[]): readonly PeerId[] {
  return typeof to === "string" ? [to] : to;
}
