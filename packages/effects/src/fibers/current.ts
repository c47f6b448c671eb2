/**
 * The fiber that runs now, in a variable where operations find it.
 */
import { OutsideFiberError } from "../errors.ts";
import type { RunningFiber } from "./running-fiber.ts";

export let current: RunningFiber | undefined;

/** Makes `fiber` the running one, for operations and for effects in direct style. */
export function enter(fiber: RunningFiber | undefined): void {
  current = fiber;
}

/**
 * Returns the fiber that runs now.
 *
 * @throws {@link OutsideFiberError} outside of a fiber.
 */
export function running(): RunningFiber {
  if (!current) throw new OutsideFiberError();
  return current;
}
