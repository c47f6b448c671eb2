/**
 * Jobs on threads: `World.compute` of a real node.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { JobFailedError } from "../errors.ts";
import { soon } from "../portable/platform.ts";
import type { Cancel, Compute, Job } from "../world.ts";
import { ComputeBusyError } from "../errors.ts";

/** Default number of jobs that may wait for a thread. One more fails with {@link ComputeBusyError}. */
export const JOBS_WAITING_MAX = 1_024;

/** Size of a {@link workerPool}. */
export interface WorkerPoolOptions {
  /** Most threads. Each is started when there is a job for it. @defaultValue the machine's cores minus one, at least 1 */
  readonly threads?: number;
  /** Most jobs that may wait for a thread. @defaultValue {@link JOBS_WAITING_MAX} */
  readonly jobsWaitingMax?: number;
}

/** A {@link Compute} on threads. */
export interface WorkerPool extends Compute {
  /** Terminates the threads. No callback of a job runs afterwards. */
  close(): void;
}

interface Task {
  readonly job: Job;
  readonly input: Uint8Array<ArrayBuffer>;
  done: ((output: Uint8Array | Error) => void) | undefined;
}

type Answer = { readonly output: Uint8Array } | { readonly failure: Error };

/**
 * Program of a thread: it imports the job's module, calls the function and posts the output. The output is copied before
 * its transfer, because it may be a view of a larger buffer.
 */
const THREAD = `
const { parentPort } = require("node:worker_threads");
parentPort.on("message", async ({ name, module, input }) => {
  try {
    const output = (await import(module))[name](input);
    if (!(output instanceof Uint8Array)) throw new TypeError("expected bytes, got " + typeof output);
    const bytes = Uint8Array.from(output);
    parentPort.postMessage({ output: bytes }, [bytes.buffer]);
  } catch (error) {
    parentPort.postMessage({ failure: error instanceof Error ? error : new Error(String(error)) });
  }
});`;

/**
 * Makes a pool of threads that run jobs. Threads are started on demand, and an idle pool does not keep the process alive.
 * If a thread dies, its job fails with `JobFailedError`, and the next job starts a new thread. A job that is cancelled
 * while it runs keeps its thread until it returns.
 *
 * @throws RangeError when `threads` or `jobsWaitingMax` is less than 1.
 * @example
 * ```ts
 * import { workerPool } from "@void-system/effects/node";
 * const pool = workerPool({ threads: 1 });
 * const module = "data:text/javascript,export const first = (bytes) => bytes.subarray(0, 1)";
 * const job = { name: "first", module, run: (bytes: Uint8Array) => bytes.subarray(0, 1) };
 * const output = await new Promise((resolve) => { pool.run(job, Uint8Array.of(7, 8), resolve); });
 * pool.close();
 * output; // => Uint8Array.of(7)
 * ```
 */
export function workerPool(options: WorkerPoolOptions = {}): WorkerPool {
  const threadsMax = options.threads ?? Math.max(1, availableParallelism() - 1);
  const waitingMax = options.jobsWaitingMax ?? JOBS_WAITING_MAX;
  for (const [what, count] of [["threads", threadsMax], ["jobsWaitingMax", waitingMax]] as const)
    if (!(count >= 1)) throw new RangeError(`expected ${what} to be 1 or more, got ${count}`);
  const waiting = new Set<Task>();
  const threads = new Set<Thread>();
  let closed = false;

  const dispatch = (): void => {
    for (const task of waiting) {
      const thread = [...threads].find(({ idle }) => idle) ?? (threads.size < threadsMax ? start() : undefined);
      if (!thread) return;
      waiting.delete(task);
      thread.run(task);
    }
  };
  const start = (): Thread => {
    const thread = new Thread(dispatch, () => {
      threads.delete(thread);
      if (!closed) dispatch();
    });
    threads.add(thread);
    return thread;
  };

  return {
    run: (job, input, done): Cancel => {
      if (closed) return () => undefined;
      if (waiting.size >= waitingMax) return soon(() => done(new ComputeBusyError(job.name, waitingMax)));
      const task: Task = { job, input: Uint8Array.from(input), done };
      waiting.add(task);
      dispatch();
      return () => {
        task.done = undefined;
        waiting.delete(task);
      };
    },
    close: () => {
      closed = true;
      waiting.clear();
      for (const thread of threads) thread.end();
      threads.clear();
    },
  };
}

/** A thread and its present job. */
class Thread {
  readonly #worker = new Worker(THREAD, { eval: true });
  readonly #free: () => void;
  #task: Task | undefined;
  #ended = false;

  constructor(free: () => void, gone: () => void) {
    this.#free = free;
    this.#worker.on("message", (answer: Answer) => {
      this.#finish("output" in answer ? answer.output : answer.failure);
      this.#free();
    });
    let cause: unknown;
    this.#worker.on("error", (error) => (cause = error));
    this.#worker.on("exit", (code) => {
      this.#ended = true;
      this.#finish(cause instanceof Error ? cause : new Error(`the thread ended with code ${code}`));
      gone();
    });
  }

  get idle(): boolean {
    return this.#task === undefined && !this.#ended;
  }

  run(task: Task): void {
    this.#task = task;
    this.#worker.ref();
    const { job, input } = task;
    this.#worker.postMessage({ name: job.name, module: job.module, input }, [input.buffer]);
  }

  end(): void {
    this.#ended = true;
    if (this.#task) this.#task.done = undefined;
    void this.#worker.terminate();
  }

  #finish(outcome: Uint8Array | Error): void {
    const task = this.#task;
    this.#task = undefined;
    this.#worker.unref();
    if (task) task.done?.(outcome instanceof Error ? new JobFailedError(task.job.name, outcome) : outcome);
  }
}
