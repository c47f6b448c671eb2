/**
 * The parts of a run of `simulate`, and its result.
 */
import type { Eff } from "@void-system/effects/fibers";
import type { SeededRandom } from "@void-system/effects";
import type { WorldNeeds } from "@void-system/effects/world";
import type { Calm } from "./calm.ts";
import type { Client, ClientProgram } from "./client.ts";
import type { Check, Checks, Cluster, Program } from "./cluster.ts";
import type { Fault, FaultKind } from "../world/fault.ts";
import type { DrawnOperation, Operation } from "./history.ts";
import type { Decision } from "../engine/schedule.ts";
import type { SimulationOptions } from "../world/simulation-options.ts";
import type { TraceEvent } from "../engine/trace.ts";

/** An operation of a workload, with its client. */
export interface WorkloadOperation extends DrawnOperation {
  /** Index among all operations of the run. A plan uses it to name operations that it leaves out. */
  readonly index: number;
  /** Client of the operation. */
  readonly client: string;
  /** Virtual milliseconds that the client waits before the operation; 0 if its program decides that. */
  readonly thinkMs: number;
}

/** Beginning of an operation of a run. */
export interface OperationTime {
  /** Index among all operations. */
  readonly index: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
}

/** Options that all workloads of clients have in common. */
export interface WorkloadClientOptions {
  /** Names of the clients, or their number (`c0`, `c1`, …). */
  readonly clients: number | readonly string[];
  /**
   * Virtual milliseconds after which the outcome of an operation is unknown. Without a limit, a client whose node crashed
   * for good, or whose answer was lost, waits forever, which fails the run. @defaultValue no limit
   */
  readonly timeoutMs?: number;
}

/**
 * Clients that each perform one operation after the other. All operations are drawn before the run, so shrinking can
 * leave some out.
 */
export interface Workload<A = unknown> extends WorkloadClientOptions {
  /** Number of operations of each client. */
  readonly operations: number;
  /** Draws the next operation. */
  readonly draw: (random: SeededRandom, client: string, index: number) => DrawnOperation;
  /**
   * Performs an operation, as a program in the client's own World: over the network, or through `client.call`. The
   * history records it with the result of the program. A late operation is cancelled, and the client continues.
   */
  readonly perform: (operation: WorkloadOperation, client: Client<A>) => Eff<WorldNeeds, unknown>;
  /** Virtual milliseconds between an answer and the next operation, from and to. @defaultValue [0, 50] */
  readonly thinkMs?: readonly [number, number];
}

/** Clients that each run a program. It performs operations through `client.operation`. */
export interface ProgramWorkload<A = unknown> extends WorkloadClientOptions {
  /** Program of each client. It starts from the beginning when the client restarts after a crash. */
  readonly program: ClientProgram<A>;
}

/**
 * Budget from which faults are drawn. It keeps the system repairable: every fault ends.
 *
 * The defaults of times scale with the run. Its length is `untilMs`, or else the time of `liveness` or of a numeric
 * `until`. In a run of unknown length, faults are dense and short at first, and ever rarer and longer.
 */
export interface FaultBudget {
  /** Kinds of faults to draw from. @defaultValue all but `bit-rot`, `disk-full` and `link` */
  readonly kinds?: readonly FaultKind[];
  /** Earliest beginning of a fault in virtual milliseconds. @defaultValue 0 */
  readonly fromMs?: number;
  /** Latest end of a fault in virtual milliseconds. @defaultValue the length of the run; 10_000 if it is unknown */
  readonly untilMs?: number;
  /**
   * Virtual milliseconds between the beginnings of two faults, on average. @defaultValue a tenth of the length of the
   * run; growing from 10 ms on if it is unknown
   */
  readonly everyMs?: number;
  /**
   * Duration of a fault in virtual milliseconds, from and to. @defaultValue a thousandth to a fifth of the length of the
   * run; 10 ms to 2 s, at most half of the time before the fault, if it is unknown
   */
  readonly lastMs?: readonly [number, number];
  /** Nodes that may have faults. @defaultValue all */
  readonly nodes?: readonly string[];
  /**
   * Most nodes that are crashed, paused or have a full disk at once. @defaultValue (nodes - 1) / 3, rounded down, at
   * least 1
   */
  readonly downMax?: number;
  /** Most nodes whose disk may be damaged in the whole run. Such a node may never come back. @defaultValue 1 */
  readonly rottenMax?: number;
}

