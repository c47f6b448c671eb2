/** A pure function of bytes that may run in another thread. */
export interface Job {
  /** Name of the function's export in {@link Job.module}. */
  readonly name: string;
  /** URL of the module that exports the function, for a worker to import. */
  readonly module: string;
  /** The function itself, for worlds that run it in place. */
  readonly run: (input: Uint8Array) => Uint8Array;
}

/** Runs jobs: a pool of worker threads, or a simulated world, which runs them in place in virtual time. */
export interface Compute {
  /**
   * Runs `job` on `input` and calls `done` once. The caller does not touch `input` again.
   *
   * @returns a function that cancels the job, after which `done` is not called.
   */
  run(job: Job, input: Uint8Array, done: (output: Uint8Array | Error) => void): () => void;
}
