import type { PeerId } from "../brand.ts";
import type { Output } from "../core.ts";
import type { HostParts } from "./host-parts.ts";

/** A send or a delivery on its way out of a core. */
export interface Leaving<M, R, D> {
  readonly output: Extract<Output<M, R, D>, { type: "send" | "deliver" }>;
  /** The log position that it waits for. */
  readonly after: number;
  /** Whom a send goes to, besides oneself, once it is sealed. */
  others?: readonly PeerId[];
  /** There is one when there are others. */
  frame?: Uint8Array;
  /** It goes to oneself, too. */
  toSelf?: boolean;
}

/** Makes the frame of a send, once: before it has to leave, when it waits. */
export function seal<M, Q, R, D>(leaving: Leaving<M, R, D>, { world, wire }: HostParts<M, Q, R, D>): void {
  const { output } = leaving;
  if (output.type === "deliver" || leaving.others) return;
  const to = typeof output.to === "string" ? [output.to] : output.to;
  const others = to.filter((peer) => peer !== world.network.self);
  leaving.others = others;
  leaving.toSelf = others.length < to.length;
  if (others.length > 0) leaving.frame = wire.seal(output.message, others);
}