/** Liveness mode: repairs a core, then demands progress. */
export interface Liveness<A = unknown> {
  /**
   * Virtual milliseconds at which the core is repaired: crashed nodes start, paused nodes continue, and its links are
   * whole. Clients are repaired with the core.
   */
  readonly atMs: number;
  /**
   * Nodes to repair, or their number, drawn by the seed. The others stay as they are, and no more faults begin.
   * @defaultValue all
   */
  readonly core?: number | readonly string[];
  /** Returns true once there is progress. @defaultValue `until` */
  readonly progress?: (cluster: Cluster<A>) => boolean;
  /** Time limit of progress in virtual milliseconds. @defaultValue 30_000 */
  readonly withinMs?: number;
}

/**
 * All parts of a run except its seed. State that a run changes must be made within it: in programs of nodes and
 * clients, or in `draw`.
 */
export interface ScenarioParts<A = unknown> extends Omit<SimulationOptions, "seed" | "decisions" | "drawnAfter" | "sending" | "stranger" | "trace" | "watch"> {
  /** Programs by the names of their nodes. All start at once. */
  readonly nodes: Readonly<Record<string, Program<A>>>;
  /** Faults: a budget to draw from, or an exact list. @defaultValue none */
  readonly faults?: FaultBudget | readonly Fault[];
  /**
   * Work of the clients: drawn operations, or programs. A function may instead plan, through `cluster.at`, actions of
   * no client, such as a fault by hand or an inspection of all nodes.
   */
  readonly workload?: Workload<A> | ProgramWorkload<A> | ((cluster: Cluster<A>) => void);
  /**
   * End of the run: a virtual time in milliseconds, or a condition that must come true by `deadlineMs`.
   * @defaultValue the programs of all clients have ended, or no event is pending; at the latest `deadlineMs`. A client
   *   that still waits when no event is pending fails the run, unless it is down itself: see `timeoutMs`
   */
  readonly until?: number | ((cluster: Cluster<A>) => boolean);
  /** Latest end of the run in virtual milliseconds. @defaultValue 60_000 */
  readonly deadlineMs?: number;
  /** Conditions that must hold. A function alone is checked after each event. */
  readonly check?: Checks<A> | Check<A>;
  /** @defaultValue none */
  readonly liveness?: Liveness<A>;
  /**
   * Names of nodes that are not part of the run, although nodes and clients send frames to them. They are down. A frame
   * to any other unknown name fails the run. @defaultValue none
   */
  readonly absent?: readonly string[];
  /** Keeps each event in the result, up to `TRACE_EVENTS_MAX`. @defaultValue false */
  readonly trace?: boolean;
  /** Most events of a run. More fail it. @defaultValue 5_000_000 */
  readonly eventsMax?: number;
}

/** Options of {@link simulate}. */
export interface SimulateOptions<A = unknown> extends ScenarioParts<A> {
  /** Seed of all randomness: a whole number >= 0. */
  readonly seed: number;
}

/**
 * Makes the parts of one run. It is called for each run, so that a repeated run does not find state that an earlier one
 * left.
 */
export type Scenario<A = unknown> = () => ScenarioParts<A>;

/** A seed for all randomness after one event. */
export interface Fork {
  /** Number of the last event before it. */
  readonly event: number;
  /** Seed that decides from there on. */
  readonly seed: number;
}

