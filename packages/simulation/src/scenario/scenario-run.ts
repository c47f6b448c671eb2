/**
 * One run of a scenario. It can be stopped and inspected at any event.
 */
import { SeededRandom, type World } from "@void-system/effects";
import { StrayYieldError } from "@void-system/effects/fibers";
import { atOnce } from "./at-once.ts";
import {
  ClientWaitsForeverError,
  ForeignAwaitError,
  FrameChangedError,
  NeverPerformedError,
  showPlace,
  SimulatedClientError,
  SimulatedNodeError,
  SimulationLeakError,
  type SimulationPoint,
  SimulationUseError,
  UnknownNodeError,
  ViolationError,
} from "../errors.ts";
import { withoutOurFrames } from "../own-frames.ts";
import { FaultInjector, nodesIn } from "../world/fault-injector.ts";
import { FailurePlace } from "./failure-place.ts";
import { drawFaults, lengthOf } from "./fault-plan.ts";
import { History } from "./history.ts";
import { isMistake, Judgement } from "./judgement.ts";
import type { NodeState } from "../world/node-state.ts";
import { calmed } from "./calm.ts";
import { type MadeOperation, MadeOperations } from "./made-operations.ts";
import { partsShape } from "./parts-shape.ts";
import type { Check, Cluster } from "./cluster.ts";
import type {
  FailureKind,
  FaultBudget,
  RunExercise,
  RunPlan,
  ScenarioParts,
  SimulationFailure,
  SimulationResult,
} from "./scenario.ts";
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
  /** Error of the run that this one repeats. The repetition finds the place of the mistake in the code. */
  readonly repeats?: Error;
  /** Number of first events to keep in the result. @defaultValue `TRACE_EVENTS_MAX` if the scenario sets `trace`, otherwise 0 */
  readonly tracedEventsMax?: number;
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
  readonly #made: MadeOperations;
  readonly #place: FailurePlace;
  /** Nodes that have not started yet. */
  readonly #unstarted: Set<string>;
  readonly #isPlanned: boolean;
  readonly #injector: FaultInjector;
  readonly #streams: SeededRandom[] = [];
  readonly #always: readonly (readonly [string, Check<A>])[];
  readonly #atEnd: readonly (readonly [string, Check<A>])[];
  readonly #trace: TraceEvent[] = [];
  readonly #tracedEventsMax: number;
  readonly #end: End;
  readonly #judgement: Judgement<A>;
  /** Calls into nodes without an `api` yet, each for one life of its node. */
  readonly #early = new Map<string, { readonly world: World | undefined; readonly use: (api: A) => void }[]>();
  #forks: RunPlan["forks"];
  #repaired = false;
  /** Number of calls into nodes. */
  #calls = 0;
  /** Number of the last event whose consequences were checked. */
  #seen: number;
  #failure: SimulationFailure | undefined;

  constructor(parts: ScenarioParts<A>, seed: number, control: RunControl = {}) {
    const { plan, drawnAfter } = control;
    checked(partsShape, parts, SimulationUseError);
    this.#parts = parts;
    this.#seed = seed;
    this.#nodes = Object.keys(parts.nodes);
    this.#unstarted = new Set(this.#nodes);
    this.#isPlanned = plan !== undefined;
    this.#plan = plan ?? { seed, faults: this.#drawnFaults(), decisions: [], omitted: [], calm: [], forks: [] };
    this.#forks = this.#plan.forks;
    const { trace, ...options } = calmed(parts, this.#plan.calm);
    this.#tracedEventsMax = control.tracedEventsMax ?? (trace === true ? TRACE_EVENTS_MAX : 0);
    this.#place = new FailurePlace(control.repeats);
    this.#simulation = new Simulation({
      ...options,
      seed,
      ...(plan && { decisions: plan.decisions }),
      ...(drawnAfter !== undefined && { drawnAfter }),
      ...(this.#tracedEventsMax > 0 && { trace: (event) => this.#keep(event) }),
      stranger: (from, to) => this.#expectKnown(from, "send frames to", to),
      sending: this.#place.sending,
      watch: (made, key, name, first) => this.#made.watch(made, key, name, first),
    });
    this.#made = new MadeOperations(
      this.#simulation,
      (made) => {
        throw this.#neverPerformed(made);
      },
      (node, peer) => this.#expectKnown(node, "wait for a link to", String(peer)),
      (node, nowMs) => this.#place.making(node, nowMs)
    );
    this.#injector = new FaultInjector(this.#simulation);
    this.cluster = this.#makeCluster();
    this.#judgement = new Judgement(this.#simulation, this.cluster, () => this.#point());
    const { check = {}, workload } = parts;
    const checks = typeof check === "function" ? { always: { check } } : check;
    this.#always = Object.entries(checks.always ?? {});
    this.#atEnd = [...this.#always, ...Object.entries(checks.end ?? {})];
    for (const [id, program] of Object.entries(parts.nodes))
      this.#simulation.node(id, (world) => {
        this.#worlds.set(id, world);
        this.#unstarted.delete(id);
        this.#made.forget(id);
        return program(world, this.cluster);
      });
    for (const id of this.#nodes) this.#simulation.start(id);
    if (parts.liveness) this.#simulation.at(parts.liveness.atMs, () => this.#repair(), "repair");
    if (typeof workload === "object")
      this.#clients = new WorkloadClients(workload, this.#plan, this.cluster, (node) => this.#worlds.get(node), this.#made);
    else if (workload) this.#simulation.audited(() => atOnce<unknown>(workload(this.cluster), "workload"));
    this.#planFaults();
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
    return this.#simulation.installed(() => this.#finish());
  }

  #finish(): SimulationResult {
    const { isThere, untilMs, otherwise } = this.#end;
    const advance = (): boolean => this.#advance(() => !isThere(), untilMs);
    const isEnded = advance();
    // Refused there.
    if (!this.#simulation.isAtRest) advance();
    this.#expectPerformed(isEnded || !this.#simulation.isIdle);
    if (!isEnded) otherwise();
    const waiting = isEnded ? undefined : this.#waitingForever();
    this.#try(() => this.#clients?.stop());
    if (!this.#failure) this.#try(() => this.#judgement.runAll(this.#atEnd));
    // A check says more.
    if (waiting) this.#fail("deadlock", waiting.operation ?? "workload", waiting.message, waiting, waiting.client);
    return this.result();
  }

  /** Returns the result so far. */
  result(): SimulationResult {
    const report = {
      seed: this.#seed,
      events: this.events,
      atMs: this.now,
      traceHash: this.#simulation.traceHash(),
      exercised: this.#exercised(),
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
    const api = (node: string): A | undefined => {
      const { runningNode } = simulation;
      if (runningNode !== undefined && this.#clients?.added.has(runningNode)) this.#calls += 1;
      // Programs of this scenario return an A, or nothing. Clients are not among its nodes.
      return this.#clients?.added.has(node) ? undefined : (simulation.api(node) as A | undefined);
    };
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
      at: (timeMs, action) => simulation.at(timeMs, () => void this.#judgement.judged("an action of cluster.at", action)),
      spend: (work, bytes) => simulation.spend(work, bytes),
      check: (name, holds, detail) => this.#judgement.check(name, holds, detail),
    };
  }

  /** Calls into a node. If it is still starting, by opening its disk, say, the call waits for its `api`. */
  #call(node: string, use: (api: A) => void): boolean {
    this.#calls += 1;
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
    return drawFaults(faults as Exclude<typeof faults, readonly unknown[]>, this.#nodes, new SeededRandom(this.#seed, "faults"), {
      lengthMs: lengthOf(this.#parts),
    });
  }

  /** Plans the faults. Names that no node and no client has are refused, in a budget as well. */
  #planFaults(): void {
    const { faults } = this.#parts;
    const known = new Set([...this.#nodes, ...(this.#clients?.names ?? [])]);
    // `faults` is a list or a budget.
    const { nodes = [] } = Array.isArray(faults) || !faults ? {} : (faults as FaultBudget);
    for (const name of [...nodes, ...this.#plan.faults.flatMap(nodesIn)])
      if (!known.has(name))
        throw new SimulationUseError(`faults of a known node (${[...known].join(", ")})`, JSON.stringify(name));
    // A client without operations in this run is not there.
    const absent = new Set([...known].filter((name) => !this.#nodes.includes(name) && !this.#clients?.added.has(name)));
    for (const fault of this.#plan.faults) if (!nodesIn(fault).some((name) => absent.has(name))) this.#injector.plan(fault);
  }

  #exercised(): RunExercise {
    const { operations } = this.cluster.history;
    const { framesDelivered, framesLost, callsLeft } = this.#simulation.stats();
    const returned = operations.filter(({ returnedAt }) => returnedAt !== undefined);
    const without = new Set(operations.map(({ client }) => client));
    for (const { client } of returned) without.delete(client);
    return {
      operations: operations.length,
      outcomes: returned.length,
      faultsPlanned: this.#plan.faults.length,
      faultsBegun: this.#injector.begun,
      frames: framesDelivered + framesLost,
      calls: this.#calls,
      clients: this.#clients?.names.length ?? 0,
      clientsEnded: this.#clients?.ended ?? 0,
      clientsWithoutOutcome: [...without],
      callsLeft,
      checks: this.#judgement.checks,
      neverStarted: [...this.#unstarted],
    };
  }

  /** Returns the condition that ends the run. */
  #endOf({ until, deadlineMs = DEADLINE_MS, liveness }: ScenarioParts<A>): End {
    const { untilMs = Infinity } = this.#plan;
    const clients = (): boolean => this.#clients?.isDone ?? false;
    const goal = typeof until === "function" ? (): boolean => this.#judgement.isTrue("until", until) : clients;
    if (liveness) {
      const { atMs, progress, withinMs = WITHIN_MS } = liveness;
      const isLive = progress ? (): boolean => this.#judgement.isTrue("liveness.progress", progress) : goal;
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

  /** Returns an error for a client that waits although no event is pending. Runs with an end of their own have none. */
  #waitingForever(): ClientWaitsForeverError | undefined {
    const { until, liveness } = this.#parts;
    const client = until === undefined && !liveness && this.#simulation.isIdle ? this.#clients?.waiting : undefined;
    return client === undefined ? undefined : new ClientWaitsForeverError(client, this.#openOperation(client), this.#point());
  }

  /** Returns the latest operation of a client without an outcome, by its name. */
  #openOperation(name: string): string | undefined {
    return this.cluster.history.operations.findLast(({ client, returnedAt }) => client === name && returnedAt === undefined)?.op;
  }

  /** Runs events as long as `goesOn` is true. Returns true if that, or a failure, ended the run. */
  #advance(goesOn: () => boolean, untilMs: number): boolean {
    if (this.#failure) return true;
    const { eventsMax = EVENTS_MAX } = this.#parts;
    const before = this.events;
    const ended = this.#try(() =>
      this.#simulation.runWhile(() => {
        // An event is over once the promises that it settles have had their effect. Before that, another is refused.
        if (!this.#simulation.isAtRest) return this.events === before;
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
    this.#judgement.throwFound();
    if (this.#always.length > 0) this.#judgement.runAll(this.#always);
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

  /** Refuses a name that no node and no client has. */
  #expectKnown(by: string, doing: string, name: string): void {
    const { absent = [] } = this.#parts;
    const known = [...this.#nodes, ...(this.#clients?.names ?? [])];
    if (!known.includes(name) && !absent.includes(name))
      throw this.#judgement.mistaken(new UnknownNodeError(by, doing, name, known, this.#point()));
  }

  /** Fails the run if a program that still runs has forgotten a `yield*`. `isEarly` if programs might have continued. */
  #expectPerformed(isEarly: boolean): void {
    if (this.#failure) return;
    const made = this.#made.first((node) => this.#simulation.isRunning(node), isEarly);
    if (!made) return;
    const error = this.#neverPerformed(made);
    this.#fail("unperformed", made.name, error.message, error, made.node);
  }

  #neverPerformed({ node, name, atMs, place }: MadeOperation): NeverPerformedError {
    return new NeverPerformedError(node, name, atMs, this.#point(), place);
  }

  #point(): SimulationPoint {
    const point = { seed: this.#seed, atMs: this.now, traceHash: this.#simulation.traceHash() };
    return this.#isPlanned ? { ...point, planned: true } : point;
  }

  #try<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      const thrown = this.#unwrapped(error);
      // A mistake in the test is not a finding.
      const mistake = this.#judgement.mistake ?? (isMistake(thrown) ? thrown : undefined);
      if (mistake) throw withoutOurFrames(mistake);
      const found = this.#judgement.violation ?? thrown;
      if (found instanceof ViolationError) this.#fail("violation", found.check, found.message, found);
      else if (found instanceof SimulationLeakError) this.#fail("leak", found.used, found.message, found);
      else if (found instanceof FrameChangedError)
        this.#fail("frame", `a frame of ${found.from}`, found.message, found, found.from);
      else if (found instanceof NeverPerformedError)
        this.#fail("unperformed", found.operation, found.message, found, found.node);
      else if (found instanceof SimulatedNodeError)
        this.#fail("node", nameOf(found.cause), found.message, found, found.node);
      else if (found instanceof SimulatedClientError)
        this.#fail("client", nameOf(found.cause), found.message, found, found.client);
      else {
        const violation = this.#judgement.violated("workload", found instanceof Error ? found.message : String(found), found);
        this.#fail("violation", "workload", violation.message, violation);
      }
      return undefined;
    }
  }

  /** Makes a client's error of a node's error, since the simulation treats clients as nodes. Errors of our own stay. */
  #unwrapped(error: unknown): unknown {
    if (error instanceof ForeignAwaitError) {
      const latest = this.#openOperation(error.node);
      return latest === undefined ? error : error.during(latest);
    }
    if (error instanceof FrameChangedError && this.#place.sent) return error.sentAt(this.#place.sent);
    if (!(error instanceof SimulatedNodeError)) return error;
    const { node, cause, point } = error;
    if (isMistake(cause) || cause instanceof NeverPerformedError) return cause;
    // Its own stack has the frames of the runtime alone. The operation that was yielded shows the place.
    const yielded = cause instanceof StrayYieldError ? this.#made.newestPlace(node) : undefined;
    const ofWhom = this.#clients?.added.has(node) ? new SimulatedClientError(node, cause, point) : error;
    if (cause instanceof StrayYieldError && yielded) for (const shown of [cause, ofWhom]) showPlace(shown, yielded);
    return ofWhom;
  }

  #fail(kind: FailureKind, name: string, message: string, error = new Error(message), node?: string): void {
    this.#failure ??= { kind, name, message, error, node, event: this.events, atMs: this.now };
  }

  #keep(event: TraceEvent): void {
    if (this.#trace.length < this.#tracedEventsMax) this.#trace.push(event);
  }
}

function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
}
