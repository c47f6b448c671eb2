/**
 * More of the World's facets as effects: chance, log, disk, work for other threads; and secrets, and state.
 */
import type { Lsn } from "../brand.ts";
import type { Secrets as SecretsFacet, StateCell } from "../handlers/direct-effects.ts";
import type { Secret } from "../handlers/secret.ts";
import type * as world from "../world.ts";
import { type FacetEffect, facetEffect } from "./facet-effect.ts";
import { suspend, type Suspension } from "../fibers/suspension.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Waits for a callback that is told an answer or an error. */
function told<A>(begin: (done: (answer: A | Error) => void) => void | world.Cancel): Suspension<A> {
  return suspend((resume, fail) => begin((answer) => (answer instanceof Error ? fail(answer) : resume(answer))));
}

/** Chance, as operations. */
export interface RandomOperations {
  /** A number in [0, 1). */
  next(): number;
  /** `length` bytes. */
  bytes(length: number): Uint8Array;
}

/**
 * Chance: handled by `World.random`, by a `RandomHandler`, by any `Random`.
 *
 * @example
 * ```ts
 * import { SeededRandom } from "@void-system/effects";
 * import { runSync } from "@void-system/effects/fibers";
 * import { Random } from "@void-system/effects/world";
 *
 * const roll = (seed: number) => runSync(() => Random.handle(new SeededRandom(seed), () => Random.next()));
 * roll(7) === roll(7); // => true
 * ```
 */
export const Random: FacetEffect<"void.random", world.Random, RandomOperations> = /* @__PURE__ */ facetEffect<world.Random, RandomOperations>()(
  "void.random",
  (random) => ({ next: () => random.next(), bytes: (length) => random.bytes(length) }),
  (random) => ({ random }),
);

/** What people are told, as operations: an event by its stable name, with its fields. */
export interface LogOperations {
  /** For whoever looks for a fault. */
  debug(event: string, fields?: Fields): void;
  /** What is as it should be. */
  info(event: string, fields?: Fields): void;
  /** What may need somebody. */
  warn(event: string, fields?: Fields): void;
  /** What needs somebody. */
  error(event: string, fields?: Fields): void;
}

/**
 * What people are told: handled by `World.logger`, by a `LogHandler`, by any `Logger`.
 *
 * @example
 * ```ts
 * import { LogHandler } from "@void-system/effects";
 * import { runSync } from "@void-system/effects/fibers";
 * import { Log } from "@void-system/effects/world";
 *
 * const lines = new LogHandler("collect");
 * runSync(() => Log.handle(lines, () => Log.info("started", { port: 80 })));
 * lines.collected; // => [{ level: "info", event: "started", fields: { port: 80 } }]
 * ```
 */
export const Log: FacetEffect<"void.log", world.Logger, LogOperations> = /* @__PURE__ */ facetEffect<world.Logger, LogOperations>()(
  "void.log",
  (logger) => {
    const at = (level: world.LogLevel) => (event: string, fields?: Fields) => logger.log(level, event, fields);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  },
  (logger) => ({ logger }),
);

/** Durable logs, as operations. What fails is thrown, and fatal for the log: restart over it. */
export interface DiskOperations {
  /**
   * Opens or creates a log. To append, call its own `append`, which never waits. A log stays open as long as its node: one whose
   * opening was cancelled cannot be opened again.
   */
  open(name: string): world.Recovered;
  /** Waits until what was appended before is durable. */
  sync(log: world.DurableLog): void;
  /** Makes `chunks` the newest checkpoint, and waits until it is durable. */
  checkpoint(log: world.DurableLog, upTo: Lsn, chunks: Iterable<Uint8Array>): void;
}

/**
 * Durable logs: handled by `World.disk`, by a `DiskHandler`, by any `Disk`.
 *
 * @example
 * ```ts
 * import { memoryDisk, platformClock } from "@void-system/effects";
 * import { run } from "@void-system/effects/fibers";
 * import { Disk } from "@void-system/effects/world";
 *
 * function* remember(vote: number) {
 *   const { log } = yield* Disk.open("votes");
 *   log.append(Uint8Array.of(vote));
 *   yield* Disk.sync(log);
 *   return [...(yield* Disk.open("votes")).records].length;
 * }
 * await run(() => Disk.handle(memoryDisk(platformClock()), () => remember(1))); // => 1
 * ```
 */
