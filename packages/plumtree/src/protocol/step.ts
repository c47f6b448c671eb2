import type { Now, Output, PeerId } from "@void-system/effects";
import type { PlumtreeDelivery } from "./delivery.ts";
import type { PlumtreeMessage } from "../codec/message.ts";

/** Output of a core. */
export type PlumtreeOutput = Output<PlumtreeMessage, never, PlumtreeDelivery>;

/** Name of the only timer. */
const TIMER = "plumtree";

/** The step under way: its time and its outputs, and the time of the next one. */
export class Step {
  nowMs = 0;
  wallMs = 0;
  #out: PlumtreeOutput[] = [];
  /** Time at which something is due. */
  #dueMs = Number.POSITIVE_INFINITY;
  /** Time for which the timer is set. */
  #timerMs = Number.POSITIVE_INFINITY;

  /** Begins a step. */
  begin(now: Now): void {
    this.nowMs = now.monotonicMs;
    this.wallMs = now.wallMs;
    this.#out = [];
  }

  /** Ends the step, and returns its outputs. */
  end(): readonly PlumtreeOutput[] {
    if (this.#dueMs < this.#timerMs) {
      this.#timerMs = this.#dueMs;
      this.#out.push({ type: "timer", name: TIMER, delayMs: Math.max(0, this.#dueMs - this.nowMs) });
    }
    return this.#out;
  }

  /** Notes that the timer has fired. Everything that is due later must be planned again. */
  fired(): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    this.#timerMs = Number.POSITIVE_INFINITY;
  }

  /** Plans a step at a time, by the monotonic clock. */
  wake(atMs: number): void {
    if (atMs < this.#dueMs) this.#dueMs = atMs;
  }

  /** Sends a message. */
  send(to: PeerId | readonly PeerId[], message: PlumtreeMessage): void {
    this.#out.push({ type: "send", to, message });
  }

  /** Dials a peer. */
  dial(peer: PeerId, address: string): void {
    this.#out.push({ type: "dial", peer, address });
  }

  /** Takes the link to a peer down. */
  hangUp(peer: PeerId): void {
    this.#out.push({ type: "hang-up", peer });
  }

  /** Delivers an event. */
  deliver(value: PlumtreeDelivery): void {
    this.#out.push({ type: "deliver", value });
  }
}
