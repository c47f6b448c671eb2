/**
 * The fiber that runs now. All of its state is its own: this is only where an operation finds it.
 */
import { enterFacets } from "../handlers/scope.ts";
import { OutsideFiberError } from "../errors.ts";
import type { Fiber } from "./fiber.ts";

export let current: Fiber | undefined;

/** Makes `fiber` the one that runs, for operations and for effects in direct style. */
export function enter(fiber: Fiber | undefined): void {
  current = fiber;
  enterFacets(fiber);
}

/**
 * The fiber that runs now.
 *
 * @throws {@link OutsideFiberError} when none does.
 */
export function running(): Fiber {
  if (!current) throw new OutsideFiberError();
  return current;
}
