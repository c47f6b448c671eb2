import { compile, migrationsOf, replan } from "../src/cluster/index.ts";
import type { Migration } from "../src/cluster/index.ts";
import { arraysOf, heldBy } from "../src/compile/compile.ts";
import type { CompiledProblem } from "../src/compile/compile.ts";
import { ENERGY_QUANTA } from "../src/compile/fixed-point.ts";
import { placeOf } from "../src/report/place.ts";
import { resultOf } from "../src/report/report.ts";
import type { SchedulingResult } from "../src/result.ts";
import { Search } from "../src/search/search.ts";
import { STARTS } from "../src/starts/starts.ts";
import { readText, withoutNode } from "./text.ts";
import type { ProblemText } from "./text.ts";

/** Points of the chart of energies; beyond that every other one is left out. */
const TRACE_MAX = 400;
/** Changes that can be undone. */
const UNDO_MAX = 100;

const never = (): boolean => false;

/** A problem, and a search for its placement that can be watched. */
export class Trial {
  readonly text: ProblemText;
  readonly compiled: CompiledProblem;
  /** Placement before a node was taken away. */
  readonly before: Readonly<Record<string, string>> | undefined;
  readonly #search: Search;
  readonly #seed: number;
  #trace: { readonly moves: number; readonly energy: number }[] = [];

  constructor(text: ProblemText, seed: number, before?: Readonly<Record<string, string>>) {
    [this.text, this.before, this.#seed] = [text, before, seed];
    this.compiled = compile({ ...readText(text), ...(before && { previous: before }) });
    const { problem, first, made } = heldBy(this.compiled);
    if (before) {
      const { placement } = replan(this.compiled, { seed });
      this.#search = new Search(problem, { seed, exhaustiveMax: 0, ends: true }, placeOf(problem, placement), "previous");
    } else {
      this.#search = new Search(problem, { seed, exhaustiveMax: 0, ends: true }, first, made);
      this.advance(problem.tasks.length * Object.keys(STARTS).length);
    }
    this.#note();
  }

  get done(): boolean {
    return this.#search.done;
  }

  /** Energy of the placement that walks, penalties included, over the moves so far. */
  get trace(): readonly { readonly moves: number; readonly energy: number }[] {
    return this.#trace;
  }

  /** Makes so many moves. */
  advance(moves: number): void {
    this.#search.advance(moves, never);
    if (this.done) this.#search.assignment.moveToBest();
    this.#note();
  }

  /** The placement as it walks: worse than the best one for a while. */
  walking(): Readonly<Record<string, string>> {
    return this.#resultOf(this.#search.assignment.place).placement;
  }

  /** The best placement so far. */
  result(): SchedulingResult {
    return this.#resultOf(this.#search.assignment.best.place);
  }

  /** The tasks that are elsewhere than before, by the best placement so far. */
  moved(): readonly Migration[] {
    return this.before ? migrationsOf(this.compiled, this.result().placement) : [];
  }

  /** Load and capacity of each node by resource, and its number of tasks. */
  loads({ placement }: SchedulingResult): { readonly resources: readonly string[]; readonly nodes: readonly NodeLoad[] } {
    const { resources, nodes, tasks, demand, capacity } = arraysOf(this.compiled);
    return {
      resources,
      nodes: nodes.map((id, node): NodeLoad => {
        const here = [...tasks.keys()].filter((task) => placement[tasks[task] ?? ""] === id);
        const loads = resources.map((_, r) => {
          const used = here.reduce((sum, task) => sum + (demand[task * resources.length + r] ?? 0), 0);
          return `${Number(used.toPrecision(12))} of ${capacity[node * resources.length + r] ?? 0}`;
        });
        return { id, loads, tasks: here.length };
      }),
    };
  }

  #resultOf(place: Int32Array): SchedulingResult {
    const { moves, starts, proved } = this.#search;
    return resultOf(arraysOf(this.compiled), place, { proved, moves, starts, stopped: "moves", replay: { seed: this.#seed, moves } });
  }

  #note(): void {
    const { assignment, moves } = this.#search;
    this.#trace.push({ moves, energy: (assignment.hard + assignment.soft) / ENERGY_QUANTA });
    if (this.#trace.length > TRACE_MAX) this.#trace = this.#trace.filter((_, at) => at % 2 === 0 || at === TRACE_MAX);
  }
}

/** Load of a node. */
export interface NodeLoad {
  readonly id: string;
  /** `3 of 8`, by resource. */
  readonly loads: readonly string[];
  readonly tasks: number;
}

/** Trials one after the other, each of which can be undone. */
export class Session {
  readonly #trials: Trial[];

  constructor(text: ProblemText, seed: number) {
    this.#trials = [new Trial(text, seed)];
  }

  get trial(): Trial {
    const trial = this.#trials.at(-1);
    if (!trial) throw new Error("expected a trial, got none"); // The first one is never taken back.
    return trial;
  }

  get canUndo(): boolean {
    return this.#trials.length > 1;
  }

  /** Goes on with another problem, from nothing. */
  use(text: ProblemText, seed: number): void {
    this.#push(new Trial(text, seed));
  }

  /** Takes a node away: what runs elsewhere stays, as far as that can be. */
  takeAway(node: string, seed: number): void {
    const { text } = this.trial;
    const nodes = withoutNode(text.nodes, node);
    this.#push(new Trial({ ...text, nodes }, seed, this.trial.result().placement));
  }

  /** Returns to the trial before. */
  undo(): void {
    if (this.canUndo) this.#trials.pop();
  }

  #push(trial: Trial): void {
    this.#trials.push(trial);
    if (this.#trials.length > UNDO_MAX) this.#trials.shift();
  }
}
