/**
 * Counts of what an exploration exercised. Runs that pass prove nothing if nothing happened in them.
 */
import { NothingTestedError } from "../errors.ts";
import type { RunExercise, ScenarioParts, SimulationResult } from "../scenario/scenario.ts";

/** Counts over all runs of an exploration, those of shrinking excluded. */
export interface Exercise {
  /** Number of seeds that ran to their end. */
  readonly seeds: number;
  /** Number of operations that clients began. */
  readonly operations: number;
  /** Number of those whose outcome is known. */
  readonly outcomes: number;
  /** Number of faults in the plans. */
  readonly faultsPlanned: number;
  /** Number of those that began and changed something. */
  readonly faultsBegun: number;
  /** Number of frames that arrived or were lost. */
  readonly frames: number;
  /** Number of clients. */
  readonly clients: number;
  /** Number of those whose program came to its end. */
  readonly clientsEnded: number;
  /** Number of calls that were in flight when the async function that made them returned: an `await` may be missing. */
  readonly callsLeft: number;
  /** Number of times that a condition was checked. */
  readonly checks: number;
}

/** The counts before the first run. */
export const NO_EXERCISE: Exercise = {
  seeds: 0,
  operations: 0,
  outcomes: 0,
  faultsPlanned: 0,
  faultsBegun: 0,
  frames: 0,
  clients: 0,
  clientsEnded: 0,
  callsLeft: 0,
  checks: 0,
};

/**
 * Returns the counts as one line of text. It names what looks unfinished: clients that did not end, calls that async
 * functions did not wait for, and runs in which nothing was checked.
 *
 * @example
 * ```ts
 * import { exerciseText } from "@void-system/simulation";
 *
 * const clients = { clients: 400, clientsEnded: 400, callsLeft: 0 };
 * exerciseText({ seeds: 200, operations: 1_200, outcomes: 1_194, faultsPlanned: 1_121, faultsBegun: 6, frames: 9_570, checks: 200, ...clients });
 * // => "200 seeds, 1,200 operations (1,194 with an outcome), 6 of 1,121 planned faults begun, 9,570 frames"
 * ```
 */
export function exerciseText(exercise: Exercise): string {
  const { seeds, operations, outcomes, faultsPlanned, faultsBegun, frames, clients, clientsEnded, callsLeft, checks } = exercise;
  return [
    counted(seeds, "seed"),
    ...(operations > 0 ? [`${counted(operations, "operation")} (${grouped(outcomes)} with an outcome)`] : []),
    ...(faultsPlanned > 0 ? [`${grouped(faultsBegun)} of ${counted(faultsPlanned, "planned fault")} begun`] : []),
    counted(frames, "frame"),
    ...(clientsEnded < clients ? [`${grouped(clientsEnded)} of ${counted(clients, "client")} ended`] : []),
    ...(callsLeft > 0 ? [`${counted(callsLeft, "call")} not awaited`] : []),
    ...(seeds > 0 && checks === 0 ? ["no check"] : []),
  ].join(", ");
}

/** Adds up what runs exercised. */
export class ExerciseTally {
  #total: Exercise = NO_EXERCISE;
  #calls = 0;
  #latestMs = 0;
  /** Names that are in the lists of all runs. */
  #neverStarted: readonly string[] | undefined;
  #clientsWithoutOutcome: readonly string[] | undefined;

  /** The counts so far. */
  get total(): Exercise {
    return this.#total;
  }

  /** Adds a run that came to its end. */
  add({ exercised, atMs }: SimulationResult): void {
    const { seeds, ...counts } = this.#total;
    this.#total = { seeds: seeds + 1, ...sums(counts, exercised) };
    this.#calls += exercised.calls;
    this.#latestMs = Math.max(this.#latestMs, atMs);
    this.#neverStarted = inBoth(this.#neverStarted, exercised.neverStarted);
    this.#clientsWithoutOutcome = inBoth(this.#clientsWithoutOutcome, exercised.clientsWithoutOutcome);
  }

  /**
   * Checks that passed runs have tested something. `parts` are those of one of the runs.
   *
   * @throws {@link NothingTestedError} with the reasons.
   */
  expectSomething<A>(parts: ScenarioParts<A>): void {
    const reasons = [...this.#idleClients(parts), ...this.#idleFaults(parts), ...this.#idleNodes(parts)];
    if (reasons.length > 0) throw new NothingTestedError(exerciseText(this.#total), reasons);
  }

  #idleClients<A>({ workload, until }: ScenarioParts<A>): string[] {
    const { operations, outcomes, frames, clients, clientsEnded } = this.#total;
    if (typeof workload !== "object") return [];
    if (outcomes > 0 && frames === 0 && this.#calls === 0)
      return [
        `${counted(outcomes, "operation")} had an outcome without a frame or a call to any node: is a \`yield*\` missing before ` +
          "the program that sends?",
      ];
    const [client] = this.#clientsWithoutOutcome ?? [];
    if (outcomes > 0 && client !== undefined)
      return [`no operation of the client ${JSON.stringify(client)} had an outcome in any run: which answer does it wait for?`];
    if (outcomes > 0) return [];
    const begun = `${counted(operations, "operation")} began`;
    if (operations > 0 || "draw" in workload)
      return [
        `no operation had an outcome (${begun}): does a node answer, under the name that the clients use, and within \`timeoutMs\`, does the client wait for the answer, and is no \`yield*\` missing in the node?`,
      ];
    // Without operations, the end of the programs is all that the clients show.
    if (until !== undefined || clientsEnded > 0) return [];
    return clients === 0
      ? ["no client ran"]
      : [`no program of ${counted(clients, "client")} came to its end, and none performed an operation`];
  }

  #idleFaults<A>({ faults }: ScenarioParts<A>): string[] {
    const { faultsPlanned, faultsBegun } = this.#total;
    if (faults === undefined || faultsBegun > 0 || (Array.isArray(faults) && faults.length === 0)) return [];
    if (faultsPlanned === 0) return ["the budget of faults had room for none: more `kinds`, `nodes` or time are needed"];
    return [
      `none of ${counted(faultsPlanned, "planned fault")} began, since the longest run ended at ${this.#latestMs} ms: leave out ` +
        "`untilMs`, `everyMs` and `fromMs`, or shorten them",
    ];
  }

  #idleNodes<A>({ nodes }: ScenarioParts<A>): string[] {
    if (Object.keys(nodes).length === 0) return ["the scenario has no nodes"];
    const names = this.#neverStarted ?? [];
    return names.length > 0 ? [`${names.join(", ")} never started: the runs were over before`] : [];
  }
}

function sums(
  before: Omit<Exercise, "seeds">,
  run: RunExercise
): Omit<Exercise, "seeds"> {
  return {
    operations: before.operations + run.operations,
    outcomes: before.outcomes + run.outcomes,
    faultsPlanned: before.faultsPlanned + run.faultsPlanned,
    faultsBegun: before.faultsBegun + run.faultsBegun,
    frames: before.frames + run.frames,
    clients: before.clients + run.clients,
    clientsEnded: before.clientsEnded + run.clientsEnded,
    callsLeft: before.callsLeft + run.callsLeft,
    checks: before.checks + run.checks,
  };
}

/** Returns the names of a list that are in the lists before as well; all of the first list. */
function inBoth(before: readonly string[] | undefined, names: readonly string[]): readonly string[] {
  return before ? before.filter((name) => names.includes(name)) : names;
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
