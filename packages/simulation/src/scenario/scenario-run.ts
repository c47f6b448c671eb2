/**
 * One run of a scenario. It can be stopped and inspected at any event.
 */
import { SeededRandom, type World } from "@void-system/effects";
import { atOnce } from "./at-once.ts";
import { notAtRest } from "../engine/turns.ts";
import {
  ForeignAwaitError,
  SimulatedClientError,
  SimulatedNodeError,
  SimulationLeakError,
  type SimulationPoint,
  SimulationUseError,
  ViolationError,
} from "../errors.ts";
import { FaultInjector } from "../world/fault-injector.ts";
import { drawFaults } from "./fault-plan.ts";
import { History } from "./history.ts";
import type { NodeState } from "../world/node-state.ts";
import { calmed } from "./calm.ts";
import { partsShape } from "./parts-shape.ts";
import type { Check, Cluster } from "./cluster.ts";
import type { FailureKind, RunPlan, ScenarioParts, SimulationFailure, SimulationResult } from "./scenario.ts";
import { checked } from "./shape.ts";
import { Simulation } from "../world/simulation.ts";
import { TRACE_EVENTS_MAX, type TraceEvent } from "../engine/trace.ts";
import { WorkloadClients } from "./workload-clients.ts";

const DEADLINE_MS = 60_000;
const WITHIN_MS = 30_000;
const EVENTS_MAX = 5_000_000;

/** Options of a run besides its scenario. */
export interface RunControl {
  /** Plan of a run to repeat. Undefined: faults and schedule are drawn. */
  readonly plan?: RunPlan;
  /** Number of the event after which the schedule is drawn again, although there is a plan. */
  readonly drawnAfter?: number;
}

/** The condition that ends a run. */
interface End {
  /** Returns true when the run has reached its goal. */
  readonly isThere: () => boolean;
  /** Latest end in virtual milliseconds. */
  readonly untilMs: number;
  /** Handles a run that did not reach its goal. */
  readonly otherwise: () => void;
}

/** A run in progress, which can be stepped. */
export class ScenarioRun<A = unknown> {
  /** The run, as seen by its participants. */
  readonly cluster: Cluster<A>;
  readonly #parts: ScenarioParts<A>;
  readonly #seed: number;
  readonly #nodes: readonly string[];
  readonly #simulation: Simulation;
  readonly #plan: RunPlan;
  /** The World of each node's newest life. */
  readonly #worlds = new Map<string, World>();
  readonly #clients: WorkloadClients<A> | undefined;
  readonly #injector: FaultInjector;
  readonly #streams: SeededRandom[] = [];
  readonly #always: readonly (readonly [string, Check<A>])[];
  readonly #atEnd: readonly (readonly [string, Check<A>])[];
  readonly #trace: TraceEvent[] = [];
  readonly #end: End;
  /** Calls into nodes without an `api` yet, each for one life of its node. */
  readonly #early = new Map<string, { readonly world: World | undefined; readonly use: (api: A) => void }[]>();
  #forks: RunPlan["forks"];
  #repaired = false;
  /** Number of the last event whose consequences were checked. */
  #seen: number;
  #violation: ViolationError | undefined;
  #failure: SimulationFailure | undefined;

