import { type ClockOptions, type ClockStats, HybridLogicalClock, type MutableStamp } from "./clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { checkObject } from "../internal/options.ts";
import { HLCTimestamp, LOGICAL_MAX, type TimestampFields } from "../timestamp/timestamp.ts";

/** Size of the memory that the threads of a {@link SharedClock} share. */
export const SHARED_CLOCK_BYTES = 8;

/** Options of a {@link SharedClock}. */
export interface SharedClockOptions extends ClockOptions {
  /**
   * Makes a bound durable before this thread issues any stamp above its last bound, as in {@link ClockOptions}. Threads
   * do not wait for each other: keep one bound per thread, and pass the greatest as `restoredUpToMs`. After
   * {@link SharedClock.startOver}, each thread reserves its lower bound with its next stamp. Remove the bounds of threads
   * that make no more.
   */
  readonly reserve?: (upToMs: number) => undefined;
  /**
   * Greatest bound that any thread made durable before the restart. It raises the clock of all threads at once, so a thread
   * that is made after {@link SharedClock.startOver} must not pass the bound from before it.
   */
  readonly restoredUpToMs?: number;
}

/**
 * One clock for all threads of a node. Each thread makes its own object on the same shared memory, and no two stamps
 * are equal. Lock-free: a thread that is suspended at any point blocks no other.
 *
 * @example
 * ```ts
 * import { SHARED_CLOCK_BYTES, SharedClock } from "@void-system/hlc";
 *
 * const memory = new SharedArrayBuffer(SHARED_CLOCK_BYTES); // to be posted to the other threads
 * const here = new SharedClock("node_a", memory);
 * const there = new SharedClock("node_a", memory);
 * const stamps = [here.now(), there.now(), here.now()];
 * stamps.toSorted().every((stamp, index) => stamp === stamps[index]); // => true
 * ```
 */
export class SharedClock {
  /** Name of this node, which its stamps carry. */
  readonly nodeId: string;

  /** This thread's clock. It makes all checks, and is raised to the stamps that other threads have issued. */
  readonly #clock: HybridLogicalClock;
  /** The newest stamp of all threads: 48 bits of milliseconds, 16 of the counter. Only `startOver` lowers it. */
  readonly #newest: BigUint64Array;
  /** The newest stamp of all threads when this one last looked. */
  #seen = 0n;

  /**
   * @param nodeId - Name of the node, the same in all threads.
   * @param memory - The same in all threads, filled with zeros at first.
   * @throws {@link InvalidTimestampError} if `nodeId` is not a valid node name.
   * @throws {@link InvalidOptionError} if an option is out of range.
   */
  constructor(nodeId: string, memory: SharedArrayBuffer, options: SharedClockOptions = {}) {
    // Without cross-origin isolation, browsers have no such class.
    if (typeof SharedArrayBuffer === "undefined" || !(memory instanceof SharedArrayBuffer)) {
      throw new InvalidOptionError("memory", "a SharedArrayBuffer", memory);
    }
    if (memory.byteLength !== SHARED_CLOCK_BYTES) {
      throw new InvalidOptionError("memory", `${SHARED_CLOCK_BYTES} bytes long`, memory.byteLength);
    }
    this.#clock = new HybridLogicalClock(nodeId, options);
    this.nodeId = nodeId;
    this.#newest = new BigUint64Array(memory);
    // At once, because later it could undo another thread's startOver.
    if (options.restoredUpToMs !== undefined) this.#raise((this.#seen = packed(this.#clock.peek())));
  }

  /**
   * Returns a new stamp for an event of this node, as {@link HybridLogicalClock.now} does.
   *
   * @throws The errors of {@link HybridLogicalClock.now}.
   */
  now(): HLCTimestamp {
    return this.#next(() => this.#clock.now());
  }

  /**
   * Writes a new stamp into `stamp`.
   *
   * @throws The errors of {@link HybridLogicalClock.nowInto}.
   */
  nowInto(stamp: MutableStamp): void {
    checkObject("stamp", stamp);
    const { physicalMs, logical } = this.now();
    stamp.physicalMs = physicalMs;
    stamp.logical = logical;
  }

  /**
   * Returns a new stamp for the event of receiving `remote`, as {@link HybridLogicalClock.update} does.
   *
   * @throws The errors of {@link HybridLogicalClock.update}.
   */
  update(remote: TimestampFields): HLCTimestamp {
    return this.#next(() => this.#clock.update(remote));
  }

  /**
   * Sets the clock of all threads back to the physical clock of this one, as {@link HybridLogicalClock.startOver} does. One
   * thread calls it. The others follow with their next stamps.
   *
   * @throws The errors of {@link HybridLogicalClock.startOver}. If `reserve` throws, the memory of all threads is set back
   * already, and this thread reserves before its next stamp.
   */
  startOver(): HLCTimestamp | undefined {
    for (;;) {
      const seen = this.#look();
      const given = unpacked(seen, this.nodeId);
      const aheadMs = this.#clock.aheadMs(given);
      if (aheadMs <= 1) return undefined;
      const lower = packed({ physicalMs: given.physicalMs - aheadMs, logical: LOGICAL_MAX });
      // A thread that makes a stamp at this moment either comes first, and this one is above it, or makes another.
      if (Atomics.compareExchange(this.#newest, 0, seen, lower) !== seen) continue;
      this.#look();
      return given;
    }
  }

  /** Returns the newest stamp of all threads without making a new one; `0, 0` before the first. */
  peek(): HLCTimestamp {
    return unpacked(Atomics.load(this.#newest, 0), this.nodeId);
  }

  /** Returns the counters of this thread's clock. */
  stats(): ClockStats {
    return this.#clock.stats();
  }

  /**
   * Retries until no other thread has interfered. A stamp that lost the race is discarded, and the next is above it.
   */
  #next(make: () => HLCTimestamp): HLCTimestamp {
    for (;;) {
      const seen = this.#look();
      const stamp = make();
      const made = packed(stamp);
      if (Atomics.compareExchange(this.#newest, 0, seen, made) !== seen) continue;
      this.#seen = made;
      return stamp;
    }
  }

  /** Brings this thread's clock to the newest stamp of all threads, up or down, and returns that. */
  #look(): bigint {
    const newest = Atomics.load(this.#newest, 0);
    if (newest < this.#seen) this.#clock.startOver(); // as a thread did for all; if it fails, the next look tries again
    this.#seen = newest;
    this.#clock.raise(unpacked(newest, this.nodeId));
    return newest;
  }

  #raise(least: bigint): void {
    for (;;) {
      const newest = Atomics.load(this.#newest, 0);
      if (newest >= least || Atomics.compareExchange(this.#newest, 0, newest, least) === newest) return;
    }
  }
}

function packed({ physicalMs, logical }: { readonly physicalMs: number; readonly logical: number }): bigint {
  return (BigInt(physicalMs) << 16n) | BigInt(logical);
}

function unpacked(stamp: bigint, nodeId: string): HLCTimestamp {
  return new HLCTimestamp(Number(stamp >> 16n), Number(BigInt.asUintN(16, stamp)), nodeId);
}
