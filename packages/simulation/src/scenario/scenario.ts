/**
 * What a run of `simulate` is made of, and what comes out of it.
 */
import type { Eff } from "@void-system/effects/fibers";
import type { SeededRandom } from "@void-system/effects";
import type { WorldNeeds } from "@void-system/effects/world";
import type { Client, ClientProgram } from "./client.ts";
import type { Check, Checks, Cluster, Program } from "./cluster.ts";
import type { Fault, FaultKind } from "../world/fault.ts";
import type { DrawnOperation, Operation } from "./history.ts";
import type { Decision } from "../engine/schedule.ts";
import type { SimulationOptions } from "../world/simulation-options.ts";
import type { TraceEvent } from "../engine/trace.ts";

/** An operation of a workload, with its client. */
export interface WorkloadOperation extends DrawnOperation {
  /** Its place among all operations of the run: what a plan leaves out, it names by this. */
  readonly index: number;
  /** Whose. */
  readonly client: string;
  /** How long the client waits before it, in virtual milliseconds; 0 where its program decides that. */
  readonly thinkMs: number;
}

/** When an operation of a run began. */
export interface OperationTime {
  /** Its place among all operations. */
  readonly index: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
}

/** What all workloads of clients have in common. */
export interface WorkloadClientOptions {
  /** Their names, or how many (`c0`, `c1`, …). */
  readonly clients: number | readonly string[];
  /** After so many virtual milliseconds the outcome of an operation is unknown. @defaultValue it may take for ever */
  readonly timeoutMs?: number;
}

/** Clients that each do one operation after the other. All are drawn before the run, so that it can be shrunk well. */
export interface Workload<A = unknown> extends WorkloadClientOptions {
  /** How many operations each does. */
  readonly operations: number;
  /** Draws the next one. */
  readonly draw: (random: SeededRandom, client: string, index: number) => DrawnOperation;
  /**
   * Performs it, as a program in the client's own World: over the network, or by `client.call`. It is recorded in the
   * history, with what the program gives. One that is late is cancelled, and the client goes on.
   */
  readonly perform: (operation: WorkloadOperation, client: Client<A>) => Eff<WorldNeeds, unknown>;
  /** Virtual milliseconds between an answer and the next operation, from and to. @defaultValue [0, 50] */
  readonly thinkMs?: readonly [number, number];
}

/** Clients that each run a program, which asks for what it likes by `client.operation`. */
export interface ProgramWorkload<A = unknown> extends WorkloadClientOptions {
  /** What each of them does, from its start to its end; from the beginning again when it has crashed and starts anew. */
  readonly program: ClientProgram<A>;
}

/** From what a list of faults is drawn, within a budget that keeps the system repairable: every fault ends. */
export interface FaultBudget {
  /** Which kinds may happen. @defaultValue all but `bit-rot`, `disk-full` and `link` */
  readonly kinds?: readonly FaultKind[];
  /** No fault begins earlier. @defaultValue 0 */
  readonly fromMs?: number;
  /** Every fault has ended by then. @defaultValue 10_000 */
  readonly untilMs?: number;
  /** Virtual milliseconds between the beginnings of two faults, on average. @defaultValue 1_000 */
  readonly everyMs?: number;
  /** How long a fault lasts, from and to. @defaultValue [10, 2_000] */
  readonly lastMs?: readonly [number, number];
  /** Who may be befallen. @defaultValue all */
  readonly nodes?: readonly string[];
  /** Nodes that are crashed or paused, or whose disk is full, at once. @defaultValue (nodes - 1) / 3, rounded down, at least 1 */
  readonly downMax?: number;
  /** Nodes whose disk may rot in the whole run: one that did may never come back. @defaultValue 1 */
  readonly rottenMax?: number;
}

/** From safety to liveness: repair a core, then demand progress. */
export interface Liveness<A = unknown> {
  /**
   * When the core is repaired, in virtual milliseconds: crashed nodes start, paused ones go on, its links are whole.
   * Clients are repaired with it.
   */
  readonly atMs: number;
  /** Who is repaired, or how many, drawn by the seed; the others stay as they are, and no fault begins any more. @defaultValue all */
  readonly core?: number | readonly string[];
  /** What is progress. @defaultValue `until` */
  readonly progress?: (cluster: Cluster<A>) => boolean;
  /** How long it may take, in virtual milliseconds. @defaultValue 30_000 */
  readonly withinMs?: number;
}

