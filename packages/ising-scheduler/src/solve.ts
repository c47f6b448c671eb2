import { checkKeys, checkObject, checkWeight, checkWhole, shown } from "./check.ts";
import { InvalidProblemError } from "./errors.ts";
import type { SchedulingProblem, SearchOptions } from "./problem.ts";
import { resultOf } from "./report.ts";
import type { SchedulingResult, StopReason } from "./result.ts";
import { Search } from "./search.ts";
import { bestFit } from "./starts/best-fit.ts";
import { tabulate } from "./tabulate.ts";
import type { Problem } from "./tabulate.ts";

/** Most moves of one search. */
export const MOVES_MAX = 1_000_000_000_000;
/** Most placements that are all tried, unless options say otherwise. */
const EXHAUSTIVE_MAX = 20_000;
/** Milliseconds that {@link anytime} keeps the thread before others get their turn. */
const TURN_MS = 4;

/** A problem that was checked and put in flat arrays, with a first complete placement: made once, solved many times. */
export interface CompiledProblem {
  /** How many tasks it has. */
  readonly tasks: number;
  /** How many nodes it has. */
  readonly nodes: number;
  /** Bytes of its arrays. */
  readonly bytes: number;
}

/** How long to search, and whom to report to. */
export interface SolveOptions extends SearchOptions {
  /** Milliseconds after which the best placement so far is returned, by the platform's monotonic clock. Without `moves` the search goes on until then. */
  readonly deadlineMs?: number;
  /** Returns the best placement so far when it is aborted. */
  readonly signal?: AbortSignal;
  /** Called with the first placement and with each better one, at most once in 256 moves. */
  readonly onImprove?: (result: SchedulingResult) => void;
}

const SOLVE_KEYS: ReadonlySet<string> = new Set(
  ["seed", "moves", "exhaustiveMax", "deadlineMs", "signal", "onImprove"] satisfies (keyof SolveOptions)[],
);
const PROBLEM_KEYS: ReadonlySet<string> = new Set(
  ["tasks", "nodes", "links", "previous", "weights"] satisfies (keyof SchedulingProblem)[],
);

/** The arrays behind each handle. */
const compiledOnes = new WeakMap<CompiledProblem, Held>();

/**
 * Checks a problem once, and places every task a first time (best fit decreasing), so that each {@link solve} has a
 * complete placement from its first moment.
 *
 * @throws {@link InvalidProblemError} if it contradicts itself or is beyond a limit.
 * @example
 * ```ts
 * import { compile, solve } from "@void-system/ising-scheduler";
 * const tasks = [{ id: "x", demand: { cpu: 1 } }, { id: "y", demand: { cpu: 1 } }];
 * const nodes = [{ id: "a", capacity: { cpu: 2 } }, { id: "b", capacity: { cpu: 2 } }];
 * const compiled = compile({ tasks, nodes, links: [{ a: "x", b: "y", weight: 5 }] });
 * const { placement } = solve(compiled, { deadlineMs: 20 });
 * placement["x"] === placement["y"]; // => true
 * ```
 */
export function compile(problem: SchedulingProblem): CompiledProblem {
  checkObject("problem", problem);
  checkKeys("problem", problem, PROBLEM_KEYS);
  const arrays = tabulate(problem);
  const first = bestFit(arrays, () => false) ?? new Int32Array(arrays.tasks.length);
  const { links, affinities, conflicts } = arrays;
  const held = [first, ...Object.values(arrays), ...[links, affinities, conflicts].flatMap((pairs) => Object.values(pairs))];
  const bytes = held.reduce((sum, value) => sum + (ArrayBuffer.isView(value) ? value.byteLength : 0), 0);
  const compiled = { tasks: arrays.tasks.length, nodes: arrays.nodes.length, bytes };
  compiledOnes.set(compiled, { problem: arrays, first });
  return compiled;
}

/**
 * Searches for a placement of low energy until its moves or its time are used up, and returns the best.
 *
 * A number of moves gives the same placement everywhere. A deadline does not, so `replay` of the result has the seed and
 * the moves that give its placement again.
 *
 * @throws {@link InvalidProblemError} if an option is unknown or out of range.
 * @example
 * ```ts
 * import { compile, solve } from "@void-system/ising-scheduler";
 * const tasks = Array.from({ length: 20 }, (_, at) => ({ id: `t${at}`, demand: { cpu: 1 + (at % 3) } }));
 * const nodes = Array.from({ length: 4 }, (_, at) => ({ id: `n${at}`, capacity: { cpu: 14 } }));
 * const compiled = compile({ tasks, nodes });
 * const quick = solve(compiled, { deadlineMs: 2 });
 * const again = solve(compiled, quick.replay);
 * again.energy.total === quick.energy.total; // => true
 * ```
 */
export function solve(compiled: CompiledProblem, options: SolveOptions = {}): SchedulingResult {
  const run = new Run(compiled, options);
  run.advance(Infinity);
  return run.result();
}

