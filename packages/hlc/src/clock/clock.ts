import { ClockDriftError, ClockReadError, DuplicateNodeError } from "../errors.ts";
import { InvalidOptionError, InvalidTimestampError } from "../errors.ts";
import { checkFunction, checkNames, checkNumber, checkObject } from "../internal/options.ts";
import { checkNodeId } from "../timestamp/node-id.ts";
import { platformWallMs } from "./internal/platform.ts";
import { CHECKED, HLCTimestamp, LOGICAL_MAX, PHYSICAL_MS_MAX, type TimestampFields } from "../timestamp/timestamp.ts";

/** Default bound on how far a received stamp may pull a clock ahead of its physical clock, in milliseconds. */
export const MAX_REMOTE_DRIFT_MS_DEFAULT = 60_000;
/** Default bound on how far a clock may run ahead of its physical clock by itself, in milliseconds. */
export const MAX_AHEAD_MS_DEFAULT = 3_600_000;
/** Default time that one call of `reserve` covers, in milliseconds. */
export const RESERVE_WINDOW_MS_DEFAULT = 1_000;

/** Options of a {@link HybridLogicalClock}. */
export interface ClockOptions {
  /** The physical clock: milliseconds since 1970. It may jump and stand still. @defaultValue the platform's */
  readonly wallMs?: () => number;
  /**
   * Bound on how far a received stamp may pull this clock ahead of the physical clock. Old stamps are always accepted.
   * @defaultValue 60_000
   */
  readonly maxRemoteDriftMs?: number;
  /**
   * Bound on how far this clock may run ahead of its physical clock, as it does when that goes back or stands still. At
   * least `maxRemoteDriftMs` and more than `reserveWindowMs`. `Infinity` for no bound. @defaultValue 3_600_000
   */
  readonly maxAheadMs?: number;
  /**
   * Bound on how far ahead of the physical clock a write may be stamped, by any node, for
   * {@link HybridLogicalClock.admit} to accept it. Until its time has come, such a write wins over everything that
   * others write. @defaultValue `maxRemoteDriftMs`
   */
  readonly maxWriteAheadMs?: number;
  /**
   * Makes a bound durable before any stamp above the previous bound is issued. After a restart, pass it as
   * `restoredUpToMs` and no stamp repeats. Called once per window, not per stamp. The bound must be durable when
   * `reserve` returns. If `reserve` throws, no stamp is issued and the clock is unchanged. A bound is lower than the one
   * before it only after {@link HybridLogicalClock.startOver}: keep the last bound, not the greatest.
   */
  readonly reserve?: (upToMs: number) => undefined;
  /** Time that one `reserve` covers. After a restart the clock may be this far ahead. @defaultValue 1_000 */
  readonly reserveWindowMs?: number;
  /** Last bound that `reserve` made durable before the restart: every stamp will be later. */
  readonly restoredUpToMs?: number;
}

/** Names of {@link ClockOptions}. */
const OPTIONS: readonly (keyof ClockOptions)[] = [
  "wallMs",
  "maxRemoteDriftMs",
  "maxAheadMs",
  "maxWriteAheadMs",
  "reserve",
  "reserveWindowMs",
  "restoredUpToMs",
];

/** A stamp in memory of the caller, for {@link HybridLogicalClock.nowInto} to write. */
export interface MutableStamp {
  /** Milliseconds since 1970. */
  physicalMs: number;
  /** Counter within the millisecond. */
  logical: number;
}

/** Counters of a clock since it was made. */
export interface ClockStats {
  /** Number of times the physical clock was behind its last reading. */
  readonly backwardJumps: number;
  /** Largest backward jump, in milliseconds. */
  readonly backwardMsMax: number;
  /** Longest run of readings of the same millisecond. Above a million, the physical clock stands still. */
  readonly sameReadingsMax: number;
  /** Number of times the logical part was full and carried into the physical part. */
  readonly carries: number;
  /** Number of received stamps refused with a {@link ClockDriftError}. */
  readonly refusedRemote: number;
  /** Number of own stamps refused with a {@link ClockDriftError}. */
  readonly refusedOwn: number;
  /** Number of writes refused by {@link HybridLogicalClock.admit}. */
  readonly refusedWrites: number;
  /** Number of stamps refused with a {@link DuplicateNodeError}. */
  readonly duplicates: number;
  /** Number of calls of `reserve`. */
  readonly reservations: number;
}

