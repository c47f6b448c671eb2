import { enterFacets } from "../handlers/scope.ts";
import { current, enter } from "./current.ts";
import type { Fiber } from "./fiber.ts";
import { withLongStacks } from "./trace.ts";

/**
 * The fibers of one `run` that can go on, first come, first served. Whoever answers a fiber from outside runs it at
 * once; one that is answered by another fiber waits until that one waits. No promise and no timer of its own: in a
 * simulated world the order is a function of the seed.
 */
export class Scheduler {
  #first: Fiber | undefined;
  #last: Fiber | undefined;
  #draining = false;

  /** Lets a fiber go on. It is told so once for each thing that it goes on with, so it never stands here twice. */
  wake(fiber: Fiber): void {
    if (this.#last) this.#last.behind = fiber;
    else this.#first = fiber;
    this.#last = fiber;
    if (!this.#draining) this.#drain();
  }

  #drain(): void {
    const outer = current;
    // Not always those of `outer`: it may be inside of a `withHandlers`.
    const facets = enterFacets(undefined);
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
      enterFacets(facets);
    }
  }
}
