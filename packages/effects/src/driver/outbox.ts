/**
 * What leaves a core, sends and deliveries, in order: at once, or when the log is durable up to what they name.
 */
import type { PeerId } from "../brand.ts";
import type { Output } from "../core.ts";
import { CoreContractError, DeliverFailedError } from "../errors.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { HostParts } from "./host-parts.ts";

/** A send or a delivery that waits, and the frame of the send once it is sealed. */
export interface Leaving<M, R, D> {
  readonly output: Extract<Output<M, R, D>, { type: "send" | "deliver" }>;
  frame: Uint8Array | undefined;
}

/** Sends and deliveries of one core. */
export class Outbox<M, Q, R, D> {
  readonly #parts: HostParts<M, Q, R, D>;
  readonly #self: PeerId;
  readonly #loopback: (message: M) => void;
  readonly #unsealed: Leaving<M, R, D>[] = [];
  /** Where they wait; without a log nothing may. */
  commit: CommitQueue<Leaving<M, R, D>> | undefined;
  #heldDeliveries = 0;
  readonly count = { sends: 0, loopbacks: 0, lostFull: 0, lostDown: 0, deliveries: 0 };

  /** `loopback` takes what the core sends to itself. */
  constructor(parts: HostParts<M, Q, R, D>, loopback: (message: M) => void) {
    this.#parts = parts;
    this.#self = parts.world.network.self;
    this.#loopback = loopback;
  }

  /** @throws CoreContractError when it waits for a log that there is not. */
  leave(output: Leaving<M, R, D>["output"]): void {
    const after = output.after ?? 0;
    const { commit } = this;
    const deliver = output.type === "deliver";
    if (commit ? (deliver && this.#heldDeliveries > 0) || (output.after !== undefined && commit.mustHold(after)) : after > 0) {
      if (!commit) throw new CoreContractError("no `after` without a log (`records` was left out)", `${after}`);
      const leaving: Leaving<M, R, D> = { output, frame: undefined };
      commit.hold(after, leaving);
      if (deliver) this.#heldDeliveries += 1;
      else this.#unsealed.push(leaving);
    } else this.#go(output, undefined);
  }

  /** Seals what waits: signatures are made while the disk works. */
  seal(): void {
    if (this.#unsealed.length === 0) return;
    for (const leaving of this.#unsealed) {
      if (leaving.output.type !== "send") continue;
      const others = this.#others(leaving.output.to);
      if (others.length > 0) leaving.frame = this.#parts.wire.seal(leaving.output.message, others);
    }
    this.clear();
  }

  /** Lets one go that has waited long enough. */
  release({ output, frame }: Leaving<M, R, D>): void {
    if (output.type === "deliver") this.#heldDeliveries -= 1;
    this.#go(output, frame);
  }

  /** Forgets what waits to be sealed. */
  clear(): void {
    this.#unsealed.length = 0;
  }

  #go(output: Leaving<M, R, D>["output"], frame: Uint8Array | undefined): void {
    if (output.type === "send") {
      this.#send(output.to, output.message, frame);
      return;
    }
    this.count.deliveries += 1;
    try {
      this.#parts.deliver(output.value);
    } catch (error) {
      throw new DeliverFailedError(error);
    }
  }

  #others(to: PeerId | readonly PeerId[]): readonly PeerId[] {
    if (typeof to === "string") return to === this.#self ? [] : [to];
    return to.includes(this.#self) ? to.filter((peer) => peer !== this.#self) : to;
  }

  #send(to: PeerId | readonly PeerId[], message: M, sealed: Uint8Array | undefined): void {
    const others = this.#others(to);
    if (others.length > 0) {
      const frame = sealed ?? this.#parts.wire.seal(message, others);
      for (const peer of others) {
        const fate = this.#parts.world.network.send(peer, frame);
        if (fate === "sent") this.count.sends += 1;
        else if (fate === "full") this.count.lostFull += 1;
        else this.count.lostDown += 1;
      }
    }
    if (typeof to === "string" ? to === this.#self : others.length < to.length) {
      this.count.loopbacks += 1;
      this.#loopback(message);
    }
  }
}
