/** A pure function of bytes that may run in another thread. */
export interface Job {
  /** Name under which {@link Job.module} exports the function. */
  readonly name: string;
  /** URL of the module that exports it, for a worker to import. */
  readonly module: string;
  /** The function itself, for worlds that run it in place. */
  readonly run: (input: Uint8Array) => Uint8Array;
}

/** Where jobs run: a pool of worker threads, or a simulated world, which runs them in place at a time of its own. */
export interface Compute {
  /**
   * Runs `job` on `input`, which the caller does not touch again, and answers once.
   *
   * @returns gives the job up: `done` is not called any more.
   */
  run(job: Job, input: Uint8Array, done: (output: Uint8Array | Error) => void): () => void;
}
