import { type ClockOptions, type ClockStats, HybridLogicalClock, type MutableStamp } from "./clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";

/** Bytes of the memory that the threads of a {@link SharedClock} share. */
export const SHARED_CLOCK_BYTES = 8;

/** How a {@link SharedClock} is to behave. */
export interface SharedClockOptions extends ClockOptions {
  /**
   * Makes a bound durable before this thread gives out any stamp above its last bound, as in {@link ClockOptions}.
   * Threads do not wait for each other: keep one bound for each thread, and pass the greatest of all as
   * `restoredUpToMs`.
   */
  readonly reserve?: (upToMs: number) => undefined;
}

/**
 * One clock of one node for all its threads: each makes one on the same shared memory, and no two stamps are equal.
 * Lock-free: a thread that stops in the middle holds nobody up.
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
  /** The name of this node, as its stamps carry it. */
  readonly nodeId: string;

  /** What this thread knows. All checks are its own; it is raised to what the others have given out. */
  readonly #clock: HybridLogicalClock;
  /** The newest stamp of all threads: 48 bits of milliseconds, 16 of the counter. */
  readonly #newest: BigUint64Array;

  /**
   * @param nodeId - The name of the node, the same in all threads.
   * @param memory - The same in all threads, filled with zeros at first.
   * @throws {@link InvalidTimestampError} if `nodeId` cannot name a node.
   * @throws {@link InvalidOptionError} if an option cannot work.
   */
  constructor(nodeId: string, memory: SharedArrayBuffer, options: SharedClockOptions = {}) {
    if (memory.byteLength !== SHARED_CLOCK_BYTES) {
      throw new InvalidOptionError("memory", `${SHARED_CLOCK_BYTES} bytes long`, memory.byteLength);
    }
    this.#clock = new HybridLogicalClock(nodeId, options);
    this.nodeId = nodeId;
    this.#newest = new BigUint64Array(memory);
  }

  /**
   * A new stamp for an event of this node, as {@link HybridLogicalClock.now} makes it.
   *
   * @throws what {@link HybridLogicalClock.now} throws.
   */
  now(): HLCTimestamp {
    return this.#next(() => this.#clock.now());
  }

  /**
   * Like {@link SharedClock.now}, but the stamp is written into `stamp`.
   *
   * @throws what {@link HybridLogicalClock.now} throws.
   */
  nowInto(stamp: MutableStamp): void {
    const { physicalMs, logical } = this.now();
    stamp.physicalMs = physicalMs;
    stamp.logical = logical;
  }

  /**
   * A new stamp for the event of receiving `remote`, as {@link HybridLogicalClock.update} makes it.
   *
   * @throws what {@link HybridLogicalClock.update} throws.
   */
  update(remote: TimestampFields): HLCTimestamp {
    return this.#next(() => this.#clock.update(remote));
  }

  /** The newest stamp of all threads, without making a new one; `0, 0` before the first. */
  peek(): HLCTimestamp {
    return this.#unpack(Atomics.load(this.#newest, 0));
  }

  /** What this thread's share of the clock has met. */
  stats(): ClockStats {
    return this.#clock.stats();
  }

  /** Tries until no other thread came between. A stamp that lost is given to nobody; this thread goes on above it. */
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
