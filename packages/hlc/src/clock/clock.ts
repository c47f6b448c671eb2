import { ClockDriftError, ClockReadError, DuplicateNodeError } from "../errors.ts";
import { InvalidOptionError, InvalidTimestampError } from "../errors.ts";
import { checkNodeId } from "../timestamp/node-id.ts";
import { platformWallMs } from "./internal/platform.ts";
import { CHECKED, HLCTimestamp, LOGICAL_MAX, PHYSICAL_MS_MAX, type TimestampFields } from "../timestamp/timestamp.ts";

/** How far ahead of the physical clock a received stamp may pull a clock, in milliseconds, unless told otherwise. */
export const MAX_REMOTE_DRIFT_MS_DEFAULT = 60_000;
/** How far ahead of its physical clock a clock may run by itself, in milliseconds, unless told otherwise. */
export const MAX_AHEAD_MS_DEFAULT = 3_600_000;
/** How much time one call of `reserve` covers, in milliseconds, unless told otherwise. */
export const RESERVE_WINDOW_MS_DEFAULT = 1_000;

/** How a {@link HybridLogicalClock} is to behave. */
export interface ClockOptions {
  /** The physical clock: milliseconds since 1970. It may jump and stand still. @defaultValue the platform's */
  readonly wallMs?: () => number;
  /**
   * How far ahead of the physical clock a received stamp may pull this clock. Old stamps are always accepted.
   * @defaultValue 60_000
   */
  readonly maxRemoteDriftMs?: number;
  /**
   * How far this clock may run ahead of its physical clock, which happens when that goes back or stands still. At least
   * `maxRemoteDriftMs` and `reserveWindowMs`; `Infinity` for no bound. @defaultValue 3_600_000
   */
  readonly maxAheadMs?: number;
  /**
   * How far ahead of the physical clock a write may be stamped, whoever made it, for {@link HybridLogicalClock.admit}
   * to let it in: until then it wins over all that others write. @defaultValue `maxRemoteDriftMs`
   */
  readonly maxWriteAheadMs?: number;
  /**
   * Makes a bound durable before any stamp above the last bound is given out: after a restart, pass it as
   * `restoredUpToMs` and no stamp repeats. Called once per window, not per stamp. It must have finished when it
   * returns; if it throws, no stamp is given out and the clock is as before.
   */
  readonly reserve?: (upToMs: number) => undefined;
  /** How much time one `reserve` covers. After a restart the clock may be this far ahead. @defaultValue 1_000 */
  readonly reserveWindowMs?: number;
  /** The bound that `reserve` made durable last, in an earlier life of this node: every stamp will be later. */
  readonly restoredUpToMs?: number;
}

/** A stamp in the caller's hands, to be written by {@link HybridLogicalClock.nowInto}. */
export interface MutableStamp {
  /** Milliseconds since 1970. */
  physicalMs: number;
  /** Counter within the millisecond. */
  logical: number;
}

/** What a clock has met since it was made. */
export interface ClockStats {
  /** How often the physical clock was found behind its last reading. */
  readonly backwardJumps: number;
  /** The largest such jump, in milliseconds. */
  readonly backwardMsMax: number;
  /** The longest run of readings that found the same millisecond: beyond a million, the physical clock stands still. */
  readonly sameReadingsMax: number;
  /** How often the logical part was full and carried into the physical part. */
  readonly carries: number;
  /** How many stamps were refused with a {@link ClockDriftError}: received ones. */
  readonly refusedRemote: number;
  /** How many stamps were refused with a {@link ClockDriftError}: own ones. */
  readonly refusedOwn: number;
  /** How many writes were refused by {@link HybridLogicalClock.admit}. */
  readonly refusedWrites: number;
  /** How many stamps were refused with a {@link DuplicateNodeError}. */
  readonly duplicates: number;
  /** How often `reserve` was called. */
  readonly reservations: number;
}

/**
 * A hybrid logical clock (Kulkarni et al. 2014): its stamps are close to wall-clock time, never repeat, and are greater
 * than everything this node has seen, whatever the physical clock does.
 *
 * @example
 * ```ts
 * import { HybridLogicalClock } from "@void-system/hlc";
 *
 * const a = new HybridLogicalClock("node_a");
 * const b = new HybridLogicalClock("node_b");
 * const t1 = a.now();
 * const t2 = b.update(t1); // b has received t1
 * t1 < t2; // => true
 * [t2, t1].sort()[0] === t1; // => true
 * ```
 */
