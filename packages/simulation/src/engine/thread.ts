import type { CpuPrices } from "./cpu-costs.ts";
import { NO_EVENT } from "./event-table.ts";

/** The one thread of a node, with the events that wait for it. */
export class Thread {
  readonly prices: CpuPrices;
  /** The thread is busy before this time. */
  freeAtUs = 0;
  /** The event planned for that time. All other events of the node wait behind it, in order of time. */
  next: number = NO_EVENT;
  #waiting: number[] = [];
  /** Index of the first waiting event. A long backlog would make `Array.shift` slow. */
  #first = 0;
  #busyUs = 0;
  #pausedUs: number | undefined;

  constructor(prices: CpuPrices) {
    this.prices = prices;
  }

  /** Waiting events, the next one first. {@link Thread.next} is planned and not among them. */
  get waiting(): readonly number[] {
    return this.#waiting.slice(this.#first);
  }

  /** Returns the time that the thread has worked since the beginning. */
  busyUs(nowUs: number): number {
    return this.#busyUs - this.#restUs(nowUs);
  }

  /** Adds an event behind all others. */
  wait(event: number): void {
    this.#waiting.push(event);
  }

  /** Takes the first waiting event; {@link NO_EVENT} if there is none. */
  shift(): number {
    const event = this.#waiting[this.#first] ?? NO_EVENT;
    this.#first += 1;
    if (this.#first < this.#waiting.length) return event;
    this.#waiting = [];
    this.#first = 0;
    return event;
  }

  /** Counts a step that ran from one time to another. */
  worked(fromUs: number, toUs: number): void {
    this.freeAtUs = toUs;
    this.#busyUs += toUs - fromUs;
  }

  /** Suspends the thread's remaining work. */
  pause(nowUs: number): void {
    this.#pausedUs ??= nowUs;
  }

  /** Continues the suspended work. */
  resume(nowUs: number): void {
    const restUs = this.#restUs(nowUs);
    if (restUs > 0) this.freeAtUs = nowUs + restUs;
    this.#pausedUs = undefined;
  }

  /** Drops the remaining work and all waiting events, since the process is gone. */
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