/** Everything that identifies one run of a scenario, as plain JSON data. */
export interface RunPlan {
  /** The seed. */
  readonly seed: number;
  /** Faults of the run. */
  readonly faults: readonly Fault[];
  /** Departures from the order of time. */
  readonly decisions: readonly Decision[];
  /** Indices of operations that are left out. For a program, their outcome is unknown at once. */
  readonly omitted: readonly number[];
  /**
   * Earliest beginnings of operations. An operation also waits for the end of the one before. With these times, leaving
   * one operation out does not move the others. @defaultValue each its `thinkMs` after the one before
   */
  readonly times?: readonly OperationTime[];
  /** Kinds of randomness that are removed. */
  readonly calm: readonly Calm[];
  /** Events after which another seed decides. */
  readonly forks: readonly Fork[];
  /** Latest end of the run in virtual milliseconds. @defaultValue the end that the scenario sets */
  readonly untilMs?: number;
}

/** Kind of a failure. */
export type FailureKind =
  /** A check did not hold. */
  | "violation"
  /** Code of a node threw an error. */
  | "node"
  /** A program of a client threw an error. */
  | "client"
  /** Code of a node bypassed its World. */
  | "leak"
  /** A frame changed between `send` and arrival. */
  | "frame"
  /** A program made an operation and never performed it. */
  | "unperformed"
  /** A client waits although no event is pending. */
  | "deadlock"
  /** `until` did not come true. */
  | "until"
  /** No progress after the core was repaired. */
  | "liveness"
  /** More events than allowed. */
  | "events";

/** Failure of a run. */
export interface SimulationFailure {
  readonly kind: FailureKind;
  /**
   * Name of the check, of the error, or of the condition that was waited for. Two failures of one kind and name count
   * as the same.
   */
  readonly name: string;
  /** Message for people. */
  readonly message: string;
  /** The error that was thrown, or one that represents the failure. */
  readonly error: Error;
  /** Node or client whose code failed, if any. */
  readonly node: string | undefined;
  /** Number of the event in which the failure happened. */
  readonly event: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
}

/** Counts of one run, which show that it tested something. */
export interface RunExercise {
  /** Number of operations that clients began. */
  readonly operations: number;
  /** Number of those whose outcome is known. */
  readonly outcomes: number;
  /** Number of faults in the plan. */
  readonly faultsPlanned: number;
  /** Number of those that began and changed something. */
  readonly faultsBegun: number;
  /** Number of frames that arrived or were lost. */
  readonly frames: number;
  /** Number of calls into nodes: `client.call`, `cluster.call`, and `cluster.api` from a client's program. */
  readonly calls: number;
  /** Number of clients. */
  readonly clients: number;
  /** Number of clients whose program came to its end. */
  readonly clientsEnded: number;
  /** Names of the clients that began operations, none of which had an outcome. */
  readonly clientsWithoutOutcome: readonly string[];
  /** Number of calls that were in flight when the async function that made them returned. */
  readonly callsLeft: number;
  /** Number of times that a condition was checked: by checks, `cluster.check`, `until` and `liveness`. */
  readonly checks: number;
  /** Names of the nodes that never started. */
  readonly neverStarted: readonly string[];
}

/** Report of any run. */
export interface RunReport {
  /** The seed. */
  readonly seed: number;
  /** Number of events. */
  readonly events: number;
  /** Virtual milliseconds at the end. */
  readonly atMs: number;
  /** Hash of all events. */
  readonly traceHash: string;
  /** Counts of what the run exercised. */
  readonly exercised: RunExercise;
  /** Operations, as the clients saw them. */
  readonly history: readonly Operation[];
  /** Drawn operations that the plan did not leave out. Operations of programs, once they have begun. */
  readonly operations: readonly WorkloadOperation[];
  /** Beginnings of operations. */
  readonly times: readonly OperationTime[];
  /** All events, if `trace` was set. */
  readonly trace: readonly TraceEvent[];
  /** Plan that repeats this run: `replay(scenario, plan)`. Its `faults` and `decisions` are those that were drawn. */
  readonly plan: RunPlan;
}

/** A run in which all checks held. */
export interface PassedRun extends RunReport {
  readonly ok: true;
}

/** A run that failed. */
export interface FailedRun extends RunReport {
  readonly ok: false;
  /** Failure of the run. */
  readonly failure: SimulationFailure;
}

/** Result of a run. */
export type SimulationResult = PassedRun | FailedRun;
