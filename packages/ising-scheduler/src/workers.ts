import { checkWhole } from "./compile/check.ts";
import { heldBy } from "./compile/compile.ts";
import type { CompiledProblem } from "./compile/compile.ts";
import { SchedulerError } from "./errors.ts";
import { placeOf } from "./report/place.ts";
import type { SchedulingResult } from "./result.ts";
import { checkEffort } from "./run.ts";
import type { SolveOptions } from "./run.ts";
import type { Problem } from "./compile/arrays.ts";
import { termsOf } from "./terms/terms.ts";
import type { Answer, Job } from "./worker.ts";

/** Most searches of one problem at a time. */
export const CHAINS_MAX = 256;

/** Numbers of searches and threads. */
export interface AsyncSolveOptions extends Omit<SolveOptions, "onImprove"> {
  /** Searches with different seeds, of which the best counts. Each makes all `moves`. @defaultValue 4 */
  readonly chains?: number;
  /** Threads. Their number changes how long it takes, and nothing else. @defaultValue as many as chains */
  readonly workers?: number;
}

/** When this is thrown, a worker could not be started, or ended before it answered; `cause` says why. */
export class WorkerError extends SchedulerError {
  constructor(cause: unknown) {
    super("ERR_WORKER", `expected an answer from a worker, got ${String(cause)}; check that its module can be loaded`, { cause });
  }
}

/**
 * Searches in threads: `chains` searches with the seeds `seed`, `seed + 1` and so on, of which the best is returned. A
 * number of moves gives the same placement on any number of threads, and `replay` gives it again with `solve`. With a
 * deadline chains that wait for a thread share its time.
 *
 * @throws `InvalidProblemError` if an option is unknown or out of range.
 * @throws {@link WorkerError} if a worker fails.
 * @example
 * ```ts
 * import { compile } from "@void-system/ising-scheduler";
 * import { solveAsync } from "@void-system/ising-scheduler/workers";
 * const tasks = Array.from({ length: 20 }, (_, at) => ({ id: `t${at}`, demand: { cpu: 1 + (at % 3) } }));
 * const nodes = Array.from({ length: 4 }, (_, at) => ({ id: `n${at}`, capacity: { cpu: 14 } }));
 * const { feasible } = await solveAsync(compile({ tasks, nodes }), { moves: 2_000, chains: 2 });
 * feasible; // => true
 * ```
 */
export async function solveAsync(compiled: CompiledProblem, options: AsyncSolveOptions = {}): Promise<SchedulingResult> {
  const { chains = 4, workers = chains, signal, ...effort } = options;
  checkWhole("options.chains", chains, 1, CHAINS_MAX);
  checkWhole("options.workers", workers, 1, CHAINS_MAX);
  checkEffort({ ...effort, ...(signal && { signal }) });
  const held = heldBy(compiled);
  const threads = Math.min(workers, chains);
  const { seed = 1, deadlineMs } = effort;
  const shared = deadlineMs === undefined ? {} : { deadlineMs: deadlineMs / Math.ceil(chains / threads) };
  const { more, ...arrays } = held.problem;
  const jobs = Array.from({ length: chains }, (_, chain): Job => ({
    held: { ...held, problem: { ...arrays, more: undefined } },
    parts: more?.parts,
    options: { ...effort, ...shared, seed: (Number(seed) + chain) % 2 ** 32 },
  }));
  const results = await inThreads(jobs, threads, signal);
  return results.reduce((best, next) => (isBetter(held.problem, next, best) ? next : best));
}

async function inThreads(jobs: readonly Job[], threads: number, signal?: AbortSignal): Promise<SchedulingResult[]> {
  const results: SchedulingResult[] = [];
  const waiting = jobs.entries();
  const work = async (): Promise<void> => {
    const thread = new Thread();
    const abort = (): void => thread.abort();
    try {
      for (const [chain, job] of waiting) {
        // A search that was aborted before it began still has a complete placement.
        const answer = thread.ask(signal?.aborted ? { ...job, options: { ...job.options, deadlineMs: 0 } } : job);
        signal?.addEventListener("abort", abort, { once: true });
        results[chain] = await answer;
        signal?.removeEventListener("abort", abort);
      }
    } finally {
      thread.end();
    }
  };
  await Promise.all(Array.from({ length: threads }, work));
  return results;
}

/** Less overload first, then by who waits, then by energy; the first of equals is kept. */
function isBetter(problem: Problem, a: SchedulingResult, b: SchedulingResult): boolean {
  const hard = ({ energy }: SchedulingResult): number => termsOf(problem).reduce((sum, [name, term]) => sum + (term.hard ? (energy[name] ?? 0) : 0), 0);
  const waits = problem.more?.waiting?.compare(placeOf(problem, a.placement), placeOf(problem, b.placement)) ?? 0;
  return (hard(a) - hard(b) || waits || a.energy.total - b.energy.total) < 0;
}

/** A worker of either kind, as far as it is used here. */
interface AnyWorker {
  postMessage(message: Job | "abort", transfer: readonly never[]): void;
  terminate(): unknown;
  on?(event: string, listener: (value: unknown) => void): void;
  addEventListener?(event: string, listener: (event: { readonly data?: unknown; readonly message?: string }) => void): void;
}

class Thread {
  readonly #worker: AnyWorker;
  #settle: ((answer: Answer) => void) | undefined;

  constructor() {
    const url = new URL("./worker.js", import.meta.url);
    const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
    // Both constructors take a URL and make a worker with the members above.
    const Any = (node?.Worker ?? Reflect.get(globalThis, "Worker")) as new (url: URL, options: object) => AnyWorker;
    this.#worker = new Any(url, { type: "module" });
    const settle = (answer: unknown): void => this.#settle?.(answer as Answer); // Only worker.ts answers.
    const fail = (error: unknown): void => settle({ error });
    this.#worker.on?.("message", settle);
    this.#worker.on?.("error", fail);
    this.#worker.on?.("exit", () => fail("the end of the worker"));
    if (this.#worker.on) return;
    this.#worker.addEventListener?.("message", ({ data }) => settle(data));
    this.#worker.addEventListener?.("error", ({ message }) => fail(message));
  }

  ask(job: Job): Promise<SchedulingResult> {
    return new Promise((resolve, reject) => {
      this.#settle = (answer) => ("error" in answer ? reject(new WorkerError(answer.error)) : resolve(answer.result));
      this.#worker.postMessage(job, []);
    });
  }

  abort(): void {
    this.#worker.postMessage("abort", []);
  }

  end(): void {
    this.#settle = undefined;
    this.#worker.terminate();
  }
}
