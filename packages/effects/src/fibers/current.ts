/**
 * The fiber that runs now, in a variable where operations find it.
 */
import { OutsideFiberError } from "../errors.ts";
import type { FiberProgress, RunningFiber } from "./running-fiber.ts";

export let current: RunningFiber | undefined;

/** Makes `fiber` the running one, for operations and for effects in direct style. */
export function enter(fiber: RunningFiber | undefined): void {
  current = fiber;
}

/**
 * Returns the progress of the fiber whose code is running; undefined outside of fibers. The same fiber always has the
 * same object.
 *
 * @example
 * ```ts
 * import { currentFiber, runSync } from "@void-system/effects/fibers";
 *
 * const fiber = runSync(function* () { return currentFiber(); });
 * [fiber?.ended, fiber?.isCancelled, currentFiber()]; // => [true, false, undefined]
 * ```
 */
export function currentFiber(): FiberProgress | undefined {
  return current;
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
