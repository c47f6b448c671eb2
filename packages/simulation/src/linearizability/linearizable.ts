import type { Operation } from "../scenario/history.ts";
import { checkLinearizability, type LinearizabilityOptions } from "./check.ts";
import { NotLinearizableError, UndecidedError } from "../errors.ts";
import { explain } from "./explain.ts";
import type { Model } from "./model.ts";

/** An operation as `simulate` records it, without its times. */
export type RecordedOperation = Pick<
  Operation,
  "client" | "process" | "op" | "key" | "input" | "output" | "invokedAt" | "returnedAt"
>;

/** Parts of a run that {@link linearizable} reads. */
export interface Recorded {
  /** The recorded operations. */
  readonly history: {
    /** Operations in order of their invocation. */
    readonly operations: readonly RecordedOperation[];
  };
}

/**
 * Returns a check for the end of a `simulate` run: the answers to its clients must be linearizable.
 *
 * `inputOf` converts a recorded operation to an input of the model. Outputs are passed to the model as recorded.
 *
 * @example
 * ```ts
 * import { linearizable, type RegisterInput, registerModel } from "@void-system/simulation/linearizability";
 * import { simulate } from "@void-system/simulation";
 *
 * // Each replica answers for itself: a read does not see what was written at the other.
 * const replica = () => {
 *   let value = 0;
 *   return { api: { read: () => value, write: (next: number) => { value = next; } } };
 * };
 * const result = simulate<ReturnType<typeof replica>["api"]>({
 *   seed: 1,
 *   nodes: { r0: replica, r1: replica },
 *   workload: {
 *     clients: 2,
 *     operations: 20,
 *     draw: (random) => (random.chance(0.5) ? { op: "read" } : { op: "write", input: random.below(100) }),
 *     perform: ({ client, op, input }, { call }) =>
 *       call(client === "c0" ? "r0" : "r1", function* (api) {
 *         return op === "read" ? api.read() : api.write(Number(input));
 *       }),
 *   },
 *   check: {
 *     end: {
 *       linearizable: linearizable(registerModel(0), ({ op, input }): RegisterInput<number> =>
 *         op === "read" ? { type: "read" } : { type: "write", value: Number(input) }),
 *     },
 *   },
 * });
 * result.ok ? "passed" : result.failure.name; // => "linearizable"
 * ```
 */
export function linearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  inputOf: (operation: RecordedOperation) => Input,
  options: LinearizabilityOptions = {}
): (run: Recorded) => void {
  return ({ history }) => {
    const operations = history.operations.map((operation) => ({
      client: operation.process,
      ...(operation.key !== undefined && { key: operation.key }),
      input: inputOf(operation),
      // A model refuses outputs that it does not know, so any recorded output may be passed to it.
      output: operation.output as Output,
      invokedAt: operation.invokedAt,
      returnedAt: operation.returnedAt,
    }));
    const result = checkLinearizability(model, operations, options);
    if (result.verdict === "not linearizable") throw new NotLinearizableError(explain(result, model));
    if (result.verdict === "unknown") throw new UndecidedError(explain(result, model));
  };
}
