/**
 * The platform's own clock, randomness and console, for browsers and servers. No other portable file reads the platform.
 */
import { delayOf } from "./delay.ts";
import { inPlaceCompute } from "./in-place-compute.ts";
import { memoryDisk } from "./memory-disk.ts";
import type { Cancel, Clock, Logger, LogLevel, Network, Random, World } from "../world.ts";

/** The longest delay of `setTimeout`, which fires at once for a longer one. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;
/** Most bytes that one call of `getRandomValues` fills. */
const RANDOM_BYTES_MAX = 65_536;

/**
 * Runs `task` soon, from the event loop: by `setImmediate` where it exists, else by `setTimeout(0)`. Timers and sockets
 * that are due keep getting their turns.
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
 * Returns the platform's clock. A timer keeps the process alive until it fires or is cancelled.
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

/** Sets a timeout of any length, by a chain of timeouts if it exceeds the platform's longest. */
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
 * Returns the platform's cryptographic randomness.
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
    // 53 random bits are the most that a number in [0, 1) can hold with an even spread.
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

/** A logger that drops every line. */
export const silent: Logger = { log: () => undefined };

/** Parts of {@link platformWorld}. */
export interface PlatformWorldParts {
  /** The node's links. */
  readonly network: Network;
  /** Receives the node's log lines. @defaultValue {@link silent} */
  readonly logger?: Logger;
}

/**
 * Makes a world that runs on every platform: the platform's clock and randomness, jobs on the event loop's thread, and a
 * **volatile** disk, whose contents are lost with the process. It serves examples, tests, and nodes that keep nothing.
 * `nodeWorld` of `@void-system/effects/node` has a durable disk.
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

/** Prints a log line: level, event, and fields as JSON. */
export function printLine(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>): void {
  // The caller asked for printing, and the console is the only output that every platform has.
  // oxlint-disable-next-line no-console
  console.log(`${level} ${event}${Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ""}`);
}

/** A value that is visible to all code inside a call, without being passed as an argument. */
export interface Ambient<Value> {
  /** True if the value is still right after an `await`. */
  readonly followsAwait: boolean;
  /** Returns the value in force, if there is one. */
  current(): Value | undefined;
  /** Runs `body` with another value in force. */
  run<Result>(value: Value, body: () => Result): Result;
}

/**
 * Makes an ambient value, by `AsyncLocalStorage` where it exists (Node.js, Deno, Bun). Elsewhere it serves synchronous
 * code only.
 */
export function ambient<Value>(): Ambient<Value> {
  // Looked up at run time, because an import of `node:async_hooks` would break this package in browsers.
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