export const Disk: FacetEffect<"void.disk", world.Disk, DiskOperations> = /* @__PURE__ */ facetEffect<world.Disk, DiskOperations>()(
  "void.disk",
  (disk) => ({
    open: (name) => told<world.Recovered>((done) => void disk.open(name, done)),
    sync: (log) => told<void>((done) => void log.sync(done)),
    checkpoint: (log, upTo, chunks) => told<void>((done) => void log.checkpoint(upTo, chunks, done)),
  }),
  (disk) => ({ disk }),
);

/** Work for other threads, as operations. */
export interface ComputeOperations {
  /** Waits for a job's output. */
  run(job: world.Job, input: Uint8Array): Uint8Array;
}

/**
 * Work that would hold up the event loop: handled by `World.compute`, by any `Compute`.
 *
 * @example
 * ```ts
 * import { inPlaceCompute, type Job, platformClock } from "@void-system/effects";
 * import { run } from "@void-system/effects/fibers";
 * import { Compute } from "@void-system/effects/world";
 *
 * const doubled = (input: Uint8Array): Uint8Array => input.map((byte) => byte * 2);
 * const job: Job = { name: "doubled", module: import.meta.url, run: doubled };
 * const compute = inPlaceCompute(platformClock());
 * await run(() => Compute.handle(compute, () => Compute.run(job, Uint8Array.of(4)))); // => Uint8Array.of(8)
 * ```
 */
export const Compute: FacetEffect<"void.compute", world.Compute, ComputeOperations> = /* @__PURE__ */ facetEffect<world.Compute, ComputeOperations>()(
  "void.compute",
  (compute) => ({
    run: (job, input) => told<Uint8Array>((done) => compute.run(job, input, done)),
  }),
);

/** Secrets, as operations. */
export interface SecretsOperations {
  /** The secret of that name; a `SecretMissingError` is thrown when there is none. */
  get(name: string): Secret;
}

/**
 * Secrets: handled by a `SecretsHandler`, which reads only what it is given.
 *
 * @example
 * ```ts
 * import { SecretsHandler } from "@void-system/effects";
 * import { runSync } from "@void-system/effects/fibers";
 * import { Secrets } from "@void-system/effects/world";
 *
 * const mock = new SecretsHandler({ API_KEY: "hunter2" });
 * const key = runSync(() => Secrets.handle(mock, () => Secrets.get("API_KEY")));
 * [String(key), key.reveal()]; // => ["[secret API_KEY]", "hunter2"]
 * ```
 */
export const Secrets: FacetEffect<"void.secrets", SecretsFacet, SecretsOperations> = /* @__PURE__ */ facetEffect<SecretsFacet, SecretsOperations>()(
  "void.secrets",
  (secrets) => ({ get: (name) => secrets.get(name) }),
  (secrets) => ({ secrets }),
);

/** One value that is kept, as operations. */
export interface StateOperations<S> {
  /** The value. */
  get(): S;
  /** Replaces it. */
  put(state: S): void;
  /** Replaces it by what `change` makes of it, and gives that. */
  update(change: (state: S) => S): S;
}

/**
 * Defines an effect of state, of a type and a key of its own: handled by a `StateHandler`, by any `StateCell`. Inside,
 * `getState` and `putState` reach the innermost.
 *
 * @example
 * ```ts
 * import { StateHandler } from "@void-system/effects";
 * import { runSync } from "@void-system/effects/fibers";
 * import { state } from "@void-system/effects/world";
 *
 * const Count = state<number>()("example/count");
 * const cell = new StateHandler(1);
 * runSync(() => Count.handle(cell, () => Count.update((count) => count + 1))); // => 2
 * cell.get(); // => 2
 * ```
 */
export function state<S>(): <const K extends string>(key: K) => FacetEffect<K, StateCell<S>, StateOperations<S>> {
  return (key) =>
    facetEffect<StateCell<S>, StateOperations<S>>()(
      key,
      (cell) => ({
        get: () => cell.get(),
        put: (next) => cell.put(next),
        update: (change) => {
          const next = change(cell.get());
          cell.put(next);
          return next;
        },
      }),
      // In direct style the type is the caller's word.
      (cell) => ({ state: cell as StateCell<unknown> }),
    );
}
