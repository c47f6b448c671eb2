/**
 * The effects of randomness, log, disk, jobs on threads, secrets and state. Time and the network have files of their own.
 */
import type { BlobAddress, Lsn } from "../brand.ts";
import type { Secrets as SecretsFacet, StateCell } from "../handlers/direct-effects.ts";
import type { Secret } from "../handlers/secret.ts";
import type * as world from "../world.ts";
import { type FacetEffect, facetEffect } from "./facet-effect.ts";
import { suspend, type Suspension } from "../fibers/suspension.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Waits for a callback that is called with an answer or an error. */
function fromCallback<A>(begin: (done: (answer: A | Error) => void) => void | world.Cancel): Suspension<A> {
  return suspend((resume, fail) => begin((answer) => (answer instanceof Error ? fail(answer) : resume(answer))));
}

/** Operations of {@link Random}. */
export interface RandomOperations {
  /** Returns a number in [0, 1). */
  next(): number;
  /** Returns `length` random bytes. */
  bytes(length: number): Uint8Array;
}

/**
 * The effect of randomness. Its handlers are `World.random`, a `RandomHandler` or any other `Random`.
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

/** Operations of {@link Log}. Each logs an event under its stable name, with its fields. */
export interface LogOperations {
  /** Logs a detail that helps to find a fault. */
  debug(event: string, fields?: Fields): void;
  /** Logs an event of normal operation. */
  info(event: string, fields?: Fields): void;
  /** Logs an event that may need attention. */
  warn(event: string, fields?: Fields): void;
  /** Logs an event that needs attention. */
  error(event: string, fields?: Fields): void;
}

/**
 * The effect of logging. Its handlers are `World.logger`, a `LogHandler` or any other `Logger`.
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

/** Operations of {@link Disk}. They throw when the log fails, which ends the life of the log: restart the node. */
export interface DiskOperations {
  /**
   * Opens or creates a log. To append, call the log's own `append`, which never waits. A log stays open for the life of
   * its node. A log whose opening was cancelled cannot be opened again in that life.
   */
  open(name: string): world.Recovered;
  /** Waits until everything that was appended before is durable. */
  sync(log: world.DurableLog): void;
  /** Makes `chunks` the newest checkpoint, and waits until it is durable. */
  checkpoint(log: world.DurableLog, upTo: Lsn, chunks: Iterable<Uint8Array>): void;
  /** Opens or creates a blob store. */
  openBlobs(name: string): world.OpenedBlobs;
  /** Waits until a blob is durable. */
  put(blobs: world.BlobStore, bytes: Uint8Array): BlobAddress;
  /** Reads a blob. */
  get(blobs: world.BlobStore, address: BlobAddress): Uint8Array;
  /** Removes blobs. */
  drop(blobs: world.BlobStore, addresses: Iterable<BlobAddress>): void;
}

/**
 * The effect of durable logs and blobs. Its handlers are `World.disk`, a `DiskHandler` or any other `Disk`.
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
    open: (name) => fromCallback<world.Recovered>((done) => void disk.open(name, done)),
    sync: (log) => fromCallback<void>((done) => void log.sync(done)),
    checkpoint: (log, upTo, chunks) => fromCallback<void>((done) => void log.checkpoint(upTo, chunks, done)),
    openBlobs: (name) => fromCallback<world.OpenedBlobs>((done) => void disk.openBlobs(name, done)),
    put: (blobs, bytes) => fromCallback<BlobAddress>((done) => void blobs.put(bytes, done)),
    get: (blobs, address) => fromCallback<Uint8Array>((done) => void blobs.get(address, done)),
    drop: (blobs, addresses) => fromCallback<void>((done) => void blobs.drop(addresses, done)),
  }),
  (disk) => ({ disk }),
);

/** Operations of {@link Compute}. */
export interface ComputeOperations {
  /** Runs a job and waits for its output. */
  run(job: world.Job, input: Uint8Array): Uint8Array;
}

/**
 * The effect of jobs off the event loop. Its handlers are `World.compute` or any other `Compute`.
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
    run: (job, input) => fromCallback<Uint8Array>((done) => compute.run(job, input, done)),
  }),
);

/** Operations of {@link Secrets}. */
export interface SecretsOperations {
  /** Returns the secret of that name. Throws a `SecretMissingError` when it is missing or empty. */
  get(name: string): Secret;
}

/**
 * The effect of secrets. Its handler is a `SecretsHandler`, which reads only from the source that it is given.
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

/** Operations of an effect of {@link state}. */
export interface StateOperations<S> {
  /** Returns the value. */
  get(): S;
  /** Replaces the value. */
  put(state: S): void;
  /** Replaces the value by the result of `change`, and returns it. */
  update(change: (state: S) => S): S;
}

/**
 * Defines an effect of state, with a type and a key of its own. Its handlers are a `StateHandler` or any other
 * `StateCell`. Inside its `handle`, `getState` and `putState` reach the innermost cell.
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
      // In direct style the caller asserts the type.
      (cell) => ({ state: cell as StateCell<unknown> }),
    );
}
