import { InvalidTimestampError } from "../errors.ts";
import { checkNodeId } from "./node-id.ts";

/** Fields of a timestamp. The functions of this package take them, so that plain objects work as well. */
export interface TimestampFields {
  /** Milliseconds since 1970, a whole number of at most 48 bits. */
  readonly physicalMs: number;
  /** Counter within the millisecond, a whole number of at most 16 bits. */
  readonly logical: number;
  /** Name of the node that made it: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or digit. */
  readonly nodeId: string;
}

/** Maximum of the physical part, in milliseconds: 48 bits, a time in the year 10889. */
export const PHYSICAL_MS_MAX: number = 2 ** 48 - 1;

/** Maximum of the logical part: 16 bits. One more carries into the physical part. */
export const LOGICAL_MAX = 0xff_ff;

/**
 * Passed by the clocks of this package with fields that are in range by the clock's own invariants. Checking them again
 * would cost as much as the stamp itself. It is not exported.
 */
export const CHECKED: unique symbol = Symbol();

/**
 * A point in hybrid logical time, close to the wall clock and greater than every event that caused it (Kulkarni et al.
 * 2014). Timestamps are totally ordered by physical part, then logical part, then node.
 *
 * As a string a timestamp is its sortable form, so `t1 < t2` and `[t2, t1].sort()` order timestamps correctly.
 *
 * @example
 * ```ts
 * import { HLCTimestamp } from "@void-system/hlc";
 *
 * const first = new HLCTimestamp(1_700_000_000_000, 0, "node_a");
 * const second = new HLCTimestamp(1_700_000_000_000, 1, "node_a");
 * first < second; // => true
 * String(first); // => "018bcfe56800-0000-node_a"
 * ```
 */
export class HLCTimestamp implements TimestampFields {
  /** Milliseconds since 1970. */
  readonly physicalMs: number;
  /** Counter within the millisecond. */
  readonly logical: number;
  /** Name of the node that made it. */
  readonly nodeId: string;

  /** @throws {@link InvalidTimestampError} if a field is out of range. */
  constructor(physicalMs: number, logical: number, nodeId: string);
  /** @hidden */
  constructor(physicalMs: number, logical: number, nodeId: string, checked: typeof CHECKED);
  constructor(physicalMs: number, logical: number, nodeId: string, checked?: typeof CHECKED) {
    if (checked !== CHECKED) {
      checkRange("physicalMs", physicalMs, PHYSICAL_MS_MAX);
      checkRange("logical", logical, LOGICAL_MAX);
      checkNodeId(nodeId);
    }
    this.physicalMs = physicalMs;
    this.logical = logical;
    this.nodeId = nodeId;
  }

  /**
   * Returns a timestamp with the given fields. A `HLCTimestamp` is returned as is.
   *
   * @throws {@link InvalidTimestampError} if a field is out of range.
   */
  static from(fields: TimestampFields): HLCTimestamp {
    return fields instanceof HLCTimestamp ? fields : parsed(fields);
  }

  /**
   * Returns the sortable form: 12 hex digits of milliseconds, 4 of the counter, the node; see {@link parseTimestamp}.
   */
  toString(): string {
    if (this.physicalMs !== writtenMs) {
      written = `${this.physicalMs.toString(16).padStart(12, "0")}-`;
      writtenMs = this.physicalMs;
    }
    return `${written}${(0x1_00_00 + this.logical).toString(16).slice(1)}-${this.nodeId}`;
  }
}

/**
 * Checks fields that may come from a message, or even be null. Kept out of `from`, which is called for every stamp and
 * should be inlined.
 */
function parsed(fields: TimestampFields): HLCTimestamp {
  // A number is most often Date.now(), and text a stamp that was not parsed.
  if (typeof fields !== "object" || fields === null || !("physicalMs" in fields))
    throw new InvalidTimestampError("a timestamp, with physicalMs, logical and nodeId", fields);
  const { physicalMs, logical, nodeId } = fields;
  return new HLCTimestamp(physicalMs, logical, nodeId);
}

function checkRange(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new InvalidTimestampError(`${name}, a whole number in 0..${max}`, value);
}

/**
 * The last physical part that was formatted. Stamps come in bursts, and this half of the string is the expensive one.
 */
let writtenMs = -1;
let written = "";

/**
 * Compares timestamps in their total order: negative if `a` is before `b`, positive if after, 0 if they are equal.
 *
 * @example
 * ```ts
 * import { compareTimestamps } from "@void-system/hlc";
 *
 * const stamps = [
 *   { physicalMs: 5, logical: 1, nodeId: "b" },
 *   { physicalMs: 5, logical: 1, nodeId: "a" },
 *   { physicalMs: 5, logical: 0, nodeId: "c" },
 * ];
 * stamps.sort(compareTimestamps).map((stamp) => stamp.nodeId); // => ["c", "a", "b"]
 * ```
 */
export function compareTimestamps(a: TimestampFields, b: TimestampFields): number {
  return a.physicalMs - b.physicalMs || a.logical - b.logical || (a.nodeId < b.nodeId ? -1 : +(a.nodeId > b.nodeId));
}
