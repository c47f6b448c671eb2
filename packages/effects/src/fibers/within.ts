import type { Eff } from "./eff.ts";
import type { Evidence } from "./evidence.ts";
import type { Fiber } from "./fiber.ts";
import { Step } from "./step.ts";

/** A program that runs with other evidence than what is around it: `inside` makes it of what is around. */
export class Within<R, A> extends Step<R, A> {
  readonly #inside: (around: Evidence) => Evidence;
  readonly #body: () => Eff<R, A>;

  constructor(inside: (around: Evidence) => Evidence, body: () => Eff<R, A>) {
    super();
    this.#inside = inside;
    this.#body = body;
  }

  protected override begin(fiber: Fiber): IteratorResult<R, A> {
    return fiber.enter(this.#body, this.#inside(fiber.evidence));
  }
}
