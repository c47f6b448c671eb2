import type { HybridLogicalClock } from "./clock.ts";
import { ClockDriftError, InvalidOptionError } from "../errors.ts";
import { checkNames, checkNumber } from "../internal/options.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";

/** Default maximum of held items. */
export const QUARANTINE_ITEMS_MAX_DEFAULT = 1_000;
/** Default time for which an item is held, in milliseconds of the physical clock. */
export const QUARANTINE_HOLD_MS_DEFAULT = 3_600_000;

/** Limits of a {@link Quarantine}. */
export interface QuarantineOptions {
  /** Maximum of held items. @defaultValue 1_000 */
  readonly itemsMax?: number;
  /** Maximum time for which an item is held, in milliseconds of the physical clock. @defaultValue 3_600_000 */
  readonly holdMs?: number;
}

/** An item that was accepted. */
export interface Received<T> {
  /** Stamp of the event of receiving the item. */
  readonly at: HLCTimestamp;
  /** The item passed with the stamp. */
  readonly item: T;
}

/**
 * Holds items stamped too far ahead, instead of refusing them, until the physical clock has caught up. Nothing is lost
 * from a peer whose clock is slightly fast, and this clock is not pulled ahead.
 *
 * @example
 * ```ts
 * import { HybridLogicalClock, Quarantine } from "@void-system/hlc";
 *
 * let ms = 1_000;
 * const clock = new HybridLogicalClock("node_a", { wallMs: () => ms, maxRemoteDriftMs: 500 });
 * const quarantine = new Quarantine<string>(clock);
 * quarantine.receive({ physicalMs: 1_700, logical: 0, nodeId: "node_b" }, "from a fast clock"); // => undefined
 * quarantine.release().length; // => 0
 * ms = 1_300;
 * quarantine.release().map(({ item }) => item); // => ["from a fast clock"]
 * ```
 */
export class Quarantine<T> {
  readonly #clock: HybridLogicalClock;
  readonly #itemsMax: number;
  readonly #holdMs: number;
  /** Sorted by stamp. */
  readonly #held: { readonly remote: HLCTimestamp; readonly limitMs: number; readonly item: T }[] = [];

  /** @throws {@link InvalidOptionError} if an option is invalid. */
  constructor(clock: HybridLogicalClock, options: QuarantineOptions = {}) {
    if (typeof clock?.update !== "function") throw new InvalidOptionError("clock", "a HybridLogicalClock", clock);
    checkNames("options", options, ["itemsMax", "holdMs"]);
    const { itemsMax = QUARANTINE_ITEMS_MAX_DEFAULT, holdMs = QUARANTINE_HOLD_MS_DEFAULT } = options;
    checkNumber("itemsMax", itemsMax, 0, "a number");
    checkNumber("holdMs", holdMs, 0, "milliseconds");
    this.#clock = clock;
    this.#itemsMax = itemsMax;
    this.#holdMs = holdMs;
  }

  /** Number of held items. */
  get size(): number {
    return this.#held.length;
  }

  /**
   * Accepts an item and returns the stamp of receiving it, as {@link HybridLogicalClock.update} does. An item too far
   * ahead is held, and the result is undefined; the clock counts it as refused, once.
   *
   * @throws {@link ClockDriftError} if the item would have to be held for too long, or there is no room.
   * @throws The other errors of {@link HybridLogicalClock.update}.
   */
  receive(remote: TimestampFields, item: T): HLCTimestamp | undefined {
    try {
      return this.#clock.update(remote);
    } catch (error) {
      if (!(error instanceof ClockDriftError) || error.origin !== "remote") throw error;
      const { aheadMs, limitMs } = error;
      if (this.size >= this.#itemsMax || aheadMs - limitMs > this.#holdMs) throw error;
      this.#held.push({ remote: HLCTimestamp.from(remote), limitMs, item });
      this.#held.sort((a, b) => compareTimestamps(a.remote, b.remote));
      return undefined;
    }
  }

  /**
   * Accepts the items that are no longer too far ahead, oldest stamp first. Call it from time to time.
   *
   * @throws The errors of {@link HybridLogicalClock.update}. Items that were not accepted stay held.
   */
  release(): Received<T>[] {
    const received: Received<T>[] = [];
    for (const { remote, limitMs, item } of this.#held) {
      // One millisecond to spare, because a full counter carries.
      if (this.#clock.aheadMs(remote) >= limitMs) break;
      received.push({ at: this.#clock.update(remote), item });
    }
    this.#held.splice(0, received.length);
    return received;
  }
}
