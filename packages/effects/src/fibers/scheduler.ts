import { current, enter } from "./current.ts";
import type { RunningFiber, Waker } from "./running-fiber.ts";
import { withLongStacks } from "./trace.ts";

/**
 * The queue of runnable fibers of one `run`, first in, first out. A fiber that is resumed from outside runs at once. A
 * fiber that another fiber resumes runs when that one waits. The scheduler uses no promises and no timers, so in a
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
