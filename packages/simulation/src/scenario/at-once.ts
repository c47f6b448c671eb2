import { SimulationUseError } from "../errors.ts";
import { isPromise } from "./is-promise.ts";

/**
 * Returns what a function of a scenario returned, unless it is a promise. Nobody would wait for a promise: a check that
 * fails later would pass, and code behind an `await` would run outside virtual time.
 *
 * @throws {@link SimulationUseError} when it is a promise.
 */
export function atOnce<T>(returned: T, who: string): T {
  if (!isPromise(returned)) return returned;
  // The error is thrown here. The rejection must not end the process as well.
  returned.then(undefined, () => undefined);
  throw new SimulationUseError(`${who} to return at once, and use callbacks`, "a promise (async, await)");
}