/**
 * A hybrid logical clock (Kulkarni et al. 2014). Its stamps are close to wall-clock time, never repeat, and are greater
 * than every stamp this node has seen, whatever the physical clock does.
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
  /** Name of this node, which its stamps carry. */
  readonly nodeId: string;

  readonly #wallMs: () => number;
  readonly #maxRemoteDriftMs: number;
  readonly #maxAheadMs: number;
  readonly #maxWriteAheadMs: number;
  readonly #reserve: ((upToMs: number) => undefined) | undefined;
  readonly #reserveWindowMs: number;

  // The newest stamp. The next is strictly greater in (physical, logical), so the node's name never decides the order.
  #physicalMs = 0;
  #logical = 0;
  /** No stamp may have a greater physical part until `reserve` has been called again. */
  #reservedUpToMs: number;

  #lastWallMs = 0;
  /**
   * Reading at which another stamp in the same millisecond needs no further check, because the last stamp passed all of
   * them.
   */
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
   * @throws {@link InvalidTimestampError} if `nodeId` is not a valid node name.
   * @throws {@link InvalidOptionError} if an option is out of range.
   */
  constructor(nodeId: string, options: ClockOptions = {}) {
    checkNodeId(nodeId);
    checkNames("options", options, OPTIONS);
    checkFunction("wallMs", options.wallMs);
    checkFunction("reserve", options.reserve);
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
    // As if the last stamp under the bound had been issued: the next one carries beyond it.
    this.#physicalMs = restored;
    this.#logical = LOGICAL_MAX;
  }

  /**
   * Returns a new stamp for an event of this node: sending, writing, anything.
   *
   * @throws {@link ClockDriftError} if the physical clock is more than `maxAheadMs` behind this clock; nothing changes.
   * @throws {@link ClockReadError} if the physical clock does not return a time.
   */
  now(): HLCTimestamp {
    this.#tick();
    return new HLCTimestamp(this.#physicalMs, this.#logical, this.nodeId, CHECKED);
  }

  /**
   * Writes a new stamp into `stamp`. Like {@link HybridLogicalClock.now}, but allocates no object.
   *
   * @throws {@link ClockDriftError} and {@link ClockReadError}, as `now` does.
   * @throws {@link InvalidOptionError} if `stamp` is not an object.
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
    checkObject("stamp", stamp);
    this.#tick();
    stamp.physicalMs = this.#physicalMs;
    stamp.logical = this.#logical;
  }

  /**
   * Returns a new stamp for the event of receiving `remote`, greater than `remote` and than every stamp of this clock.
   *
   * @throws {@link ClockDriftError} if `remote` would pull this clock more than `maxRemoteDriftMs` ahead of the
   * physical clock, or this clock is ahead itself; nothing changes.
   * @throws {@link DuplicateNodeError} if `remote` has this node's own name and is newer than its stamps; nothing
   * changes.
   * @throws {@link InvalidTimestampError} if `remote` is not a timestamp.
   * @throws {@link ClockReadError} if the physical clock does not return a time.
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
   * Accepts a write, or refuses one that would win over everything that others write for too long, because its stamp is
   * more than `maxWriteAheadMs` ahead of the physical clock. Call it before a register or a store merges the write. Old
   * writes always pass, and the clock does not move.
   *
   * @throws {@link ClockDriftError} with the origin `write`.
   * @throws {@link InvalidTimestampError} if `write` is not a timestamp.
   * @throws {@link ClockReadError} if the physical clock does not return a time.
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
   * Returns how far ahead of the physical clock a stamp is, in milliseconds; negative if it is behind.
   *
   * @throws {@link InvalidTimestampError} if `stamp` is not a timestamp.
   * @throws {@link ClockReadError} if the physical clock does not return a time.
   */
  aheadMs(stamp: TimestampFields): number {
    return HLCTimestamp.from(stamp).physicalMs - this.#note(this.#wallMs());
  }

  /**
   * Raises this clock to a stamp that this node has issued before, found in its log or made by another thread. Every
   * later stamp will be greater. It checks no drift, so pass only stamps you trust.
   *
   * @throws {@link InvalidTimestampError} if `own` is not a timestamp.
   */
  raise(own: TimestampFields): void {
    const { physicalMs, logical } = HLCTimestamp.from(own);
    if (physicalMs < this.#physicalMs || (physicalMs === this.#physicalMs && logical < this.#logical)) return;
    this.#physicalMs = physicalMs;
    this.#logical = logical;
    this.#steadyMs = Number.NaN;
  }

  /**
   * Sets a clock that is ahead back to its physical clock, and returns the stamp that it gives up; undefined, and nothing
   * changes, if it is at most one millisecond ahead. For a physical clock that was wrong, ran ahead and was put right:
   * without this, `now` is refused until the physical clock has caught up, restarts included. The next stamp is one
   * millisecond after the physical clock. It gives up what a clock promises, so a human decides it:
   * - Stamps to come are less than those that were issued while it was ahead. Where those are in use, the older writes win
   *   until their time has come.
   * - Stamps may repeat in every later millisecond in which this node has issued one before. Those are the milliseconds of
   *   the time ahead, received stamps that pulled the clock included, and those before it if the physical clock is put right
   *   to an earlier time than it once had. A node that can take a new name should take it instead: its stamps are then never
   *   equal to the old ones. Otherwise call this only when the physical clock has passed the last stamp from before it was
   *   wrong, and have no stamps from the time ahead in use when it comes.
   * - Until the physical clock reaches a stamp of its own from the time ahead, that is a {@link DuplicateNodeError} to
   *   `update`.
   *
   * The lower bound is reserved before it returns, so a restart keeps it.
   *
   * @throws {@link ClockReadError} if the physical clock does not return a time, and the errors of `reserve`; the clock is
   * unchanged. `reserve` may have stored the lower bound before it threw, so the next stamp reserves again.
   * @example
   * ```ts
   * import { HybridLogicalClock } from "@void-system/hlc";
   *
   * const day = 86_400_000;
   * const clock = new HybridLogicalClock("node_a", { wallMs: () => 10 * day, restoredUpToMs: 11 * day });
   * clock.startOver()?.physicalMs; // => 11 * day
   * clock.now().physicalMs; // => 10 * day + 1
   * ```
   */
  startOver(): HLCTimestamp | undefined {
    const wallMs = this.#note(this.#wallMs());
    if (this.#physicalMs <= wallMs + 1) return undefined; // after a call, the clock is one ahead
    const given = this.peek();
    if (this.#reserve) this.#reserveFrom(wallMs);
    // As if the last stamp of this millisecond had been issued, in which there may have been others.
    this.#physicalMs = wallMs;
    this.#logical = LOGICAL_MAX;
    this.#steadyMs = Number.NaN;
    return given;
  }

  /** Returns the newest stamp of this clock without making a new one; `0, 0` before the first. */
  peek(): HLCTimestamp {
    return new HLCTimestamp(this.#physicalMs, this.#logical, this.nodeId, CHECKED);
  }

  /** Returns the counters of this clock. */
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

  /** Checks and counts a reading of the physical clock, and returns it in whole milliseconds. */
  #note(readMs: number): number {
    const wallMs = typeof readMs === "number" ? Math.floor(readMs) : Number.NaN;
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
    this.#steadyMs = Number.NaN; // until a stamp is issued at this reading
    return wallMs;
  }

  /**
   * Moves the clock, the only place that does. Steps that can fail come first, so a failure leaves the clock unchanged.
   */
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
    // If it throws, the bound on the disk may be the old one or this one, which may be lower: the next stamp reserves first.
    this.#reservedUpToMs = -1;
    this.#steadyMs = Number.NaN;
    const answer: unknown = this.#reserve?.(upToMs);
    if (answer instanceof Promise) answer.catch(() => undefined); // it is refused, whatever it comes to
    if (answer !== undefined) {
      throw new InvalidOptionError("reserve", "a function that is done when it returns, with nothing", answer);
    }
    this.#reservations += 1;
    this.#reservedUpToMs = upToMs;
  }
}

function duration(name: string, ms: number): number {
  checkNumber(name, ms, 0, "milliseconds");
  return ms;
}
