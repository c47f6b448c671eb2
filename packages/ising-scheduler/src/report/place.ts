import { checkObject, refuse } from "../compile/check.ts";
import { quote } from "../errors.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { Problem } from "../compile/arrays.ts";

/**
 * Nodes of the tasks of a placement.
 *
 * @throws {@link InvalidProblemError} if a task has no node of the problem.
 */
export function placeOf({ tasks, nodes, more }: Problem, placement: Readonly<Record<string, string>>): Int32Array {
  checkObject("placement", placement);
  return Int32Array.from(tasks, (task, at) => {
    const name = Object.hasOwn(placement, task) ? placement[task] : undefined;
    if (name === undefined && more?.waiting?.may(at)) return UNPLACED;
    const node = name === undefined ? undefined : positionOf(nodes, name);
    return node ?? refuse(`placement[${quote(task)}]`, "a node", name);
  });
}

/** Finds a name among sorted ones; undefined if it is not there. */
export function positionOf(names: readonly string[], name: string): number | undefined {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? "") < name) low = middle + 1;
    else high = middle;
  }
  return names[low] === name ? low : undefined;
}
