import { CpuPrices, type CpuWork, type SimulatedCpuOptions } from "./cpu-costs.ts";
import { Thread } from "./thread.ts";

/** Virtual time, which passes while a step runs. */
export interface Time {
  nowUs: number;
}

/** The threads of all nodes. At most one of them runs a step. */
export class Cpu {
  readonly #options: SimulatedCpuOptions;
  readonly #time: Time;
  /** Indexed by node. A guest has no thread. */
  readonly #threads: (Thread | undefined)[] = [];
  /** Undefined while the running code takes no time. */
  #running: Thread | undefined;
  #startUs = 0;
  #spentNs = 0;

  constructor(options: SimulatedCpuOptions, time: Time) {
    this.#options = options;
    this.#time = time;
  }

  /** Gives a node a thread. */
  add(node: number, speed: number): void {
    this.#threads[node] = new Thread(new CpuPrices(this.#options, speed));
  }

  threadOf(node: number): Thread | undefined {
    return this.#threads[node];
  }

  /** Begins a step: from here on, charged work moves time forward. */
  begin(thread: Thread): void {
    this.#running = thread;
    this.#startUs = this.#time.nowUs;
    this.#spentNs = 0;
  }

  /** Charges the running step for work on inputs of `bytes` bytes in total. */
  charge(work: CpuWork, times: number, bytes: number): void {
    const thread = this.#running;
    if (thread) this.#spend(thread.prices.ofWork(work, times, bytes));
  }

  /** Charges the running step for work that takes `ms` milliseconds at speed 1. */
  chargeMs(ms: number): void {
    const thread = this.#running;
    if (thread) this.#spend(thread.prices.ofMs(ms));
  }

  /** Runs work that is not charged, since another thread does it. */
  aside<T>(work: () => T): T {
    const thread = this.#running;
    this.#running = undefined;
    try {
      return work();
    } finally {
      this.#running = thread;
    }
  }

  /** Ends the step and sets time back to its beginning, where the other nodes are. */
  end(thread: Thread): void {
    // `free` has counted the work of a node that crashed during the step.
    if (this.#running === thread) thread.worked(this.#startUs, this.#time.nowUs);
    this.#running = undefined;
    this.#time.nowUs = this.#startUs;
  }

  /** Empties a node's thread at the end of the node's life. */
  free(thread: Thread): void {
    if (this.#running === thread) {
      thread.worked(this.#startUs, this.#time.nowUs);
      this.#running = undefined;
    }
    thread.free(this.#time.nowUs);
  }

  #spend(ns: number): void {
    this.#spentNs += ns;
    this.#time.nowUs = this.#startUs + Math.ceil(this.#spentNs / 1000);
  }
}
