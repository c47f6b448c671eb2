import type { HybridLogicalClock } from "./clock.ts";
import { ClockDriftError, InvalidOptionError } from "../errors.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";

/** How many items a quarantine holds, unless told otherwise. */
export const QUARANTINE_ITEMS_MAX_DEFAULT = 1_000;
/** How long a quarantine holds an item, in milliseconds of the physical clock, unless told otherwise. */
export const QUARANTINE_HOLD_MS_DEFAULT = 3_600_000;

/** How much a {@link Quarantine} holds. */
export interface QuarantineOptions {
  /** How many items. @defaultValue 1_000 */
  readonly itemsMax?: number;
  /** How long, in milliseconds of the physical clock. @defaultValue 3_600_000 */
  readonly holdMs?: number;
}

/** An item that was let in. */
export interface Received<T> {
  /** The stamp of the event of receiving it. */
  readonly at: HLCTimestamp;
  /** What came with the stamp that was held. */
  readonly item: T;
}

/**
 * Holds what comes from too far ahead, instead of refusing it, until the physical clock has caught up: nothing is
 * lost to a peer whose clock is a little fast, and this clock is not pulled along.
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
  /** In the order of their stamps. */
  readonly #held: { readonly remote: HLCTimestamp; readonly limitMs: number; readonly item: T }[] = [];

  /** @throws {@link InvalidOptionError} if an option cannot work. */
  constructor(clock: HybridLogicalClock, options: QuarantineOptions = {}) {
    const { itemsMax = QUARANTINE_ITEMS_MAX_DEFAULT, holdMs = QUARANTINE_HOLD_MS_DEFAULT } = options;
    if (!(itemsMax >= 0)) throw new InvalidOptionError("itemsMax", "a number >= 0", itemsMax);
    if (!(holdMs >= 0)) throw new InvalidOptionError("holdMs", "milliseconds >= 0", holdMs);
    this.#clock = clock;
    this.#itemsMax = itemsMax;
    this.#holdMs = holdMs;
  }

  /** How many items are held. */
  get size(): number {
    return this.#held.length;
  }

  /**
   * Lets an item in, and answers the stamp of receiving it as {@link HybridLogicalClock.update} does; or holds it, and
   * answers nothing. The clock counts a held one as refused, once.
   *
   * @throws {@link ClockDriftError} if it would have to be held for too long, or there is no room.
   * @throws whatever else {@link HybridLogicalClock.update} throws.
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
   * Lets in what is not too far ahead any more, oldest stamp first: call it from time to time.
   *
   * @throws whatever {@link HybridLogicalClock.update} throws; what was not let in is held.
   */
  release(): Received<T>[] {
    const received: Received<T>[] = [];
    for (const { remote, limitMs, item } of this.#held) {
      // One millisecond to spare: a full counter carries.
      if (this.#clock.aheadMs(remote) >= limitMs) break;
      received.push({ at: this.#clock.update(remote), item });
    }
    this.#held.splice(0, received.length);
    return received;
  }
}
