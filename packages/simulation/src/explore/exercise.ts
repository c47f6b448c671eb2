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
}

/** The counts before the first run. */
export const NO_EXERCISE: Exercise = { seeds: 0, operations: 0, outcomes: 0, faultsPlanned: 0, faultsBegun: 0, frames: 0 };

/**
 * Returns the counts as one line of text.
 *
 * @example
 * ```ts
 * import { exerciseText } from "@void-system/simulation";
 *
 * exerciseText({ seeds: 200, operations: 1_200, outcomes: 1_194, faultsPlanned: 1_121, faultsBegun: 6, frames: 9_570 });
 * // => "200 seeds, 1,200 operations (1,194 with an outcome), 6 of 1,121 planned faults begun, 9,570 frames"
 * ```
 */
export function exerciseText({ seeds, operations, outcomes, faultsPlanned, faultsBegun, frames }: Exercise): string {
  return [
    counted(seeds, "seed"),
    ...(operations > 0 ? [`${counted(operations, "operation")} (${grouped(outcomes)} with an outcome)`] : []),
    ...(faultsPlanned > 0 ? [`${grouped(faultsBegun)} of ${counted(faultsPlanned, "planned fault")} begun`] : []),
    counted(frames, "frame"),
  ].join(", ");
}

/** Adds up what runs exercised. */
export class ExerciseTally {
  #total: Exercise = NO_EXERCISE;
  #calls = 0;
  #clients = 0;
  #clientsEnded = 0;
  #latestMs = 0;
  #neverStarted: readonly string[] | undefined;

  /** The counts so far. */
  get total(): Exercise {
    return this.#total;
  }

  /** Adds a run that came to its end. */
  add({ exercised, atMs }: SimulationResult): void {
    const { seeds, ...counts } = this.#total;
    this.#total = { seeds: seeds + 1, ...sums(counts, exercised) };
    this.#calls += exercised.calls;
    this.#clients += exercised.clients;
    this.#clientsEnded += exercised.clientsEnded;
    this.#latestMs = Math.max(this.#latestMs, atMs);
    this.#neverStarted = (this.#neverStarted ?? exercised.neverStarted).filter((name) => exercised.neverStarted.includes(name));
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
    const { operations, outcomes, frames } = this.#total;
    if (typeof workload !== "object") return [];
    if (outcomes > 0 && frames === 0 && this.#calls === 0)
      return [
        `${counted(outcomes, "operation")} had an outcome without a frame or a call to any node: is a \`yield*\` missing before ` +
          "the program that sends?",
      ];
    if (outcomes > 0) return [];
    const begun = `${counted(operations, "operation")} began`;
    if (operations > 0 || "draw" in workload)
      return [
        `no operation had an outcome (${begun}): does a node answer, under the name that the clients use, and within \`timeoutMs\`, and does the client wait for the answer?`,
      ];
    // Without operations, the end of the programs is all that the clients show.
    if (until !== undefined || this.#clientsEnded > 0) return [];
    return this.#clients === 0
      ? ["no client ran"]
      : [`no program of ${counted(this.#clients, "client")} came to its end, and none performed an operation`];
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
  { operations, outcomes, faultsPlanned, faultsBegun, frames }: Omit<Exercise, "seeds">,
  run: RunExercise
): Omit<Exercise, "seeds"> {
  return {
    operations: operations + run.operations,
    outcomes: outcomes + run.outcomes,
    faultsPlanned: faultsPlanned + run.faultsPlanned,
    faultsBegun: faultsBegun + run.faultsBegun,
    frames: frames + run.frames,
  };
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