  constructor(parts: ScenarioParts<A>, seed: number, control: RunControl = {}) {
    const { plan, drawnAfter } = control;
    checked(partsShape, parts, SimulationUseError);
    this.#parts = parts;
    this.#seed = seed;
    this.#nodes = Object.keys(parts.nodes);
    this.#plan = plan ?? { seed, faults: this.#drawnFaults(), decisions: [], omitted: [], calm: [], forks: [] };
    this.#forks = this.#plan.forks;
    const { trace, ...options } = calmed(parts, this.#plan.calm);
    this.#simulation = new Simulation({
      ...options,
      seed,
      ...(plan && { decisions: plan.decisions }),
      ...(drawnAfter !== undefined && { drawnAfter }),
      ...(trace === true && { trace: (event) => this.#keep(event) }),
    });
    this.#injector = new FaultInjector(this.#simulation);
    this.cluster = this.#makeCluster();
    const { check = {}, workload } = parts;
    const checks = typeof check === "function" ? { always: { check } } : check;
    this.#always = Object.entries(checks.always ?? {});
    this.#atEnd = [...this.#always, ...Object.entries(checks.end ?? {})];
    for (const [id, program] of Object.entries(parts.nodes))
      this.#simulation.node(id, (world) => {
        this.#worlds.set(id, world);
        return program(world, this.cluster);
      });
    for (const id of this.#nodes) this.#simulation.start(id);
    for (const fault of this.#plan.faults) this.#injector.plan(fault);
    if (parts.liveness) this.#simulation.at(parts.liveness.atMs, () => this.#repair(), "repair");
    if (typeof workload === "object")
      this.#clients = new WorkloadClients(workload, this.#plan, this.cluster, (node) => this.#worlds.get(node));
    else atOnce<unknown>(workload?.(this.cluster), "workload");
    this.#end = this.#endOf(parts);
    this.#seen = this.events;
    this.#fork();
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.#simulation.now;
  }

  /** Number of events that have happened. */
  get events(): number {
    return this.#simulation.events;
  }

  /** Failure of the run; undefined while there is none. */
  get failure(): SimulationFailure | undefined {
    return this.#failure;
  }

  /**
   * Lets the promises of async programs settle, and settles itself once all of them wait again. It must be awaited
   * before the next event. Undefined if no promise has to settle.
   */
  get rest(): Promise<void> | undefined {
    return this.#failure ? undefined : this.#simulation.rest;
  }

  /** Returns the current state of a node. */
  inspect(node: string): NodeState {
    return this.#simulation.inspect(node);
  }

  /** Runs one event and the checks. Returns false if the run has failed or is over. */
  step(): boolean {
    const before = this.events;
    this.runTo(before + 1);
    return this.#failure === undefined && this.events > before;
  }

  /** Runs up to and including an event, by its number, or to the end of the run. Returns false if the run is over. */
  runTo(event: number): boolean {
    const { isThere, untilMs } = this.#end;
    let isOver = false;
    const goesOn = (): boolean => {
      isOver = isThere();
      return !isOver && this.events < event;
    };
    return this.#advance(goesOn, untilMs) && !isOver && this.#failure === undefined;
  }

  /** Runs to the end and returns the result. */
  finish(): SimulationResult {
    const { isThere, untilMs, otherwise } = this.#end;
    const ended = this.#advance(() => !isThere(), untilMs);
    if (this.rest) throw notAtRest();
    if (!ended) otherwise();
    this.#try(() => this.#clients?.stop());
    for (const [name, check] of this.#atEnd) if (!this.#failure) this.#try(() => this.#run(name, check));
    return this.result();
  }

  /** Returns the result so far. */
  result(): SimulationResult {
    const report = {
      seed: this.#seed,
      events: this.events,
      atMs: this.now,
      traceHash: this.#simulation.traceHash(),
      history: this.cluster.history.operations,
      operations: this.#clients?.operations ?? [],
      times: this.#clients?.times ?? [],
      trace: this.#trace,
      plan: { ...this.#plan, decisions: this.#simulation.decisions },
    };
    return this.#failure ? { ok: false, ...report, failure: this.#failure } : { ok: true, ...report };
  }

  // ── inside ──

  /** Makes the cluster. Its functions may be destructured. */
  #makeCluster(): Cluster<A> {
    const simulation = this.#simulation;
    const api = (node: string): A | undefined =>
      // Programs of this scenario return an A, or nothing. Clients are not among its nodes.
      this.#clients?.added.has(node) ? undefined : (simulation.api(node) as A | undefined);
    return {
      seed: this.#seed,
      nodes: this.#nodes,
      simulation,
      history: new History(() => simulation.now),
      get now() {
        return simulation.now;
      },
      random: (label) => {
        const stream = new SeededRandom(this.#seed, `test/${label}`);
        this.#streams.push(stream);
        return stream;
      },
      api,
      call: (node, use) => this.#call(node, use),
      at: (timeMs, action) => simulation.at(timeMs, () => void atOnce<unknown>(action(), "an action of cluster.at")),
      spend: (work, bytes) => simulation.spend(work, bytes),
      check: (name, holds, detail) => {
        if (!atOnce<unknown>(holds, `what is checked as ${JSON.stringify(name)}`)) throw this.#violated(name, detail);
      },
    };
  }

  /** Calls into a node. If it is still starting, by opening its disk, say, the call waits for its `api`. */
  #call(node: string, use: (api: A) => void): boolean {
    return this.#simulation.call(node, () => {
      const offered = this.cluster.api(node);
      if (offered !== undefined) return use(offered);
      const early = this.#early.get(node) ?? [];
      early.push({ world: this.#worlds.get(node), use });
      this.#early.set(node, early);
    });
  }

  #callEarly(): void {
    for (const [node, early] of this.#early) {
      const isRunning = this.#simulation.isRunning(node);
      if (isRunning && this.cluster.api(node) === undefined) continue;
      this.#early.delete(node);
      // Calls of an earlier life are not answered.
      const world = this.#worlds.get(node);
      for (const call of early) if (isRunning && call.world === world) this.#call(node, call.use);
    }
  }

  #drawnFaults(): RunPlan["faults"] {
    const { faults = [] } = this.#parts;
    // `faults` is a list or a budget.
    if (Array.isArray(faults)) return faults as RunPlan["faults"];
    return drawFaults(faults as Exclude<typeof faults, readonly unknown[]>, this.#nodes, new SeededRandom(this.#seed, "faults"));
  }

  /** Returns the condition that ends the run. */
  #endOf({ until, deadlineMs = DEADLINE_MS, liveness }: ScenarioParts<A>): End {
    const { untilMs = Infinity } = this.#plan;
    const clients = (): boolean => this.#clients?.isDone ?? false;
    const goal = typeof until === "function" ? (): boolean => atOnce(until(this.cluster), "until") : clients;
    if (liveness) {
      const { atMs, progress, withinMs = WITHIN_MS } = liveness;
      const isLive = progress ? (): boolean => atOnce(progress(this.cluster), "liveness.progress") : goal;
      const message = `expected progress within ${withinMs} ms after the core was repaired, which did not happen`;
      return {
        isThere: () => this.#repaired && isLive(),
        untilMs: atMs + withinMs,
        otherwise: () => this.#fail("liveness", "progress", message),
      };
    }
    if (typeof until === "number") return { isThere: () => false, untilMs: Math.min(until, untilMs), otherwise: () => undefined };
    const message = `expected \`until\` to come true by ${deadlineMs} ms and before the last event, which did not happen`;
    return {
      isThere: goal,
      untilMs: Math.min(deadlineMs, untilMs),
      otherwise: () => {
        if (until !== undefined && untilMs >= deadlineMs) this.#fail("until", "until", message);
      },
    };
  }

