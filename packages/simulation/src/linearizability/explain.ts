import type { LinearizabilityResult } from "./check.ts";
import type { Attempt, Counterexample, Witness } from "./counterexample.ts";
import type { Operation } from "./history.ts";
import type { Model } from "./model.ts";
import { show } from "./show.ts";

/** The parts of a model that describe operations and states to people. */
export type Wording<State, Input, Output> = Pick<Model<State, Input, Output>, "describe" | "describeState">;

/** Most states or keys to name. */
const NAMES_SHOWN_MAX = 6;
/** Most characters of a name or an operation. */
const LABEL_LENGTH_MAX = 48;

/**
 * Returns a result as text: the operations as intervals in time, and the states that were tried.
 *
 * @example
 * ```ts
 * import { checkLinearizability, explain, registerModel } from "@void-system/simulation/linearizability";
 *
 * const model = registerModel(0);
 * const result = checkLinearizability(model, [
 *   { client: "a", input: { type: "write", value: 1 }, invokedAt: 0, returnedAt: 10 },
 *   { client: "b", input: { type: "read" }, output: 0, invokedAt: 12, returnedAt: 15 },
 * ]);
 * explain(result, model).split("\n");
 * // => [
 * //   "not linearizable: no order of these operations explains the answer marked with !",
 * //   "    a  write 1    |--|",
 * //   "  ! b  read -> 0        |--|",
 * //   "before them: 0",
 * //   "tried: write 1 gives 1, where read -> 0 is impossible",
 * // ]
 * ```
 */
export function explain<State, Input, Output>(
  result: LinearizabilityResult<State, Input, Output>,
  wording: Wording<State, Input, Output> = {}
): string {
  if (result.verdict === "linearizable") return `linearizable (${result.steps} steps)`;
  if (result.verdict === "unknown")
    return `unknown: ${result.steps} steps did not decide ${undecided(result.undecided)}; allow more stepsMax`;
  return explainCounterexample(result.counterexample, wording);
}

function explainCounterexample<State, Input, Output>(
  example: Counterexample<State, Input, Output>,
  wording: Wording<State, Input, Output>
): string {
  const { key, witnesses, starts, omitted } = example;
  const object = key === undefined ? "" : ` (${keyName(key)})`;
  const left = omitted > 0 ? `; ${omitted} more came before them or do not matter` : "";
  const states = starts.map(({ state, done }) => {
    const effects = done.map((operation) => named(operation, wording)).join(", ");
    return stateName(state, wording) + (effects === "" ? "" : ` (with ${effects} done)`);
  });
  return [
    `not linearizable${object}: no order of these operations explains the answer marked with !${left}`,
    ...intervals(witnesses, wording),
    `before them: ${list(states, " or ")}`,
    ...example.attempts.map((attempt) => tried(attempt, example, wording)),
  ].join("\n");
}

/**
 * Draws one line for each operation: its client, its label, and its interval on an axis with one step for each call and
 * return.
 */
function intervals<State, Input, Output>(
  witnesses: readonly Witness<Input, Output>[],
  wording: Wording<State, Input, Output>
): string[] {
  const times = witnesses.flatMap(({ operation: { invokedAt, returnedAt } }) => [invokedAt, returnedAt ?? invokedAt]);
  const steps = new Map([...new Set(times)].sort((one, other) => one - other).map((time, step) => [time, step * 3]));
  const end = 3 * steps.size;
  const clients = Math.max(...witnesses.map(({ operation }) => cut(operation.client).length));
  const labels = witnesses.map((witness) => label(witness, wording));
  const width = Math.max(...labels.map(({ length }) => length));
  return witnesses.map(({ operation, role }, index) => {
    const from = steps.get(operation.invokedAt) ?? 0;
    const to = operation.returnedAt === undefined ? end : (steps.get(operation.returnedAt) ?? end);
    const closing = operation.returnedAt === undefined ? "..." : "|";
    const bar = `${" ".repeat(from)}|${"-".repeat(Math.max(0, to - from - 1))}${to > from ? closing : ""}`;
    const mark = role === "impossible" ? "!" : " ";
    const said = (labels[index] ?? "").padEnd(width);
    return `  ${mark} ${cut(operation.client).padEnd(clients)}  ${said}  ${bar}`;
  });
}

function label<State, Input, Output>(
  { operation, role }: Witness<Input, Output>,
  wording: Wording<State, Input, Output>
): string {
  return named(operation, wording) + (role === "any" ? " (or any answer)" : "");
}

function tried<State, Input, Output>(
  { order, state }: Attempt<State, Input, Output>,
  { impossible }: Counterexample<State, Input, Output>,
  wording: Wording<State, Input, Output>
): string {
  const way = order.length === 0 ? "nothing" : order.map((operation) => named(operation, wording)).join(", then ");
  return `tried: ${way} gives ${stateName(state, wording)}, where ${named(impossible, wording)} is impossible`;
}

function named<State, Input, Output>(
  { input, output, returnedAt }: Operation<Input, Output>,
  { describe }: Wording<State, Input, Output>
): string {
  const known = returnedAt === undefined ? undefined : output;
  const said = describe?.(input, known) ?? `${show(input)}${known === undefined ? "" : ` -> ${show(known)}`}`;
  return cut(returnedAt === undefined ? `${said} (outcome unknown)` : said);
}

function stateName<State, Input, Output>(state: State, { describeState }: Wording<State, Input, Output>): string {
  return cut(describeState?.(state) ?? show(state));
}

function undecided(keys: readonly (string | undefined)[]): string {
  return list(keys.map(keyName), " and ");
}

function keyName(key: string | undefined): string {
  return key === undefined ? "the object" : `key ${cut(JSON.stringify(key))}`;
}

function list(names: readonly string[], between: string): string {
  const more = names.length - NAMES_SHOWN_MAX;
  return names.slice(0, NAMES_SHOWN_MAX).join(between) + (more > 0 ? `${between}${more} more` : "");
}

/** Joins and shortens text to one line of limited length. */
function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > LABEL_LENGTH_MAX ? `${line.slice(0, LABEL_LENGTH_MAX - 1)}…` : line;
}
