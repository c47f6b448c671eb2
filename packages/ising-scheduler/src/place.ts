import { InvalidProblemError } from "./errors.ts";
import type { Problem } from "./tabulate.ts";

/**
 * Nodes of the tasks of a placement.
 *
 * @throws {@link InvalidProblemError} if a task has no node of the problem.
 */
export function placeOf({ tasks, nodeIndex }: Problem, placement: Readonly<Record<string, string>>): Int32Array {
  return Int32Array.from(tasks, (task) => {
    const name = Object.hasOwn(placement, task) ? placement[task] : undefined;
    const node = name === undefined ? undefined : nodeIndex.find(name);
    if (node === undefined) {
      throw new InvalidProblemError(`expected a node for the task ${JSON.stringify(task)}, got ${String(name)}`);
    }
    return node;
  });
}
