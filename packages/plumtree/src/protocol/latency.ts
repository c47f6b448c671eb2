import { WAIT_MS_MAX } from "../limits.ts";

/** Least wait, in milliseconds. Below it a busy event loop would look like a loss. */
const WAIT_MS_MIN = 20;

/** Estimate of a delay from samples, and of the time after which it has passed: RFC 6298's timeout of retransmission. */
export class Latency {
  #meanMs: number | undefined;
  #deviationMs = 0;
  #lastMs = 0;
  /** Factor of the wait, after it was too short. */
  #backoff = 1;
  #lateMs = Number.NEGATIVE_INFINITY;
  readonly #initialMs: number;

  /** `initialMs` is the wait until there is a sample. */
  constructor(initialMs: number) {
    this.#initialMs = initialMs;
  }

  /** Smoothed delay in milliseconds. Undefined before the first sample. */
  get meanMs(): number | undefined {
    return this.#meanMs;
  }

  /** The larger one of the smoothed and the last delay, in milliseconds. Undefined before the first sample. */
  get recentMs(): number | undefined {
    return this.#meanMs === undefined ? undefined : Math.max(this.#meanMs, this.#lastMs);
  }

  /** Time to wait before the delay is taken for a loss, in milliseconds. */
  get waitMs(): number {
    const waitMs = this.#meanMs === undefined ? this.#initialMs : this.#meanMs + 4 * this.#deviationMs;
    return Math.min(Math.max(waitMs, WAIT_MS_MIN) * this.#backoff, WAIT_MS_MAX);
  }

  /**
   * Notes that the wait since a question was over before its answer. The wait doubles until the next sample, once for all
   * questions that were asked before it did.
   */
  late(askedMs: number, nowMs: number): void {
    if (askedMs < this.#lateMs || this.waitMs >= WAIT_MS_MAX) return;
    this.#lateMs = nowMs;
    this.#backoff *= 2;
  }

  /** Takes a measured delay into account. */
  sample(ms: number): void {
    this.#backoff = 1;
    this.#lastMs = ms;
    if (this.#meanMs === undefined) {
      this.#meanMs = ms;
      this.#deviationMs = ms / 2;
      return;
    }
    const error = ms - this.#meanMs;
    this.#deviationMs += (Math.abs(error) - this.#deviationMs) / 4;
    this.#meanMs += error / 8;
  }
}

/** Part of the peak that is left with each sample. */
const PEAK_DECAY = 0.98;
/** Factor of the peak, since the next delay may be longer than any so far. */
const PEAK_MARGIN = 1.5;

/** Peak of a delay, which fades with later samples. Waiting for less than the peak would be too short again and again. */
export class Peak {
  #peakMs = 0;

  /** Time to wait before the delay is taken for a loss, in milliseconds. */
  get waitMs(): number {
    return Math.min(this.#peakMs * PEAK_MARGIN, WAIT_MS_MAX);
  }

  /** Takes a measured delay into account. */
  sample(ms: number): void {
    this.#peakMs = Math.max(ms, this.#peakMs * PEAK_DECAY);
  }
}
