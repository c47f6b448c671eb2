import { checkKeys, checkWeight, checkWhole, refuse } from "./compile/check.ts";
import { heldBy } from "./compile/compile.ts";
import type { CompiledProblem } from "./compile/compile.ts";
import { ENERGY_QUANTA } from "./compile/fixed-point.ts";
import type { SearchOptions } from "./problem.ts";
import { resultOf } from "./report/report.ts";
import type { SchedulingResult, StopReason } from "./result.ts";
import { Search } from "./search/search.ts";
import type { Problem } from "./compile/arrays.ts";

/** Most moves of one search. */
export const MOVES_MAX = 1_000_000_000_000;
/** Most placements that are all tried, unless options say otherwise. */
const EXHAUSTIVE_MAX = 20_000;

/** Length of a search, and the function that it reports to. */
export interface SolveOptions extends SearchOptions {
  /** Milliseconds after which the best placement so far is returned, by the platform's monotonic clock. Without `moves` the search goes on until then. */
  readonly deadlineMs?: number;
  /** Returns the best placement so far when it is aborted. */
  readonly signal?: AbortSignal;
  /** Called with the first placement and with each better one, at most once in 256 moves. One that returns a promise is refused. */
  readonly onImprove?: (result: SchedulingResult) => void;
}

const SOLVE_KEYS: ReadonlySet<string> = new Set(
  ["seed", "moves", "exhaustiveMax", "deadlineMs", "signal", "onImprove"] satisfies (keyof SolveOptions)[],
);

/** One search with its limits in moves and time. */
export class Run {
  stopped: StopReason | undefined;
  /** Energy of the first placement and of each better one, penalties included. */
  readonly trace: { readonly moves: number; readonly energy: number }[] = [];
  readonly #problem: Problem;
  readonly #seed: number;
  readonly #moves: number;
  readonly #deadlineMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onImprove: ((result: SchedulingResult) => unknown) | undefined;
  readonly #search: Search;
  #hard = Infinity;
  #soft = Infinity;

  /** @param light - true to keep what runs: see `Effort` of the search. */
  constructor(compiled: CompiledProblem, options: SolveOptions, light = false) {
    checkEffort(options);
    const { seed = 1, moves, exhaustiveMax = EXHAUSTIVE_MAX, deadlineMs, signal, onImprove } = options;
    const held = heldBy(compiled);
    this.#problem = held.problem;
    this.#seed = Number(seed);
    this.#moves = moves ?? MOVES_MAX;
    const ends = moves === undefined && deadlineMs === undefined;
    const beganMs = performance.now();
    [this.#signal, this.#onImprove] = [signal, onImprove];
    this.#search = new Search(held.problem, { seed: this.#seed, exhaustiveMax, ends, light }, held.first, held.made);
    this.#lookForBetter();
    // Reading the result takes about as long as setting up, and belongs to the caller's time too.
    this.#deadlineMs = deadlineMs === undefined ? Infinity : 2 * beganMs + deadlineMs - performance.now();
  }

  /** Goes on until a limit is met, or for about so many milliseconds. */
  advance(turnMs: number): void {
    const turnEndMs = turnMs === Infinity ? Infinity : performance.now() + turnMs;
    const endMs = Math.min(turnEndMs, this.#deadlineMs);
    this.#search.advance(this.#moves - this.#search.moves, () => {
      this.#lookForBetter();
      if (this.#signal?.aborted) this.stopped = "abort";
      if (this.stopped || endMs === Infinity) return this.stopped !== undefined;
      const nowMs = performance.now();
      if (nowMs >= this.#deadlineMs) this.stopped = "deadline";
      return nowMs >= endMs;
    });
    this.#lookForBetter();
    if (this.#search.done) this.stopped = this.#search.proved ? "proved" : "moves";
    else if (this.#search.moves >= this.#moves) this.stopped ??= "moves";
  }

  result(): SchedulingResult {
    const { moves, proved, starts, assignment } = this.#search;
    return resultOf(this.#problem, assignment.best.place, {
      proved,
      moves,
      starts,
      stopped: this.stopped ?? "moves",
      replay: { seed: this.#seed, moves },
    });
  }

  #lookForBetter(): void {
    const { hard, soft } = this.#search.assignment.best;
    if (hard === this.#hard && soft === this.#soft) return;
    [this.#hard, this.#soft] = [hard, soft];
    this.trace.push({ moves: this.#search.moves, energy: (hard + soft) / ENERGY_QUANTA });
    // Nobody would wait for a promise, nor hear of its rejection.
    if (this.#onImprove?.(this.result()) instanceof Promise) refuse("options.onImprove", "synchronous", "a promise");
  }
}

/** Refuses options that are unknown or out of range. */
export function checkEffort(options: SolveOptions): void {
  checkKeys("options", options, SOLVE_KEYS);
  const { seed = 1, moves = 1, exhaustiveMax = EXHAUSTIVE_MAX, deadlineMs = 0, signal, onImprove } = options;
  checkWhole("options.seed", typeof seed === "bigint" ? Number(seed) : seed, 0, 2 ** 32 - 1);
  checkWhole("options.moves", moves, 0, MOVES_MAX);
  checkWhole("options.exhaustiveMax", exhaustiveMax, 0, MOVES_MAX);
  checkWeight("options.deadlineMs", deadlineMs);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    refuse("options.signal", "an AbortSignal", signal);
  }
  if (onImprove !== undefined && typeof onImprove !== "function") {
    refuse("options.onImprove", "a function", onImprove);
  }
}
