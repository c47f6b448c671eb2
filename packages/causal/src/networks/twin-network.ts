import { readOptions, readRecord } from "../arguments.ts";
import { ImpossibleEvidenceError, InvalidModelError, quote } from "../errors.ts";
import { DiscreteNetwork } from "./discrete-network.ts";
import type { DiscreteVariable } from "./discrete-network.ts";
import { StructuralModel } from "./structural-model.ts";
import type { Values } from "./structural-model.ts";

/** A counterfactual question: `evidence` was seen; had `do` been done, would `query` have been? */
export interface CounterfactualQuestion {
  /** Values that were seen. @defaultValue none */
  readonly evidence?: Values;
  /** Values that are forced in the other world. */
  readonly do: Values;
  /** Values that are asked for in the other world. */
  readonly query: Values;
}

/**
 * Returns the probability that `query` would have been, had `do` been done, given that `evidence` was seen. Both worlds
 * are in one network that shares the background variables (Balke and Pearl, Probabilistic Evaluation of Counterfactual
 * Queries, AAAI 1994; Pearl 2009, §7.1.4).
 *
 * @throws `UnknownNodeError` if a name is not a variable.
 * @throws `UnknownStateError` if a variable never has such a value.
 * @throws `ImpossibleEvidenceError` if the evidence has probability 0.
 * @example
 * ```ts
 * import { counterfactual, StructuralModel } from "@void-system/causal/networks";
 * const model = new StructuralModel({
 *   exogenous: { order: 0.5 },
 *   endogenous: {
 *     a: { parents: ["order"], value: (order: boolean) => order },
 *     b: { parents: ["order"], value: (order: boolean) => order },
 *     falls: { parents: ["a", "b"], value: (a: boolean, b: boolean) => a || b },
 *   },
 * });
 * counterfactual(model, { evidence: { falls: true }, do: { a: false }, query: { falls: true } }); // => 1
 * counterfactual(model, { do: { a: false }, query: { falls: true } }); // => 0.5
 * ```
 */
export function counterfactual(model: StructuralModel, question: CounterfactualQuestion): number {
  readOptions("a counterfactual", question, ["evidence", "do", "query"]);
  const { evidence = {}, do: forced, query } = question;
  return counterfactualIn(model, evidence, [{ do: forced, query }]);
}

/** One world beside the real one. */
export interface World {
  readonly do: Values;
  readonly query: Values;
}

/** Returns the probability that the queries of all worlds hold, given what was seen in the real one. */
export function counterfactualIn(model: StructuralModel, evidence: Values, worlds: readonly World[]): number {
  if (!(model instanceof StructuralModel)) throw new InvalidModelError(`expected a StructuralModel, got ${quote(model)}; make one first`);
  const seen = statesIn(model, "evidence", evidence);
  const asked: Record<string, string> = { ...seen };
  const variables = new Map<string, DiscreteVariable>();
  for (const { name } of model.mechanisms.values()) variables.set(name, variableOf(model, name, {}, (parent) => parent));
  let isPossible = true;
  for (const [at, { do: forced, query }] of worlds.entries()) {
    const doing = statesIn(model, "do", forced);
    const changed = new Set(Object.keys(doing).flatMap((name) => model.graph.descendants(name)));
    // Variables that the action does not reach are the same in both worlds.
    const nameOf = (name: string): string => (changed.has(name) && !Object.hasOwn(doing, name) ? `${name}, world ${at + 1}` : name);
    for (const name of model.mechanisms.keys()) if (nameOf(name) !== name) variables.set(nameOf(name), variableOf(model, name, doing, nameOf));
    for (const [name, state] of Object.entries(statesIn(model, "query", query))) {
      const known = Object.hasOwn(doing, name) ? doing[name] : asked[nameOf(name)];
      if (known !== undefined && known !== state) isPossible = false;
      if (!Object.hasOwn(doing, name)) asked[nameOf(name)] = state;
    }
  }
  const tree = new DiscreteNetwork(Object.fromEntries(variables)).compile();
  const given = tree.probability({ evidence: seen });
  if (given === 0) throw new ImpossibleEvidenceError(JSON.stringify(evidence).slice(0, 200));
  return isPossible ? Math.min(1, tree.probability({ evidence: asked }) / given) : 0;
}

/** Values as the states of the network: their numbers. */
function statesIn(model: StructuralModel, what: string, values: Values): Readonly<Record<string, string>> {
  readRecord(what, values);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(model.valueNumber(name, value))]));
}

/** A variable as a network has it; forced parents are no variables, but constants in its table. */
function variableOf(
  model: StructuralModel,
  name: string,
  doing: Readonly<Record<string, string>>,
  nameOf: (name: string) => string,
): DiscreteVariable {
  const { values, parents, probabilities, equation } = model.mechanism(name);
  const states = [...values.keys()].map(String);
  if (probabilities) return { states, table: probabilities };
  const isFree = (parent: string): boolean => !Object.hasOwn(doing, parent);
  let combinations: number[][] = [[]];
  for (const parent of parents) {
    const choices = isFree(parent) ? [...model.mechanism(parent).values.keys()] : [Number(doing[parent])];
    combinations = combinations.flatMap((before) => choices.map((choice) => [...before, choice]));
  }
  const table = combinations.map((numbers) => states.map((_, state) => Number(equation(numbers) === state)));
  return { states, parents: parents.filter(isFree).map(nameOf), table };
}
