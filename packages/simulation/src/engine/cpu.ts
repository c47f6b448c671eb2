import { CpuPrices, type CpuWork, type SimulatedCpuOptions } from "./cpu-costs.ts";
import { Thread } from "./thread.ts";

/** The time that goes on while a step runs. */
export interface Time {
  nowUs: number;
}

/** The threads of all nodes, and the one whose step is running. */
export class Cpu {
  readonly #options: SimulatedCpuOptions;
  readonly #time: Time;
  /** By the indices of their nodes; a guest has none. */
  readonly #threads: (Thread | undefined)[] = [];
  /** Nothing: what runs takes no time. */
  #running: Thread | undefined;
  #startUs = 0;
  #spentNs = 0;

  constructor(options: SimulatedCpuOptions, time: Time) {
    this.#options = options;
    this.#time = time;
  }

  /** Gives the node of that index a thread. */
  add(node: number, speed: number): void {
    this.#threads[node] = new Thread(new CpuPrices(this.#options, speed));
  }

  threadOf(node: number): Thread | undefined {
    return this.#threads[node];
  }

  /** A step begins: from here on time goes by as work is charged. */
  begin(thread: Thread): void {
    this.#running = thread;
    this.#startUs = this.#time.nowUs;
    this.#spentNs = 0;
  }

  /** Charges the running step for work, on inputs of so many bytes together. */
  charge(work: CpuWork, times: number, bytes: number): void {
    const thread = this.#running;
    if (thread) this.#spend(thread.prices.ofWork(work, times, bytes));
  }

  /** Charges the running step for work that takes so many milliseconds at speed 1. */
  chargeMs(ms: number): void {
    const thread = this.#running;
    if (thread) this.#spend(thread.prices.ofMs(ms));
  }

  /** Runs work that another thread does. */
  aside<T>(work: () => T): T {
    const thread = this.#running;
    this.#running = undefined;
    try {
      return work();
    } finally {
      this.#running = thread;
    }
  }

  /** The step is over: for the others, time goes on from where it began. */
  end(thread: Thread): void {
    // Not if its node crashed meanwhile.
    if (this.#running === thread) thread.worked(this.#startUs, this.#time.nowUs);
    this.#running = undefined;
    this.#time.nowUs = this.#startUs;
  }

  /** The life of a node is over. */
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