/** All of a run but its seed. Whatever a run changes must be made within it: in programs of nodes and clients, in `draw`. */
export interface ScenarioParts<A = unknown> extends Omit<SimulationOptions, "seed" | "decisions" | "drawnAfter" | "trace"> {
  /** The programs, by the names of their nodes; all start at once. */
  readonly nodes: Readonly<Record<string, Program<A>>>;
  /** What goes wrong: a budget to draw from, or exactly this. @defaultValue nothing */
  readonly faults?: FaultBudget | readonly Fault[];
  /**
   * What clients do: operations that are drawn, or programs. Or a function that plans, by `cluster.at`, what no client
   * does: a fault by hand, a look at all.
   */
  readonly workload?: Workload<A> | ProgramWorkload<A> | ((cluster: Cluster<A>) => void);
  /**
   * When the run is over: a virtual time in milliseconds, or a condition that must come true by `deadlineMs`.
   * @defaultValue when the programs of all clients have ended, else when nothing is left to happen; in either case at
   * `deadlineMs`
   */
  readonly until?: number | ((cluster: Cluster<A>) => boolean);
  /** The end in any case, in virtual milliseconds. @defaultValue 60_000 */
  readonly deadlineMs?: number;
  /** What must hold. A function alone: after each event. */
  readonly check?: Checks<A> | Check<A>;
  /** @defaultValue none */
  readonly liveness?: Liveness<A>;
  /** Keeps each event in the result, up to `TRACE_EVENTS_MAX`. @defaultValue false */
  readonly trace?: boolean;
  /** More events than this fail the run. @defaultValue 5_000_000 */
  readonly eventsMax?: number;
}

/** What `simulate` takes. */
export interface SimulateOptions<A = unknown> extends ScenarioParts<A> {
  /** Decides everything that chance decides: a whole number >= 0. */
  readonly seed: number;
}

/** Makes the parts of one run, anew each time: a run that is repeated must not find what an earlier one left. */
export type Scenario<A = unknown> = () => ScenarioParts<A>;

/** What chance can be taken out of a run, to make it simpler. */
export type Calm = "loss" | "duplicate" | "reorder" | "corrupt" | "delay" | "disk" | "clock";

/** A seed for all chance from one event on. */
export interface Fork {
  /** Number of the last event before it. */
  readonly event: number;
  /** Decides from there on. */
  readonly seed: number;
}

/** What makes a run of a scenario that very run: plain JSON data. */
export interface RunPlan {
  /** The seed. */
  readonly seed: number;
  /** What goes wrong. */
  readonly faults: readonly Fault[];
  /** Where the order of time was left. */
  readonly decisions: readonly Decision[];
  /** Which operations are left out, by their index: to a program they are ones of unknown outcome, at once. */
  readonly omitted: readonly number[];
  /**
   * When operations begin, or as soon as the one before has ended, whichever is later: so that one can be left out and
   * the others stay where they are. @defaultValue each its `thinkMs` after the one before
   */
  readonly times?: readonly OperationTime[];
  /** What chance does not do. */
  readonly calm: readonly Calm[];
  /** Where chance goes on from another seed. */
  readonly forks: readonly Fork[];
  /** The run ends here, in virtual milliseconds, if not earlier. @defaultValue where the scenario says */
  readonly untilMs?: number;
}

/** What kind of thing went wrong. */
export type FailureKind =
  /** A check did not hold. */
  | "violation"
  /** Code of a node threw. */
  | "node"
  /** A program of a client threw. */
  | "client"
  /** Code of a node reached around its World. */
  | "leak"
  /** `until` did not come true. */
  | "until"
  /** No progress after the core was repaired. */
  | "liveness"
  /** More events than allowed. */
  | "events";

/** Why a run failed. */
export interface SimulationFailure {
  readonly kind: FailureKind;
  /** The check, the error's name, or what was waited for: of one kind and name, two failures count as the same. */
  readonly name: string;
  /** For people. */
  readonly message: string;
  /** What was thrown, or stands for it. */
  readonly error: Error;
  /** The node in whose code it happened, if it was there. */
  readonly node: string | undefined;
  /** Number of the event in which it happened. */
  readonly event: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
}

/** What every run gives. */
export interface RunReport {
  /** The seed. */
  readonly seed: number;
  /** How many events happened. */
  readonly events: number;
  /** When it ended, in virtual milliseconds. */
  readonly atMs: number;
  /** The hash of all events. */
  readonly traceHash: string;
  /** What clients saw. */
  readonly history: readonly Operation[];
  /** All operations that the workload had drawn and the plan did not leave out; those of programs, once they began. */
  readonly operations: readonly WorkloadOperation[];
  /** When those began that did. */
  readonly times: readonly OperationTime[];
  /** Each event, if that was asked for. */
  readonly trace: readonly TraceEvent[];
  /** Repeats this run: `replay(scenario, plan)`. Its `faults` are those that were drawn, its `decisions` those made. */
  readonly plan: RunPlan;
}

/** A run in which all checks held. */
export interface PassedRun extends RunReport {
  readonly ok: true;
}

/** A run in which one did not. */
export interface FailedRun extends RunReport {
  readonly ok: false;
  /** Why. */
  readonly failure: SimulationFailure;
}

/** What came out of a run. */
export type SimulationResult = PassedRun | FailedRun;
