/**
 * A client, as seen by its program: a World of its own, and a history that records its operations.
 */
import { type Closed, type Eff, launch, race, suspend, withoutFramesOf } from "@void-system/effects/fibers";
import type { World } from "@void-system/effects";
import { type AsyncWorld, fromAsync, inWorld, type WorldNeeds } from "@void-system/effects/world";
import { OutcomeUnknownError, SimulationUseError } from "../errors.ts";
import type { Cluster } from "./cluster.ts";
import type { DrawnOperation } from "./history.ts";
import type { MadeOperations } from "./made-operations.ts";
import { show } from "./shape.ts";

/**
 * A client of a run, the argument of its program. It may be destructured. `Clock`, `Random`, `Net`, `Disk` and `Log`
 * are those of the client's own World.
 *
 * @example
 * ```ts
 * import { all } from "@void-system/effects/fibers";
 * import { simulate } from "@void-system/simulation";
 * import { Clock } from "@void-system/effects/world";
 *
 * const { history } = simulate({
 *   seed: 1,
 *   nodes: { counter: () => { let count = 0; return { api: () => ++count }; } },
 *   workload: {
 *     clients: ["ann"],
 *     *program({ call, operation }) {
 *       const next = () => operation({ op: "next" }, () => call("counter", function* (api) { return Number(api()); }));
 *       yield* all([next, next]);
 *       yield* Clock.sleep(10);
 *       yield* next();
 *     },
 *   },
 * });
 * history.map(({ process, output }) => `${process}: ${output}`); // => ["ann: 1", "ann/2: 2", "ann: 3"]
 * ```
 */
export interface Client<A = unknown> {
  /** Name of the client in the history, in the network and in faults. */
  readonly name: string;
  /** The run that the client takes part in. */
  readonly cluster: Cluster<A>;
  /**
   * Performs a program as one operation of the history. It is invoked when the program begins, and returns with the
   * program's result. An operation that throws, is cancelled, or exceeds the workload's `timeoutMs` has an unknown
   * outcome. Operations may overlap: each then belongs to a process of its own.
   *
   * @throws {@link OutcomeUnknownError} (into the program) when its time is over.
   */
  operation<R, T>(asked: DrawnOperation, body: () => Eff<R, T>): Eff<R, T>;
  /**
   * Calls into a node, like a request from within its process. `use` makes a program from the node's `api`. The program
   * runs in the node, in its World, and its result or error reaches the client. A node without an `api` is called once
   * it has one. A node that is down, or goes down meanwhile, never answers. A cancelled client stops waiting, but the
   * node continues.
   */
  call<R, T>(node: string, use: (api: A) => Eff<R, T> & Closed<Exclude<R, WorldNeeds>>): Eff<never, T>;
  /**
   * Makes a program of an async function, as `fromAsync` of `@void-system/effects/world` does. The function waits for
   * calls of its {@link AsyncClient} alone. A run with such a client needs turns: `simulation` for vitest takes them, and
   * so does {@link inTurns} with `simulating`, `replaying`, `exploring` and `shrinking`.
   *
   * @example
   * ```ts
   * import { inTurns, simulating } from "@void-system/simulation";
   *
   * const { history } = await inTurns(simulating({
   *   seed: 1,
   *   nodes: { counter: () => { let count = 0; return { api: () => ++count }; } },
   *   workload: {
   *     clients: ["ann"],
   *     program: ({ fromAsync }) => fromAsync(async ({ clock, operation, call }) => {
   *       const next = () => operation({ op: "next" }, () => call("counter", function* (api) { return Number(api()); }));
   *       await Promise.all([next(), next()]);
   *       await clock.sleep(10);
   *       await next();
   *     }),
   *   },
   * }));
   * history.map(({ process, output }) => `${process}: ${output}`); // => ["ann: 1", "ann/2: 2", "ann: 3"]
   * ```
   */
  fromAsync<T>(body: (client: AsyncClient<A>) => PromiseLike<T>): Eff<WorldNeeds, T>;
}

/** A client, as seen by an async function: a {@link Client} and its World, with promises. It may be destructured. */
export interface AsyncClient<A = unknown> extends AsyncWorld {
  /** Name of the client. */
  readonly name: string;
  /** The run that the client takes part in. */
  readonly cluster: Cluster<A>;
  /**
   * Performs an async function as one operation of the history, as `Client.operation` does. The function gets a client
   * of its own, whose calls end with the operation: after its `timeoutMs`, none of them returns.
   */
  operation<T>(asked: DrawnOperation, body: (client: AsyncClient<A>) => PromiseLike<T>): Promise<T>;
  /** Calls into a node, as `Client.call` does. */
  call<R, T>(node: string, use: (api: A) => Eff<R, T> & Closed<Exclude<R, WorldNeeds>>): Promise<T>;
}

/** Program of a client. */
export type ClientProgram<A = unknown> = (client: Client<A>) => Eff<WorldNeeds, unknown>;

/** Place of one operation in a run. */
export interface OperationPlace {
  /** True if this run leaves the operation out. */
  readonly isOmitted: boolean;
  /** Earliest beginning, in virtual milliseconds. */
  readonly atMs: number;
  /** Must be called when the operation begins. */
  begun(): void;
}

