import type { BudgetLimits } from "../limits.ts";

/** Rate that a peer may use, with a burst after a pause: a token bucket. */
export class Budget {
  readonly #perMs: number;
  readonly #burst: number;
  #left: number;
  #atMs: number;

  constructor({ perSecond, burst }: BudgetLimits, nowMs: number) {
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#left = burst;
    this.#atMs = nowMs;
  }

  /** Uses up an amount, and returns true, if as much is left. An amount above the burst is allowed after a full pause. */
  take(amount: number, nowMs: number): boolean {
    this.#left = Math.min(this.#left + (nowMs - this.#atMs) * this.#perMs, this.#burst);
    this.#atMs = nowMs;
    if (this.#left < Math.min(amount, this.#burst)) return false;
    this.#left -= amount;
    return true;
  }

  /** Returns the time at which an amount will be left. */
  readyMs(amount: number): number {
    return this.#atMs + Math.max(0, (Math.min(amount, this.#burst) - this.#left) / this.#perMs);
  }
}
