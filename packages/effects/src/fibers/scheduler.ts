import { current, enter } from "./current.ts";
import type { RunningFiber, Waker } from "./running-fiber.ts";
import { withLongStacks } from "./trace.ts";

/**
 * The fibers of one `run` that can go on, first come, first served. Whoever answers a fiber from outside runs it at
 * once; one that is answered by another fiber waits until that one waits. No promise and no timer of its own: in a
 * simulated world the order is a function of the seed.
 */
export class Scheduler implements Waker {
  #first: RunningFiber | undefined;
  #last: RunningFiber | undefined;
  #draining = false;

  wake(fiber: RunningFiber): void {
    if (this.#last) this.#last.behind = fiber;
    else this.#first = fiber;
    this.#last = fiber;
    if (!this.#draining) this.#drain();
  }

  #drain(): void {
    const outer = current;
    this.#draining = true;
    const restore = withLongStacks();
    try {
      for (let fiber = this.#first; fiber; fiber = this.#first) {
        this.#first = fiber.behind;
        if (!this.#first) this.#last = undefined;
        fiber.behind = undefined;
        enter(fiber);
        fiber.fiberTurn();
      }
    } finally {
      restore();
      this.#draining = false;
      enter(outer);
    }
  }
}
