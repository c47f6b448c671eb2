/**
 * The agreed time, as a client knows it: never more than the cluster's, and most of it from the last answer on. A client whose
 * clock is wrong signs its requests by this one.
 */
import type { Now } from "@void-system/effects";

/** A lower bound of the agreed time that grows with the client's monotonic clock. */
export class ClusterTime {
  #aheadOfMonotonicMs: number | undefined;

  /** Learns of an agreed time that a correct replica has reached. */
  learn(agreedMs: number, { monotonicMs }: Now): void {
    this.#aheadOfMonotonicMs = Math.max(this.#aheadOfMonotonicMs ?? -Infinity, agreedMs - monotonicMs);
  }

  /** The agreed time now, about. Until the cluster has answered it is this machine's clock. */
  nowMs({ wallMs, monotonicMs }: Now): number {
    const ahead = this.#aheadOfMonotonicMs;
    return Math.max(0, Math.floor(ahead === undefined ? wallMs : monotonicMs + ahead));
  }
}
