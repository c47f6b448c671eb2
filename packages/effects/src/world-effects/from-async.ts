/**
 * Async functions as programs: the World's operations with promises.
 */
import type { BlobAddress, Lsn, PeerId } from "../brand.ts";
import type { AsyncCall } from "../fibers/evidence.ts";
import type { Closed, Eff } from "../fibers/eff.ts";
import type { BlobStore, DurableLog, Job, Logger, OpenedBlobs, Random as RandomFacet, Recovered } from "../world.ts";
import { asyncHost, type AsyncProgram } from "./async-host.ts";
import { Clock } from "./clock.ts";
import { Compute, Disk, Log, Random } from "./facets.ts";
import { Fiber } from "../fibers/fiber.ts";
import { FiberCancelledError, ProgramReturnedError } from "../errors.ts";
import type { Outcome } from "../fibers/running-fiber.ts";
import { Net, type Received } from "./network.ts";
import { running } from "../fibers/current.ts";
import { Step } from "../fibers/step.ts";
import { suspend } from "../fibers/suspension.ts";
import type { WorldNeeds } from "./in-world.ts";

/**
 * The World, as seen by an async function. Operations that wait return promises, all others answer at once. Its members
 * may be destructured.
 */
export interface AsyncWorld {
  /** Time and timers. */
  readonly clock: {
    /** Returns milliseconds since 1970 by this node's clock. */
    now(): number;
    /** Returns milliseconds that never go back. */
    monotonic(): number;
    /** Waits for `ms` milliseconds, or a little longer. */
    sleep(ms: number): Promise<void>;
  };
  /** Randomness. */
  readonly random: RandomFacet;
  /** Links to other nodes. */
  readonly net: {
    /** This node's own name. */
    readonly self: PeerId;
    /** Sends a frame, which the network owns afterwards. */
    send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down";
    /** Waits for the next frame, as `Net.receive` does. */
    receive(): Promise<Received>;
    /** Waits until the link to a peer is up. */
    linked(peer: PeerId): Promise<void>;
  };
  /** Durable logs, whose `append` never waits, and blob stores. */
  readonly disk: {
    /** Opens or creates a log. */
    open(name: string): Promise<Recovered>;
    /** Waits until everything that was appended before is durable. */
    sync(log: DurableLog): Promise<void>;
    /** Makes `chunks` the newest checkpoint, and waits until it is durable. */
    checkpoint(log: DurableLog, upTo: Lsn, chunks: Iterable<Uint8Array>): Promise<void>;
    /** Opens or creates a blob store. */
    openBlobs(name: string): Promise<OpenedBlobs>;
    /** Waits until a blob is durable. */
    put(blobs: BlobStore, bytes: Uint8Array): Promise<BlobAddress>;
    /** Reads a blob. */
    get(blobs: BlobStore, address: BlobAddress): Promise<Uint8Array>;
    /** Removes blobs. */
    drop(blobs: BlobStore, addresses: Iterable<BlobAddress>): Promise<void>;
  };
  /** Threads for work off the event loop. */
  readonly compute: {
    /** Runs a job and waits for its output. */
    run(job: Job, input: Uint8Array): Promise<Uint8Array>;
  };
  /** The node's log lines. */
  readonly logger: Logger;
  /**
   * Performs any program and returns a promise of its result. It serves what a promise cannot do, such as to cancel the
   * loser of a race: `perform(() => timeout(100, () => Net.receive()))`.
   */
  perform<R, T>(program: () => Eff<R, T> & Closed<Exclude<R, WorldNeeds>>): Promise<T>;
}

/**
 * Makes a program of an async function. The function may wait for calls of its {@link AsyncWorld}, for promises that
 * depend on them, and in the real world for anything else. In a simulation it may wait for nothing else.
 *
 * When the program is cancelled, or its process crashes, the promises of its calls never settle: the function stays
 * where it waits, and its `finally` blocks do not run. When the function returns, calls that it did not wait for are
 * cancelled.
 *
 * @throws `ProgramReturnedError` (into the program) when the function returns a program, which nothing would perform.
 * @example
 * ```ts
 * import { memoryHub, peerId, platformWorld } from "@void-system/effects";
 * import { run } from "@void-system/effects/fibers";
 * import { fromAsync, inWorld } from "@void-system/effects/world";
 *
 * const world = platformWorld({ network: memoryHub().join(peerId("a")) });
 * const nap = () =>
 *   fromAsync(async ({ clock, net }) => {
 *     await clock.sleep(1);
 *     return net.self;
 *   });
 * await run(() => inWorld(world, nap)); // => "a"
 * ```
 */
