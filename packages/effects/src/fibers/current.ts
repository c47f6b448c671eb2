/**
 * The fiber that runs now. Its state is its own; this is only where an operation finds it.
 */
import { OutsideFiberError } from "../errors.ts";
import type { RunningFiber } from "./running-fiber.ts";

export let current: RunningFiber | undefined;

/** Makes `fiber` the one that runs, for operations and for effects in direct style. */
export function enter(fiber: RunningFiber | undefined): void {
  current = fiber;
}

/**
 * Returns the fiber that runs now.
 *
 * @throws {@link OutsideFiberError} when none does.
 */
export function running(): RunningFiber {
  if (!current) throw new OutsideFiberError();
  return current;
}
