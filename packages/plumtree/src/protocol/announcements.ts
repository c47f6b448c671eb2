import { IdRuns } from "../codec/id-runs.ts";
import type { PlumtreeLimits } from "../limits.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Step } from "./step.ts";
import type { KeptMessage, Stream } from "./stream.ts";

/** Most messages that wait to be announced. One more is announced with the others at once. */
const WAITING_MAX = 1_024;

interface Fresh {
  readonly stream: Stream;
  readonly counter: number;
  readonly message: KeptMessage;
}

/**
 * New messages that were not announced to peers outside of the tree yet: the paper's lazy push. A lone message is announced
 * soon. Under load messages are gathered, so that the number of frames does not grow with that of the messages. A peer
 * that has announced a message itself needs no announcement.
 */
export class Announcements {
  readonly #step: Step;
  readonly #limits: PlumtreeLimits;
  readonly #fresh: Fresh[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;
  #dueMs = Number.POSITIVE_INFINITY;
  #announced = 0;

  constructor(step: Step, limits: PlumtreeLimits) {
    this.#step = step;
    this.#limits = limits;
  }

  /** Number of ids announced, one for each peer. */
  get announced(): number {
    return this.#announced;
  }

  /** Plans the announcement of a message. `message.holders` are the peers that have it. */
  add(stream: Stream, counter: number, message: KeptMessage): void {
    if (this.#fresh.length === 0)
      this.#dueMs = Math.max(this.#step.nowMs + this.#limits.lazyMs, this.#lastMs + this.#limits.gatherMs);
    if (this.#fresh.push({ stream, counter, message }) >= WAITING_MAX) this.#dueMs = this.#step.nowMs;
    this.#step.wake(this.#dueMs);
  }

  /** Announces what is due. */
  send(neighbours: Iterable<Neighbour>): void {
    if (this.#dueMs > this.#step.nowMs) {
      this.#step.wake(this.#dueMs);
      return;
    }
    const fresh = this.#fresh.splice(0);
    this.#lastMs = this.#step.nowMs;
    this.#dueMs = Number.POSITIVE_INFINITY;
    for (const neighbour of neighbours) {
      const ids = new IdRuns();
      for (const { stream, counter, message } of fresh) {
        if (message.holders?.includes(neighbour.peer)) continue;
        ids.add(stream, counter, message.round);
        this.#announced += 1;
      }
      const stamps = neighbour.stamps(this.#step.nowMs);
      for (const runs of ids.frames()) this.#step.send(neighbour.peer, { type: "ihave", ...stamps, runs });
    }
    for (const { message } of fresh) message.holders = undefined;
  }
}