export function* fromAsync<T>(body: (world: AsyncWorld) => PromiseLike<T>): Generator<WorldNeeds, T> {
  const clock = yield* Clock.facet();
  const random = yield* Random.facet();
  const network = yield* Net.facet();
  const logger = yield* Log.facet();
  return yield* suspend<T>((resume, fail) => {
    const calls = new Calls();
    const call = <A>(program: () => Eff<unknown, A>): Promise<A> => calls.begin(program);
    const world: AsyncWorld = {
      clock: { now: () => clock.wallMs(), monotonic: () => clock.monotonicMs(), sleep: (ms) => call(() => Clock.sleep(ms)) },
      random,
      net: {
        self: network.self,
        send: (to, frame) => network.send(to, frame),
        receive: () => call(() => Net.receive()),
        linked: (peer) => call(() => Net.linked(peer)),
      },
      disk: {
        open: (name) => call(() => Disk.open(name)),
        sync: (log) => call(() => Disk.sync(log)),
        checkpoint: (log, upTo, chunks) => call(() => Disk.checkpoint(log, upTo, chunks)),
        openBlobs: (name) => call(() => Disk.openBlobs(name)),
        put: (blobs, bytes) => call(() => Disk.put(blobs, bytes)),
        get: (blobs, address) => call(() => Disk.get(blobs, address)),
        drop: (blobs, addresses) => call(() => Disk.drop(blobs, addresses)),
      },
      compute: { run: (job, input) => call(() => Compute.run(job, input)) },
      logger,
      perform: (program) => call(program),
    };
    // An async function, so that an error thrown at once rejects, too.
    const started = async (): Promise<T> => resultOf(await body(world));
    calls.turn(() => {
      started().then(
        (value) => calls.finish(() => resume(value)),
        (error: unknown) => calls.finish(() => fail(error)),
      );
    });
    return () => calls.end();
  });
}

/** Refuses a program as a result. Nothing would perform it. */
function resultOf<T>(result: T): T {
  if (result instanceof Step || Object.prototype.toString.call(result) === "[object Generator]") throw new ProgramReturnedError();
  return result;
}

/** The calls that one async program has in flight. */
class Calls implements AsyncProgram {
  readonly #fiber = running();
  /** The call of another async program inside of which this program runs. */
  readonly #around = this.#fiber.evidence.call;
  readonly #evidence = this.#fiber.evidence;
  readonly #inFlight = new Map<AsyncCall, Fiber>();
  readonly #hosted = asyncHost().admit(this);
  #isLive = true;

  constructor() {
    if (this.#around) this.#around.programs += 1;
  }

  get calls(): number {
    return this.#inFlight.size;
  }

  get waits(): number {
    let waits = 0;
    for (const { programs } of this.#inFlight.keys()) if (programs === 0) waits += 1;
    return waits;
  }

  turn(work: () => void): void {
    this.#hosted.turn(() => {
      if (this.#isLive) work();
    });
  }

  begin<A>(program: () => Eff<unknown, A>): Promise<A> {
    return new Promise((resolve, reject) => {
      this.turn(() => {
        const call: AsyncCall = { programs: 0 };
        const fiber = new Fiber<A>(this.#fiber.scheduler, { ...this.#evidence, call }, program);
        this.#inFlight.set(call, fiber);
        fiber.onEnd((outcome) => {
          // The end of the program cancels its calls.
          if (this.#isLive) this.turn(() => this.#returned(call, outcome, resolve, reject));
        });
        this.#fiber.scheduler.wake(fiber);
      });
    });
  }

  #returned<A>(call: AsyncCall, outcome: Outcome<A>, resolve: (value: A) => void, reject: (error: unknown) => void): void {
    this.#inFlight.delete(call);
    if (outcome.type === "done") resolve(outcome.value);
    else reject(outcome.type === "failed" ? outcome.error : new FiberCancelledError());
  }

  /** Ends the program, and continues the fiber that waits for it. */
  finish(resume: () => void): void {
    if (!this.#isLive) return;
    this.#end(this.calls);
    this.#hosted.turn(resume);
  }

  /** Cancels the program: none of its promises settles from here on. */
  end(): void {
    this.#end(0);
  }

  #end(left: number): void {
    if (!this.#isLive) return;
    this.#isLive = false;
    if (this.#around) this.#around.programs -= 1;
    this.#hosted.ended(left);
    for (const fiber of this.#inFlight.values()) fiber.interrupt();
    this.#inFlight.clear();
  }
}
