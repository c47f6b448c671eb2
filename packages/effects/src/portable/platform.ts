/**
 * The platform's own clock and chance, for browsers and servers alike. No other portable file reads the platform.
 */
import { delayOf } from "./delay.ts";
import { inPlaceCompute } from "./in-place-compute.ts";
import { memoryDisk } from "./memory-disk.ts";
import type { Cancel, Clock, Logger, LogLevel, Network, Random, World } from "../world.ts";

/** The longest delay that `setTimeout` keeps; a longer one would fire at once. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;
/** The most that `getRandomValues` gives in one call. */
const RANDOM_BYTES_MAX = 65_536;

/**
 * Runs `task` from the event loop, soon: after what runs now, before no timer or socket that is due has had its turn.
 * `setImmediate` where there is one, else `setTimeout(0)`.
 */
export function soon(task: () => void): Cancel {
  if (typeof setImmediate === "function") {
    const immediate = setImmediate(task);
    return () => clearImmediate(immediate);
  }
  const timeout = setTimeout(task, 0);
  return () => clearTimeout(timeout);
}

/**
 * The platform's clock. Timers keep the process alive, as long as they are not cancelled.
 *
 * @example
 * ```ts
 * import { platformClock } from "@void-system/effects";
 * platformClock().wallMs() > 1.7e12; // => true
 * ```
 */
export function platformClock(): Clock {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule: (delayMs, wake) => (delayOf(delayMs) === 0 ? soon(wake) : timer(delayMs, wake)),
  };
}

/** A timeout of any length: one longer than the platform's longest is made of several. */
function timer(delayMs: number, wake: () => void): Cancel {
  let restMs = delayMs;
  const wait = (): ReturnType<typeof setTimeout> => {
    const stretchMs = Math.min(restMs, TIMEOUT_MS_MAX);
    restMs -= stretchMs;
    return setTimeout(() => {
      if (restMs > 0) timeout = wait();
      else wake();
    }, Math.ceil(stretchMs));
  };
  let timeout = wait();
  return () => clearTimeout(timeout);
}

/**
 * The platform's cryptographic randomness.
 *
 * @example
 * ```ts
 * import { platformRandom } from "@void-system/effects";
 * platformRandom().bytes(16).length; // => 16
 * ```
 */
export function platformRandom(): Random {
  const words = new Uint32Array(2);
  const next = (): number => {
    const [high = 0, low = 0] = crypto.getRandomValues(words);
    // 53 bits: as many as a number in [0, 1) can carry evenly.
    return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
  };
  return { bytes: randomBytes, next };
}

function randomBytes(length: number): Uint8Array {
  const filled = new Uint8Array(length);
  for (let at = 0; at < length; at += RANDOM_BYTES_MAX)
    crypto.getRandomValues(filled.subarray(at, at + RANDOM_BYTES_MAX));
  return filled;
}

/** A logger that tells nobody. */
export const silent: Logger = { log: () => undefined };

/** What {@link platformWorld} stands on. */
export interface PlatformWorldParts {
  /** The node's links. */
  readonly network: Network;
  /** @defaultValue {@link silent} */
  readonly logger?: Logger;
}

/**
 * A world that needs nothing installed: the platform's clock and chance, jobs that run in place, and a **volatile**
 * disk, gone with the process. For examples, tests, and nodes that keep nothing; `nodeWorld` of `@void-system/effects/node` has a real
 * disk.
 *
 * @example
 * ```ts
 * import { memoryHub, peerId, platformWorld } from "@void-system/effects";
 * const world = platformWorld({ network: memoryHub().join(peerId("a")) });
 * world.network.self; // => "a"
 * ```
 */
export function platformWorld(parts: PlatformWorldParts): World {
  const clock = platformClock();
  return {
    clock,
    random: platformRandom(),
    network: parts.network,
    disk: memoryDisk(clock),
    compute: inPlaceCompute(clock),
    logger: parts.logger ?? silent,
  };
}

/** Prints one line of a log: level, event, fields as JSON. */
export function printLine(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void {
  // Printing is what was asked for, and the console is the one place to print that every platform has.
  // oxlint-disable-next-line no-console
  console.log(`${level} ${event}${Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ""}`);
}

/** A value that code deep inside of a call can see, without being handed it. */
export interface Ambient<Value> {
  /** True if it is right behind an `await`, too. */
  readonly followsAwait: boolean;
  /** The value around, if there is one. */
  current(): Value | undefined;
  /** Runs `body` with another value. */
  run<Result>(value: Value, body: () => Result): Result;
}

/** By `AsyncLocalStorage` where there is one (Node.js, Deno, Bun); elsewhere by a slot, for synchronous code only. */
export function ambient<Value>(): Ambient<Value> {
  // Asked for at run time: an import of `node:async_hooks` would break this package in browsers.
  const hooks = typeof process === "object" ? process.getBuiltinModule?.("node:async_hooks") : undefined;
  if (hooks) {
    const storage = new hooks.AsyncLocalStorage<Value>();
    return { followsAwait: true, current: () => storage.getStore(), run: (value, body) => storage.run(value, body) };
  }
  let slot: Value | undefined;
  return {
    followsAwait: false,
    current: () => slot,
    run: (value, body) => {
      const outer = slot;
      slot = value;
      try {
        return body();
      } finally {
        slot = outer;
      }
    },
  };
}