  /** Runs events as long as `goesOn` is true. Returns true if that, or a failure, ended the run. */
  #advance(goesOn: () => boolean, untilMs: number): boolean {
    if (this.#failure) return true;
    const { eventsMax = EVENTS_MAX } = this.#parts;
    const ended = this.#try(() =>
      this.#simulation.runWhile(() => {
        // An event is over once the promises that it settles have had their effect.
        if (this.rest) return false;
        if (this.events !== this.#seen) this.#afterEvent();
        this.#seen = this.events;
        return this.events < eventsMax && goesOn();
      }, untilMs)
    );
    if (this.#failure) return true;
    if (this.events < eventsMax) return ended === true;
    this.#fail("events", "eventsMax", `expected an end within ${eventsMax} events`);
    return true;
  }

  #afterEvent(): void {
    // A violation ends the run even if a node swallowed its error.
    if (this.#violation) throw this.#violation;
    for (const [name, check] of this.#always) this.#run(name, check);
    this.#callEarly();
    this.#fork();
  }

  /** Switches to the seed of the next fork after its event. */
  #fork(): void {
    const [fork] = this.#forks;
    if (!fork || this.events < fork.event) return;
    this.#forks = this.#forks.slice(1);
    this.#simulation.reseed(fork.seed);
    for (const stream of this.#streams) stream.reseed(fork.seed);
  }

  #repair(): void {
    const { core = this.#nodes } = this.#parts.liveness ?? {};
    this.#repaired = true;
    this.#injector.close();
    // Clients are repaired too, since they must see the core's progress.
    const clients = this.#clients?.added ?? [];
    this.#injector.repair([...(typeof core === "number" ? this.#drawnCore(core) : core), ...clients]);
  }

  #drawnCore(size: number): readonly string[] {
    const whole = this.#nodes.filter((id) => !this.#injector.rotten.has(id));
    const random = new SeededRandom(this.#seed, "core");
    return Array.from({ length: Math.min(size, whole.length) }, () => whole.splice(random.below(whole.length), 1)).flat();
  }

  #run(name: string, check: Check<A>): void {
    try {
      atOnce<unknown>(check(this.cluster), `the check ${JSON.stringify(name)}`);
    } catch (error) {
      if (error instanceof ViolationError || error instanceof SimulationUseError) throw error;
      throw this.#violated(name, error instanceof Error ? error.message : String(error), error);
    }
  }

  #violated(name: string, detail: string | undefined, cause?: unknown): ViolationError {
    return (this.#violation ??= new ViolationError(name, detail, this.#point(), cause === undefined ? {} : { cause }));
  }

  #point(): SimulationPoint {
    return { seed: this.#seed, atMs: this.now, traceHash: this.#simulation.traceHash() };
  }

  #try<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const thrown = this.#ofClient(error);
      // A mistake in the test is not a finding.
      if (thrown instanceof SimulationUseError) throw thrown;
      const found = this.#violation ?? thrown;
      if (found instanceof ViolationError) this.#fail("violation", found.check, found.message, found);
      else if (found instanceof SimulationLeakError) this.#fail("leak", found.used, found.message, found);
      else if (found instanceof SimulatedNodeError)
        this.#fail("node", nameOf(found.cause), found.message, found, found.node);
      else if (found instanceof SimulatedClientError)
        this.#fail("client", nameOf(found.cause), found.message, found, found.client);
      else {
        const violation = this.#violated("workload", found instanceof Error ? found.message : String(found), found);
        this.#fail("violation", "workload", violation.message, violation);
      }
      return undefined;
    }
  }

  /** Makes a client's error of a node's error, since the simulation treats clients as nodes. */
  #ofClient(error: unknown): unknown {
    if (error instanceof ForeignAwaitError) {
      const latest = this.cluster.history.operations.findLast(({ client, returnedAt }) => client === error.node && returnedAt === undefined);
      return latest ? error.during(latest.op) : error;
    }
    if (!(error instanceof SimulatedNodeError) || !this.#clients?.added.has(error.node)) return error;
    return error.cause instanceof SimulationUseError
      ? error.cause
      : new SimulatedClientError(error.node, error.cause, error.point);
  }

  #fail(kind: FailureKind, name: string, message: string, error = new Error(message), node?: string): void {
    this.#failure ??= { kind, name, message, error, node, event: this.events, atMs: this.now };
  }

  #keep(event: TraceEvent): void {
    if (this.#trace.length < TRACE_EVENTS_MAX) this.#trace.push(event);
  }
}

function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