/** The workload that a client belongs to. */
export interface ClientSurroundings<A> {
  readonly cluster: Cluster<A>;
  /** Time limit of one operation in virtual milliseconds. */
  readonly timeoutMs: number | undefined;
  /** The operations that programs make. */
  readonly made: MadeOperations;
  /** Returns the place of an operation. */
  place(client: string, asked: DrawnOperation): OperationPlace;
  /** Returns the World of a node's newest life. */
  world(node: string): World | undefined;
  /** Returns true while this life of the client lasts. */
  isLiving(client: LivingClient<A>): boolean;
}

/** One life of a client. */
export class LivingClient<A> implements Client<A> {
  readonly name: string;
  readonly cluster: Cluster<A>;
  readonly #world: World;
  readonly #around: ClientSurroundings<A>;

  constructor(name: string, world: World, around: ClientSurroundings<A>) {
    this.name = name;
    this.cluster = around.cluster;
    this.#world = world;
    this.#around = around;
    withoutFramesOf("simulation", import.meta.url);
  }

  readonly operation = <R, T>(asked: DrawnOperation, body: () => Eff<R, T>): Eff<R, T> =>
    this.#around.made.made(this.#operation(asked, body), "operation");

  /** Performs an operation whose place is known. */
  *perform<R, T>(asked: DrawnOperation, place: OperationPlace, body: () => Eff<R, T>): Generator<R, T> {
    const { op, key, input } = asked;
    if (place.isOmitted) throw new OutcomeUnknownError(op, "it is left out of this run");
    const earlyMs = place.atMs - this.cluster.now;
    if (earlyMs > 0) yield* this.sleep(earlyMs);
    place.begun();
    const returned = this.cluster.history.invoke({ client: this.name, op, input, ...(key !== undefined && { key }) });
    const { timeoutMs } = this.#around;
    const output = timeoutMs === undefined ? yield* body() : yield* this.#within(timeoutMs, op, body);
    returned(output);
    return output;
  }

  readonly call = <R, T>(node: string, use: (api: A) => Eff<R, T> & Closed<Exclude<R, WorldNeeds>>): Eff<never, T> =>
    this.#around.made.made(this.#call(node, use), "call");

  #call<R, T>(node: string, use: (api: A) => Eff<R, T> & Closed<Exclude<R, WorldNeeds>>): Eff<never, T> {
    return suspend<T>((resume, fail) => {
      let isWaiting = true;
      this.cluster.call(node, (api) => {
        const world = this.#around.world(node);
        if (!world) return;
        // The row is empty: `Closed` demanded that the World answers every need.
        const program = (): Eff<never, T> => inWorld(world, () => programOf(use(api), "call")) as Eff<never, T>;
        launch(program, (outcome) => {
          // A failure that the client no longer waits for fails the run.
          if (outcome.type === "failed" && !(isWaiting && this.#around.isLiving(this))) throw outcome.error;
          // Resumes the client in an event of its own, if it still lives by then.
          this.#world.clock.schedule(0, () => {
            if (!isWaiting) return;
            if (outcome.type === "done") resume(outcome.value);
            else if (outcome.type === "failed") fail(outcome.error);
          });
        });
      });
      return () => {
        isWaiting = false;
      };
    });
  }

  readonly fromAsync = <T>(body: (client: AsyncClient<A>) => PromiseLike<T>): Eff<WorldNeeds, T> =>
    this.#around.made.made(this.#fromAsync(body), "fromAsync");

  #fromAsync<T>(body: (client: AsyncClient<A>) => PromiseLike<T>): Eff<WorldNeeds, T> {
    return fromAsync((world) =>
      body({
        ...world,
        name: this.name,
        cluster: this.cluster,
        operation: (asked, inner) => world.perform(() => this.operation(asked, () => this.fromAsync(inner))),
        call: (node, use) => world.perform(() => this.call(node, use)),
      })
    );
  }

  /** Waits by the client's clock. */
  sleep(ms: number): Eff<never, void> {
    return suspend<void>((resume) => this.#world.clock.schedule(ms, resume));
  }

  *#operation<R, T>(asked: DrawnOperation, body: () => Eff<R, T>): Generator<R, T> {
    return yield* this.perform(asked, this.#around.place(this.name, asked), body);
  }

  *#within<R, T>(timeoutMs: number, op: string, body: () => Eff<R, T>): Generator<R, T> {
    const sleep = (ms: number): Eff<never, void> => this.sleep(ms);
    const late = function* (): Generator<never, never> {
      yield* sleep(timeoutMs);
      throw new OutcomeUnknownError(op, `its time limit of ${timeoutMs} ms is over`);
    };
    return yield* race([body, late]);
  }
}

/** Checks that a function of a workload returned a program. */
export function programOf<R, T>(returned: Eff<R, T>, who: string): Eff<R, T> {
  const given: unknown = returned;
  if (typeof given === "object" && given !== null && Symbol.iterator in given) return returned;
  throw new SimulationUseError(`${who} to return a program (to be a function*, say, or \`client.fromAsync(async …)\`)`, show(given));
}
