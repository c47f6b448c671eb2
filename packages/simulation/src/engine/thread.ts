import type { CpuPrices } from "./cpu-costs.ts";
import { NO_EVENT } from "./event-table.ts";

/** The one thread of a node: until when it is busy, and the events that wait for it. */
export class Thread {
  readonly prices: CpuPrices;
  /** Nothing runs on it before this time. */
  freeAtUs = 0;
  /** The event that is planned for that time. All others of the node wait behind it, in the order of their times. */
  next: number = NO_EVENT;
  #waiting: number[] = [];
  /** Place of the first one that waits: a backlog may be long. */
  #first = 0;
  #busyUs = 0;
  #pausedUs: number | undefined;

  constructor(prices: CpuPrices) {
    this.prices = prices;
  }

  /** The events that wait, the next first; without {@link Thread.next}, which is planned. */
  get waiting(): readonly number[] {
    return this.#waiting.slice(this.#first);
  }

  /** Time for which it has worked since the beginning. */
  busyUs(nowUs: number): number {
    return this.#busyUs - this.#restUs(nowUs);
  }

  /** An event waits behind all others. */
  wait(event: number): void {
    this.#waiting.push(event);
  }

  /** Takes the first of those that wait; {@link NO_EVENT}: none does. */
  shift(): number {
    const event = this.#waiting[this.#first] ?? NO_EVENT;
    this.#first += 1;
    if (this.#first < this.#waiting.length) return event;
    this.#waiting = [];
    this.#first = 0;
    return event;
  }

  /** A step ran from one time to another. */
  worked(fromUs: number, toUs: number): void {
    this.freeAtUs = toUs;
    this.#busyUs += toUs - fromUs;
  }

  /** What is left of its work stands still. */
  pause(nowUs: number): void {
    this.#pausedUs ??= nowUs;
  }

  /** What was left of its work goes on. */
  resume(nowUs: number): void {
    const restUs = this.#restUs(nowUs);
    if (restUs > 0) this.freeAtUs = nowUs + restUs;
    this.#pausedUs = undefined;
  }

  /** Its process is gone, with what was left of its work and all that waits. */
  free(nowUs: number): void {
    this.#busyUs = this.busyUs(nowUs);
    this.freeAtUs = 0;
    this.next = NO_EVENT;
    this.#waiting = [];
    this.#first = 0;
    this.#pausedUs = undefined;
  }

  #restUs(nowUs: number): number {
    return Math.max(0, this.freeAtUs - (this.#pausedUs ?? nowUs));
  }
}
