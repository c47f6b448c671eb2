import { VersionPrunedError } from "../../errors.ts";
import { compareTimestamps, type HLCTimestamp, type TimestampFields } from "../../timestamp/timestamp.ts";

/** The times of a store that can be read, and those that can be written to. Pins are few. */
export class Horizon {
  readonly #pins = new Set<{ readonly at: HLCTimestamp }>();
  #kept: HLCTimestamp | undefined;
  /** Reads before this time are refused, except at a pin. */
  at: HLCTimestamp | undefined;
  /** Writes at or before this time are refused: the later of the horizon and the latest pin. */
  closed: HLCTimestamp | undefined;

  /** Number of open pins. */
  get pins(): number {
    return this.#pins.size;
  }

  /**
   * Refuses a time before the horizon, unless it is pinned.
   *
   * @throws {@link VersionPrunedError}
   */
  checkReadable(at: TimestampFields): void {
    if (isBefore(at, this.at) && ![...this.#pins].some((pin) => compareTimestamps(pin.at, at) === 0)) {
      throw new VersionPrunedError(at, this.at);
    }
  }

  /** Moves the horizon, never back. */
  raise(before: HLCTimestamp): void {
    if (!isBefore(before, this.at)) this.at = before;
    this.#close();
  }

  /** Closes the time up to `at`, and keeps it readable until the returned function is called. */
  pin(at: HLCTimestamp): () => void {
    const pin = { at };
    this.#pins.add(pin);
    this.#close();
    return () => {
      this.#pins.delete(pin);
      this.#close();
    };
  }

  /**
   * Returns the time from which on versions are kept, the earlier of the horizon and the earliest pin, if it has risen since the
   * last call. Nothing is ever written at or before it, so there is nothing to drop unless it has.
   */
  risen(): HLCTimestamp | undefined {
    let kept = this.at;
    for (const { at } of this.#pins) if (isBefore(at, kept)) kept = at;
    const hasRisen = kept !== undefined && kept !== this.#kept && !isBefore(kept, this.#kept);
    this.#kept = kept;
    return hasRisen ? kept : undefined;
  }

  #close(): void {
    this.closed = this.at;
    for (const { at } of this.#pins) if (!isBefore(at, this.closed)) this.closed = at;
  }
}

/** Returns true if `a` is before `b`; nothing is before undefined. */
export function isBefore(a: TimestampFields, b: TimestampFields | undefined): boolean {
  return b !== undefined && compareTimestamps(a, b) < 0;
}
