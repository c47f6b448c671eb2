import { SimulationUseError } from "../errors.ts";

/**
 * Checks that a function of a scenario returned no promise. Nobody would wait for it, a check that fails later would
 * pass, and the code behind an `await` would run outside of virtual time.
 *
 * @throws {@link SimulationUseError} when it is one.
 */
export function atOnce<T>(returned: T, who: string): T {
  if (!isPromise(returned)) return returned;
  // Reported here; it must not end the process as well.
  returned.then(undefined, () => undefined);
  throw new SimulationUseError(`${who} to return at once, and act by callbacks`, "a promise (async, await)");
}

/** True for what an `async` function returns. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
