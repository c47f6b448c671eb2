import { type ClockOptions, type ClockStats, HybridLogicalClock, type MutableStamp } from "./clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";

/** Size of the memory that the threads of a {@link SharedClock} share. */
export const SHARED_CLOCK_BYTES = 8;

/** Options of a {@link SharedClock}. */
export interface SharedClockOptions extends ClockOptions {
  /**
   * Makes a bound durable before this thread issues any stamp above its last bound, as in {@link ClockOptions}. Threads
   * do not wait for each other: keep one bound per thread, and pass the greatest as `restoredUpToMs`.
   */
  readonly reserve?: (upToMs: number) => undefined;
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
  /** The newest stamp of all threads: 48 bits of milliseconds, 16 of the counter. */
  readonly #newest: BigUint64Array;

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
   * @throws The errors of {@link HybridLogicalClock.now}.
   */
  nowInto(stamp: MutableStamp): void {
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
   * Sets this thread's clock back to its physical clock, as {@link HybridLogicalClock.startOver} does, and the memory of all
   * threads with it, if that is ahead as well. Each thread calls it for itself, and until then its own `now` is refused.
   *
   * @throws The errors of {@link HybridLogicalClock.startOver}.
   */
  startOver(): HLCTimestamp | undefined {
    const seen = Atomics.load(this.#newest, 0);
    this.#clock.raise(this.#unpack(seen));
    const given = this.#clock.startOver();
    // If another thread has lowered it already, stamps above 0 have been issued since.
    if (given !== undefined && compareTimestamps(given, this.#unpack(seen)) === 0) Atomics.compareExchange(this.#newest, 0, seen, 0n);
    return given;
  }

  /** Returns the newest stamp of all threads without making a new one; `0, 0` before the first. */
  peek(): HLCTimestamp {
    return this.#unpack(Atomics.load(this.#newest, 0));
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
      const seen = Atomics.load(this.#newest, 0);
      this.#clock.raise(this.#unpack(seen));
      const stamp = make();
      const packed = (BigInt(stamp.physicalMs) << 16n) | BigInt(stamp.logical);
      if (Atomics.compareExchange(this.#newest, 0, seen, packed) === seen) return stamp;
    }
  }

  #unpack(packed: bigint): HLCTimestamp {
    return new HLCTimestamp(Number(packed >> 16n), Number(BigInt.asUintN(16, packed)), this.nodeId);
  }
}
