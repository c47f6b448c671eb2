import type { PeerId } from "@void-system/effects";
import { messageId } from "../brand.ts";
import type { Step } from "./step.ts";
import type { Arrival, Stream } from "./stream.ts";

/** Hands messages and gaps of other nodes to the program: each once, and in the order of their counters if ordered. */
export class Deliveries {
  readonly #self: PeerId;
  readonly #isOrdered: boolean;
  readonly #step: Step;
  /** Bytes of all messages that wait for earlier ones. */
  #heldBytes = 0;
  #delivered = 0;
  #lost = 0;

  constructor(self: PeerId, isOrdered: boolean, step: Step) {
    this.#self = self;
    this.#isOrdered = isOrdered;
    this.#step = step;
  }

  /** Bytes of the messages that wait for earlier ones. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Returns the number of messages delivered, and of those reported as gaps. */
  stats(): { readonly delivered: number; readonly lost: number; readonly heldBytes: number } {
    return { delivered: this.#delivered, lost: this.#lost, heldBytes: this.#heldBytes };
  }

  /** Takes a message whose counter has just been added to the stream. */
  arrived(stream: Stream, arrival: Arrival): void {
    if (stream.origin === this.#self) return;
    if (!this.#isOrdered || (stream.held.size === 0 && arrival.counter === stream.got.low)) {
      stream.releasedTo = stream.got.low;
      this.#deliver(stream, arrival);
      return;
    }
    stream.held.set(arrival.counter, arrival);
    this.#heldBytes += arrival.payload.length;
    this.#release(stream);
  }

  /** Closes the holes up to a counter, and reports each as a gap. */
  close(stream: Stream, to: number): void {
    // The holes are gathered first, because closing one changes the others.
    const holes = Array.from(stream.got.holes(to));
    for (const hole of holes) {
      const from = hole.from === 1 && !stream.isKnown ? undefined : hole.from;
      const { origin, epoch } = stream;
      if (origin !== this.#self) {
        this.#lost += hole.to - hole.from + 1;
        this.#step.deliver({ type: "gap", origin, epoch, from, to: hole.to });
      }
      stream.got.raise(hole.to);
      // No message of the hole is held, and the hole may be larger than any number of steps.
      stream.releasedTo = hole.to;
      this.#release(stream);
    }
    stream.keptFrom = Math.max(stream.keptFrom, to + 1);
  }

  /** Delivers what waits for nothing any longer. */
  #release(stream: Stream): void {
    while (stream.held.size > 0 && stream.releasedTo < stream.got.low) {
      const arrival = stream.held.get((stream.releasedTo += 1));
      if (!arrival) continue;
      stream.held.delete(arrival.counter);
      this.#heldBytes -= arrival.payload.length;
      this.#deliver(stream, arrival);
    }
    if (stream.held.size === 0) stream.releasedTo = stream.got.low;
  }

  #deliver(stream: Stream, { counter, payload, hops }: Arrival): void {
    this.#delivered += 1;
    const { origin, epoch } = stream;
    this.#step.deliver({ type: "message", id: messageId(origin, epoch, counter), origin, epoch, counter, payload, hops });
  }
}
