import { Fifo } from "../fifo.ts";
import { current, enter } from "./current.ts";
import type { Fiber } from "./fiber.ts";
import { withLongStacks } from "./trace.ts";

/**
 * The fibers of one `run` that can go on, first come, first served. Whoever answers a fiber from outside runs it at
 * once; one that is answered by another fiber waits until that one waits. No promise and no timer of its own: in a
 * simulated world the order is a function of the seed.
 */
export class Scheduler {
  readonly #ready = new Fifo<Fiber>();
  #draining = false;
  /** True while the caller of `run` waits for the first turn: its frames belong to the stack of what fails. */
  launching = true;

  /** Lets a fiber go on. */
  wake(fiber: Fiber): void {
    this.#ready.push(fiber);
    if (!this.#draining) this.drain();
  }

  private drain(): void {
    const outer = current;
    this.#draining = true;
    const restore = withLongStacks();
    try {
      for (let fiber = this.#ready.shift(); fiber; fiber = this.#ready.shift()) {
        enter(fiber);
        fiber.slice();
      }
    } finally {
      restore();
      this.#draining = false;
      this.launching = false;
      enter(outer);
    }
  }
}
