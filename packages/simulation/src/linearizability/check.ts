import { type Counterexample, counterexample } from "./counterexample.ts";
import { type Operation, partition, timeline } from "./history.ts";
import type { Model } from "./model.ts";
import { Search } from "./search.ts";

/** The verdict on a history. */
export type LinearizabilityResult<State, Input, Output> =
  | {
      /** Some order of the operations explains all outputs, with each operation between its call and its return. */
      readonly verdict: "linearizable";
      /** Calls of the model's `step`. */
      readonly steps: number;
      /** One such order for each key. An operation whose outcome is unknown is included only if the others need it. */
      readonly orders: ReadonlyMap<string | undefined, readonly Operation<Input, Output>[]>;
    }
  | {
      /** No order explains all outputs. */
      readonly verdict: "not linearizable";
      /** Calls of the model's `step`. */
      readonly steps: number;
      /** Counterexample for people: see `explain`. */
      readonly counterexample: Counterexample<State, Input, Output>;
    }
  | {
      /** The steps were used up before either was known. */
      readonly verdict: "unknown";
      /** Calls of the model's `step`. */
      readonly steps: number;
      /** Keys that were not decided. */
      readonly undecided: readonly (string | undefined)[];
    };

/** Bounds on the work of a check. */
export interface LinearizabilityOptions {
  /**
   * Approximate limit on calls of the model's `step` for each key. Above it the verdict is `unknown`. Each 64
   * characters of states' identities count as one call. @defaultValue {@link STEPS_MAX}
   */
  readonly stepsMax?: number;
  /** Called after every 65,536 steps. */
  readonly onProgress?: (progress: LinearizabilityProgress) => void;
}

/** Progress of a check. */
export interface LinearizabilityProgress {
  /** The key under examination. */
  readonly key: string | undefined;
  /** Number of steps for this key. */
  readonly steps: number;
  /** Number of calls and returns, from the beginning, that some order explains. */
  readonly explained: number;
  /** Total number of calls and returns. */
  readonly events: number;
}

/** Default limit on the steps of a check for each key. A remembered configuration takes about 100 bytes. */
export const STEPS_MAX = 2_000_000;

/**
 * Checks if a concurrent history could have come from an object used by one client at a time.
 *
 * A history is linearizable (Herlihy & Wing 1990) if each operation can take effect at one moment between its call and
 * its return. An operation whose outcome is unknown takes effect at some moment after its call, or never. Keys are
 * checked separately, which is sufficient (locality, ibid. §3.3; P-compositionality, Horn & Kroening 2015). The search
 * is Wing & Gong's with Lowe's improvements (see `search.ts`). It is exact, unless its verdict is `unknown`.
 *
 * @throws {@link HistoryError} when the history is impossible.
 * @throws {@link ModelError} when the model's states cannot be compared.
 * @example
 * ```ts
 * import { checkLinearizability, explain, registerModel } from "@void-system/simulation/linearizability";
 *
 * // b reads the old value after the write of the new one has returned to a.
 * const result = checkLinearizability(registerModel(0), [
 *   { client: "a", input: { type: "write", value: 1 }, invokedAt: 0, returnedAt: 10 },
 *   { client: "b", input: { type: "read" }, output: 0, invokedAt: 12, returnedAt: 15 },
 * ]);
 * result.verdict; // => "not linearizable"
 * explain(result).includes("no order"); // => true
 * ```
 */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  options: LinearizabilityOptions = {}
): LinearizabilityResult<State, Input, Output> {
  const { stepsMax = STEPS_MAX, onProgress } = options;
  const orders = new Map<string | undefined, readonly Operation<Input, Output>[]>();
  const undecided: (string | undefined)[] = [];
  let steps = 0;
  for (const [key, operations] of partition(history)) {
    const line = timeline(operations);
    const events = line.events.length;
    const report =
      onProgress && ((made: number, explained: number) => onProgress({ key, steps: made, explained, events }));
    const found = new Search(model, line, { stepsMax, onProgress: report }).run([{ state: model.init(), done: [] }]);
    steps += found.steps;
    if (found.end === "none")
      return { verdict: "not linearizable", steps, counterexample: counterexample(model, key, line, found) };
    if (found.end === "gave-up") undecided.push(key);
    else
      orders.set(
        key,
        found.order.flatMap((operation) => line.operations[operation] ?? [])
      );
  }
  return undecided.length > 0 ? { verdict: "unknown", steps, undecided } : { verdict: "linearizable", steps, orders };
}
