/**
 * Clients of a workload. They are guests of the simulated network, each with a World and a program of its own.
 */
import type { Eff } from "@void-system/effects/fibers";
import { SeededRandom, type World } from "@void-system/effects";
import { type Booted, boots, type WorldNeeds } from "@void-system/effects/world";
import { type ClientSurroundings, LivingClient, type OperationPlace, programOf } from "./client.ts";
import { OutcomeUnknownError, SimulatedClientError, SimulationUseError } from "../errors.ts";
import type { Boot } from "../world/kernel.ts";
import type { Cluster } from "./cluster.ts";
import type { DrawnOperation } from "./history.ts";
import type { MadeOperations } from "./made-operations.ts";
import type { OperationTime, ProgramWorkload, RunPlan, Workload, WorkloadOperation } from "./scenario.ts";
import { show } from "./shape.ts";

type LivingProgram<A> = (client: LivingClient<A>) => Eff<WorldNeeds, unknown>;

const THINK_MS: readonly [number, number] = [0, 50];

/** Draws all operations of a run, client by client. */
function drawOperations<A>(workload: Workload<A>, names: readonly string[], seed: number): WorkloadOperation[] {
  const [leastMs, mostMs] = workload.thinkMs ?? THINK_MS;
  return names.flatMap((client, at) => {
    const random = new SeededRandom(seed, `workload/${client}`);
    return Array.from({ length: workload.operations }, (_, index): WorkloadOperation => {
      const thinkMs = random.between(leastMs, mostMs);
      const drawn = workload.draw(random, client, index);
      if (typeof drawn?.op !== "string")
        throw new SimulationUseError("draw to return an operation { op: … }", show(drawn));
      return { ...drawn, index: at * workload.operations + index, client, thinkMs };
    });
  });
}

/** The clients of one run. */
export class WorkloadClients<A> implements ClientSurroundings<A> {
  readonly cluster: Cluster<A>;
  readonly timeoutMs: number | undefined;
  /** Operations of a drawn workload that are not left out. Operations of programs, once they have begun. */
  readonly operations: WorkloadOperation[] = [];
  /** Beginnings of operations. */
  readonly times: OperationTime[] = [];
  readonly made: MadeOperations;
  /** Returns the World of a node's newest life. */
  readonly world: (node: string) => World | undefined;
  /** Names of the clients that are in the simulation. */
  readonly added: Set<string> = new Set();
  /** Names of all clients, those without work included. */
  readonly names: readonly string[];
  readonly #omitted: ReadonlySet<number>;
  readonly #given: ReadonlyMap<number, number>;
  /** First index of operations that were not drawn. */
  readonly #drawn: number;
  /** Number of operations that each client has begun and that were not drawn. */
  readonly #counts = new Map<string, number>();
  /** Newest life of each client. */
  readonly #lives = new Map<string, LivingClient<A>>();
  /** Number of clients that the end of the run has cancelled. */
  #cancelled: number | undefined;
  /** Clients whose program has not ended. */
  readonly #working = new Set<string>();