/**
 * Searches as {@link solve} does, and gives other work its turn every few milliseconds. Yields the first placement and
 * each better one. The search ends when its moves or its time are used up, when it is aborted, or when the loop is left.
 *
 * @throws {@link InvalidProblemError} if an option is unknown or out of range.
 * @example
 * ```ts
 * import { anytime, compile } from "@void-system/ising-scheduler";
 * const tasks = Array.from({ length: 20 }, (_, at) => ({ id: `t${at}`, demand: { cpu: 1 + (at % 3) } }));
 * const nodes = Array.from({ length: 4 }, (_, at) => ({ id: `n${at}`, capacity: { cpu: 14 } }));
 * let energy = Infinity;
 * for await (const better of anytime(compile({ tasks, nodes }), { moves: 20_000 })) energy = better.energy.total;
 * energy < 0.1; // => true
 * ```
 */
export async function* anytime(compiled: CompiledProblem, options: SolveOptions = {}): AsyncGenerator<SchedulingResult, void> {
  const run = new Run(compiled, options);
  let shown: number | undefined;
  for (;;) {
    run.advance(TURN_MS);
    if (run.improvements !== shown) yield run.result();
    shown = run.improvements;
    if (run.stopped) return;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** The arrays of a compiled problem. */
export function arraysOf(compiled: CompiledProblem): Problem {
  return heldBy(compiled).problem;
}

export function heldBy(compiled: CompiledProblem): Held {
  const held = compiledOnes.get(compiled);
  if (!held) throw new InvalidProblemError(`expected a problem from compile(), got ${shown(compiled)}`);
  return held;
}

/** Refuses options that are unknown or out of range. */
export function checkEffort(options: SolveOptions): void {
  checkObject("options", options);
  checkKeys("options", options, SOLVE_KEYS);
  const { seed = 1, moves = 1, exhaustiveMax = EXHAUSTIVE_MAX, deadlineMs = 0, signal, onImprove } = options;
  checkWhole("options.seed", typeof seed === "bigint" ? Number(seed) : seed, 0, 2 ** 32 - 1);
  checkWhole("options.moves", moves, 0, MOVES_MAX);
  checkWhole("options.exhaustiveMax", exhaustiveMax, 0, MOVES_MAX);
  checkWeight("options.deadlineMs", deadlineMs);
  if (signal !== undefined && typeof signal.aborted !== "boolean") {
    throw new InvalidProblemError(`expected options.signal to be an AbortSignal, got ${shown(signal)}`);
  }
  if (onImprove !== undefined && typeof onImprove !== "function") {
    throw new InvalidProblemError(`expected options.onImprove to be a function, got ${shown(onImprove)}`);
  }
}

/** Arrays of a compiled problem and its first placement, as they go to a worker. */
export interface Held {
  readonly problem: Problem;
  readonly first: Int32Array;
}

/** Makes a handle of arrays that came from another thread. They are solved, and not asked for names of the input. */
export function adopt(held: Held): CompiledProblem {
  const compiled = { tasks: held.problem.tasks.length, nodes: held.problem.nodes.length, bytes: 0 };
  compiledOnes.set(compiled, held);
  return compiled;
}

/** Searches as {@link solve} does, and gives other work its turn every few milliseconds. */
export async function solveInTurns(compiled: CompiledProblem, options: SolveOptions): Promise<SchedulingResult> {
  const run = new Run(compiled, options);
  for (run.advance(TURN_MS); !run.stopped; run.advance(TURN_MS)) await new Promise((resolve) => setTimeout(resolve));
  return run.result();
}

/** One search with its limits. */
class Run {
  stopped: StopReason | undefined;
  /** How many times a better placement was seen. */
  improvements = 0;
  readonly #problem: Problem;
  readonly #seed: number;
  readonly #moves: number;
  readonly #deadlineMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #onImprove: ((result: SchedulingResult) => void) | undefined;
  readonly #search: Search;
  #hard = Infinity;
  #soft = Infinity;

  constructor(compiled: CompiledProblem, options: SolveOptions) {
    const { deadlineMs } = options;
    const startedMs = deadlineMs === undefined ? 0 : performance.now();
    const held = heldBy(compiled);
    checkEffort(options);
    const { seed = 1, moves, exhaustiveMax = EXHAUSTIVE_MAX, signal, onImprove } = options;
    this.#problem = held.problem;
    this.#seed = Number(seed);
    this.#moves = moves ?? MOVES_MAX;
    const ends = moves === undefined && deadlineMs === undefined;
    this.#deadlineMs = deadlineMs === undefined ? Infinity : startedMs + deadlineMs;
    [this.#signal, this.#onImprove] = [signal, onImprove];
    this.#search = new Search(held.problem, { seed: this.#seed, exhaustiveMax, ends }, held.first);
    this.#lookForBetter();
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
    this.improvements++;
    this.#onImprove?.(this.result());
  }
}