export class HybridLogicalClock {
  /** The name of this node, as its stamps carry it. */
  readonly nodeId: string;

  readonly #wallMs: () => number;
  readonly #maxRemoteDriftMs: number;
  readonly #maxAheadMs: number;
  readonly #maxWriteAheadMs: number;
  readonly #reserve: ((upToMs: number) => undefined) | undefined;
  readonly #reserveWindowMs: number;

  // The newest stamp. The next one is strictly greater in (physical, logical), so the node's name never decides.
  #physicalMs = 0;
  #logical = 0;
  /** No stamp may have a greater physical part before `reserve` has been called again. */
  #reservedUpToMs: number;

  #lastWallMs = 0;
  /** A reading that bears one more stamp in this millisecond with no further check: the last one did pass them all. */
  #steadyMs = Number.NaN;
  #backwardJumps = 0;
  #backwardMsMax = 0;
  #sameReadings = 0;
  #sameReadingsMax = 0;
  #carries = 0;
  #refusedRemote = 0;
  #refusedOwn = 0;
  #refusedWrites = 0;
  #duplicates = 0;
  #reservations = 0;

  /**
   * @throws {@link InvalidTimestampError} if `nodeId` cannot name a node.
   * @throws {@link InvalidOptionError} if an option cannot work.
   */
  constructor(nodeId: string, options: ClockOptions = {}) {
    checkNodeId(nodeId);
    this.nodeId = nodeId;
    this.#wallMs = options.wallMs ?? platformWallMs;
    this.#maxRemoteDriftMs = duration("maxRemoteDriftMs", options.maxRemoteDriftMs ?? MAX_REMOTE_DRIFT_MS_DEFAULT);
    const least = this.#maxRemoteDriftMs;
    this.#maxAheadMs = duration("maxAheadMs", options.maxAheadMs ?? Math.max(MAX_AHEAD_MS_DEFAULT, least));
    if (this.#maxAheadMs < least) {
      throw new InvalidOptionError("maxAheadMs", `at least maxRemoteDriftMs (${least})`, this.#maxAheadMs);
    }
    this.#maxWriteAheadMs = duration("maxWriteAheadMs", options.maxWriteAheadMs ?? least);
    this.#reserve = options.reserve;
    this.#reserveWindowMs = duration("reserveWindowMs", options.reserveWindowMs ?? RESERVE_WINDOW_MS_DEFAULT);
    if (options.reserve && this.#reserveWindowMs >= this.#maxAheadMs) {
      const expected = `less than maxAheadMs (${this.#maxAheadMs})`;
      throw new InvalidOptionError("reserveWindowMs", expected, this.#reserveWindowMs);
    }
    this.#reservedUpToMs = options.reserve ? -1 : PHYSICAL_MS_MAX;
    const restored = options.restoredUpToMs;
    if (restored === undefined) return;
    if (!Number.isInteger(duration("restoredUpToMs", restored)) || restored > PHYSICAL_MS_MAX) {
      throw new InvalidOptionError("restoredUpToMs", "whole, of 48 bits", restored);
    }
    // As if the last stamp under the bound had been given out: the next one carries beyond it.
    this.#physicalMs = restored;
    this.#logical = LOGICAL_MAX;
  }

  /**
   * A new stamp for an event of this node: sending, writing, anything.
   *
   * @throws {@link ClockDriftError} if the physical clock is more than `maxAheadMs` behind this clock; nothing changes.
   * @throws {@link ClockReadError} if the physical clock returns no time.
   */
  now(): HLCTimestamp {
    this.#tick();
    return new HLCTimestamp(this.#physicalMs, this.#logical, this.nodeId, CHECKED);
  }

  /**
   * Like {@link HybridLogicalClock.now}, without making an object: the stamp is written into `stamp`.
   *
   * @throws {@link ClockDriftError} and {@link ClockReadError}, as `now` does.
   * @example
   * ```ts
   * import { HybridLogicalClock } from "@void-system/hlc";
   *
   * const clock = new HybridLogicalClock("node_a", { wallMs: () => 1000 });
   * const stamp = { physicalMs: 0, logical: 0 };
   * clock.nowInto(stamp);
   * clock.nowInto(stamp);
   * stamp; // => { physicalMs: 1000, logical: 1 }
   * ```
   */
  nowInto(stamp: MutableStamp): void {
    this.#tick();
    stamp.physicalMs = this.#physicalMs;
    stamp.logical = this.#logical;
  }

  /**
   * A new stamp for the event of receiving `remote`: greater than `remote` and than every stamp of this clock.
   *
   * @throws {@link ClockDriftError} if `remote` would pull this clock more than `maxRemoteDriftMs` ahead of the
   * physical clock, or this clock is ahead itself; nothing changes.
   * @throws {@link DuplicateNodeError} if `remote` has this node's own name and is newer than its stamps; nothing
   * changes.
   * @throws {@link InvalidTimestampError} if `remote` is no timestamp.
   * @throws {@link ClockReadError} if the physical clock returns no time.
   */
  update(remote: TimestampFields): HLCTimestamp {
    const stamp = HLCTimestamp.from(remote);
    const { physicalMs, logical } = stamp;
    const ownIsNewest =
      physicalMs < this.#physicalMs || (physicalMs === this.#physicalMs && logical <= this.#logical);
    if (ownIsNewest) return this.now();
    if (stamp.nodeId === this.nodeId) {
      this.#duplicates += 1;
      throw new DuplicateNodeError(stamp);
    }

    const wallMs = this.#note(this.#wallMs());
    if (wallMs > physicalMs) {
      this.#commit(wallMs, 0, wallMs);
    } else {
      // Carry before the check: a full counter must not push the clock one millisecond over its bound.
      const carry = logical === LOGICAL_MAX;
      const nextMs = carry ? physicalMs + 1 : physicalMs;
      if (nextMs - wallMs > this.#maxRemoteDriftMs) {
        this.#refusedRemote += 1;
        throw new ClockDriftError("remote", nextMs - wallMs, this.#maxRemoteDriftMs);
      }
      this.#commit(nextMs, carry ? 0 : logical + 1, wallMs);
      if (carry) this.#carries += 1;
    }
    return new HLCTimestamp(this.#physicalMs, this.#logical, this.nodeId, CHECKED);
  }

  /**
   * Lets a write in, or refuses it because it would win over all that others write for too long: its stamp is more than
   * `maxWriteAheadMs` ahead of the physical clock. Ask before a register or a store merges it. Old writes always
   * pass, and the clock does not move.
   *
   * @throws {@link ClockDriftError} with the origin `write`.
   * @throws {@link InvalidTimestampError} if `write` is no timestamp.
   * @throws {@link ClockReadError} if the physical clock returns no time.
   * @example
   * ```ts
   * import { ClockDriftError, HybridLogicalClock } from "@void-system/hlc";
   *
   * const clock = new HybridLogicalClock("node_a", { wallMs: () => 1000, maxWriteAheadMs: 10 });
   * clock.admit({ physicalMs: 1010, logical: 0, nodeId: "node_b" });
   * let refused: unknown;
   * try {
   *   clock.admit({ physicalMs: 1011, logical: 0, nodeId: "node_b" });
   * } catch (error) {
   *   refused = error;
   * }
   * refused instanceof ClockDriftError && refused.origin; // => "write"
   * ```
   */
  admit(write: TimestampFields): void {
    const aheadMs = this.aheadMs(write);
    if (aheadMs <= this.#maxWriteAheadMs) return;
    this.#refusedWrites += 1;
    throw new ClockDriftError("write", aheadMs, this.#maxWriteAheadMs);
  }

  /**
   * How far ahead of the physical clock a stamp is, in milliseconds; negative if it is behind.
   *
   * @throws {@link InvalidTimestampError} if `stamp` is no timestamp.
   * @throws {@link ClockReadError} if the physical clock returns no time.
   */
  aheadMs(stamp: TimestampFields): number {
    return HLCTimestamp.from(stamp).physicalMs - this.#note(this.#wallMs());
  }

  /**
   * Raises this clock to a stamp that this node has given out before, which it has found in its log or another thread
   * has made: every later stamp will be greater. It checks no drift, so trust what you pass.
   *
   * @throws {@link InvalidTimestampError} if `own` is no timestamp.
   */
  raise(own: TimestampFields): void {
    const { physicalMs, logical } = HLCTimestamp.from(own);
    if (physicalMs < this.#physicalMs || (physicalMs === this.#physicalMs && logical < this.#logical)) return;
    this.#physicalMs = physicalMs;
    this.#logical = logical;
    this.#steadyMs = Number.NaN;
  }

  /** The newest stamp of this clock, without making a new one; `0, 0` before the first. */
  peek(): HLCTimestamp {
    return new HLCTimestamp(this.#physicalMs, this.#logical, this.nodeId, CHECKED);
  }

  /** What this clock has met since it was made. */
  stats(): ClockStats {
    return {
      backwardJumps: this.#backwardJumps,
      backwardMsMax: this.#backwardMsMax,
      sameReadingsMax: Math.max(this.#sameReadingsMax, this.#sameReadings),
      carries: this.#carries,
      refusedRemote: this.#refusedRemote,
      refusedOwn: this.#refusedOwn,
      refusedWrites: this.#refusedWrites,
      duplicates: this.#duplicates,
      reservations: this.#reservations,
    };
  }

  #tick(): void {
    const readMs = this.#wallMs();
    if (readMs === this.#steadyMs && this.#logical < LOGICAL_MAX) {
      this.#sameReadings += 1;
      this.#logical += 1;
      return;
    }
    const wallMs = this.#note(readMs);
    if (wallMs > this.#physicalMs) return this.#commit(wallMs, 0, wallMs);
    const carry = this.#logical === LOGICAL_MAX;
    const nextMs = carry ? this.#physicalMs + 1 : this.#physicalMs;
    if (nextMs - wallMs > this.#maxAheadMs) {
      this.#refusedOwn += 1;
      throw new ClockDriftError("own", nextMs - wallMs, this.#maxAheadMs);
    }
    this.#commit(nextMs, carry ? 0 : this.#logical + 1, wallMs);
    if (carry) this.#carries += 1;
  }

  /** Checks and counts a reading of the physical clock, and answers it in whole milliseconds. */
  #note(readMs: number): number {
    const wallMs = Math.floor(readMs);
    if (!(wallMs >= 0 && wallMs <= PHYSICAL_MS_MAX)) throw new ClockReadError(readMs);
    if (wallMs === this.#lastWallMs) {
      this.#sameReadings += 1;
      return wallMs;
    }
    this.#sameReadingsMax = Math.max(this.#sameReadingsMax, this.#sameReadings);
    this.#sameReadings = 1;
    if (wallMs < this.#lastWallMs) {
      this.#backwardJumps += 1;
      this.#backwardMsMax = Math.max(this.#backwardMsMax, this.#lastWallMs - wallMs);
    }
    this.#lastWallMs = wallMs;
    this.#steadyMs = Number.NaN; // until a stamp is given out at this reading
    return wallMs;
  }

  /** The one place where the clock moves. What can fail comes first, so a failure leaves the clock as it was. */
  #commit(physicalMs: number, logical: number, wallMs: number): void {
    if (physicalMs > this.#reservedUpToMs) this.#reserveFrom(physicalMs);
    this.#physicalMs = physicalMs;
    this.#logical = logical;
    this.#steadyMs = wallMs;
  }

  #reserveFrom(physicalMs: number): void {
    if (physicalMs > PHYSICAL_MS_MAX) {
      throw new InvalidTimestampError("a stamp within 48 bits of milliseconds", physicalMs);
    }
    const upToMs = Math.min(Math.ceil(physicalMs + this.#reserveWindowMs), PHYSICAL_MS_MAX);
    const answer: unknown = this.#reserve?.(upToMs);
    if (answer !== undefined) {
      throw new InvalidOptionError("reserve", "a function that is done when it returns, with nothing", answer);
    }
    this.#reservations += 1;
    this.#reservedUpToMs = upToMs;
  }
}

function duration(name: string, ms: number): number {
  if (!(ms >= 0)) throw new InvalidOptionError(name, "milliseconds >= 0", ms);
  return ms;
}