  /** Adds the clients that have work to the simulation of `cluster`, and starts them. */
  constructor(
    workload: Workload<A> | ProgramWorkload<A>,
    { omitted, times = [] }: RunPlan,
    cluster: Cluster<A>,
    world: (node: string) => World | undefined,
    made: MadeOperations
  ) {
    const { clients, timeoutMs } = workload;
    const names = typeof clients === "number" ? Array.from({ length: clients }, (_, at) => `c${at}`) : clients;
    if (new Set(names).size < names.length)
      throw new SimulationUseError("clients with different names", names.join(", "));
    this.cluster = cluster;
    this.timeoutMs = timeoutMs;
    this.made = made;
    this.world = world;
    this.names = names;
    this.#omitted = new Set(omitted);
    this.#given = new Map(times.map(({ index, atMs }) => [index, atMs]));
    this.#drawn = "draw" in workload ? names.length * workload.operations : 0;
    if ("draw" in workload)
      this.operations = drawOperations(workload, names, cluster.seed).filter(({ index }) => !this.#omitted.has(index));
    for (const name of names) {
      const mine = this.operations.filter(({ client }) => client === name);
      if ("draw" in workload && mine.length > 0) this.#add(name, this.#performing(workload, mine));
      else if ("program" in workload) this.#add(name, workload.program);
    }
  }

  /** Number of programs that have ended, those that the end of the run has cancelled excluded. */
  get ended(): number {
    return this.added.size - (this.#cancelled ?? this.#working.size);
  }

  /** The first client that is running and has not ended; undefined if there is none. */
  get waiting(): string | undefined {
    return [...this.#working].find((name) => this.cluster.simulation.isRunning(name));
  }

  /** True once all programs have ended. */
  get isDone(): boolean {
    return this.#working.size === 0;
  }

  isLiving(client: LivingClient<A>): boolean {
    return this.#lives.get(client.name) === client && this.cluster.simulation.isRunning(client.name);
  }

  /** Returns the place of an operation that was not drawn. It is the same in each run, even if others are left out. */
  place(client: string, asked: DrawnOperation): OperationPlace {
    const count = this.#counts.get(client) ?? 0;
    this.#counts.set(client, count + 1);
    const index = this.#drawn + count * this.names.length + this.names.indexOf(client);
    const { op, key, input } = asked;
    return this.#placed(index, () => {
      this.operations.push({ op, ...(key !== undefined && { key }), input, index, client, thinkMs: 0 });
    });
  }

  /**
   * Cancels the clients that have not ended, since the run is over. Their finalizers run, but cannot wait for anything.
   */
  stop(): void {
    const { simulation, seed, now } = this.cluster;
    this.#cancelled = this.#working.size;
    let failure: SimulatedClientError | undefined;
    for (const name of this.#working) {
      // The boot that `#add` makes returns it.
      const booted = simulation.api(name) as Booted | undefined;
      try {
        booted?.stop(() => undefined);
      } catch (error) {
        failure ??= new SimulatedClientError(name, error, { seed, atMs: now, traceHash: simulation.traceHash() });
      }
    }
    if (failure) throw failure;
  }

  #add(name: string, program: LivingProgram<A>): void {
    const { simulation } = this.cluster;
    const boot: Boot = (world) => {
      this.made.forget(name);
      const client = new LivingClient(name, world, this);
      this.#lives.set(name, client);
      const booted = boots(() => this.#living(client, program))(world);
      return { stop: booted.stop, api: booted };
    };
    simulation.node(name, boot, { guest: true });
    this.added.add(name);
    this.#working.add(name);
    simulation.start(name);
  }

  /** Runs one life of a client. It ends when its program ends or is cancelled; a crash does not end the program. */
  *#living(client: LivingClient<A>, program: LivingProgram<A>): Generator<WorldNeeds, void> {
    try {
      yield* programOf(program(client), "workload.program");
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    } finally {
      this.#working.delete(client.name);
    }
  }

  /**
   * Returns the program of a client that performs its drawn operations. After a restart it continues with the next one.
   */
  #performing(workload: Workload<A>, mine: readonly WorkloadOperation[]): LivingProgram<A> {
    const left = [...mine];
    const perform = this.#performed.bind(this);
    return function* (client) {
      for (let next = left.shift(); next; next = left.shift()) yield* perform(workload, next, client);
    };
  }

  *#performed(
    workload: Workload<A>,
    operation: WorkloadOperation,
    client: LivingClient<A>
  ): Generator<WorldNeeds, void> {
    const { index, thinkMs } = operation;
    const place = this.#placed(index, () => undefined);
    if (!this.#given.has(index)) yield* client.sleep(thinkMs);
    try {
      yield* client.perform(operation, place, () => programOf(workload.perform(operation, client), "workload.perform"));
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    }
  }

  #placed(index: number, record: () => void): OperationPlace {
    return {
      isOmitted: this.#omitted.has(index),
      atMs: this.#given.get(index) ?? 0,
      begun: () => {
        this.times.push({ index, atMs: this.cluster.now });
        record();
      },
    };
  }
}
