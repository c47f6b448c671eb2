import { readOptions } from "../arguments.ts";
import { InvalidQueryError, quote } from "../errors.ts";
import type { StructuralModel, Value, Values } from "./structural-model.ts";
import { counterfactualIn } from "./twin-network.ts";

/** A cause and an effect, each with the value that counts and the one that it is compared with. */
export interface CausationQuestion {
  /** The cause: a variable, its value, and the value that it would have had instead. */
  readonly cause: readonly [name: string, value: Value, instead: Value];
  /** The effect: a variable, its value, and the value without it. */
  readonly effect: readonly [name: string, value: Value, instead: Value];
}

/** Probabilities of causation. */
export interface Causation {
  /** Probability of necessity: with cause and effect seen, the effect would not have been without the cause. */
  readonly necessity: number;
  /** Probability of sufficiency: with neither seen, the cause would have made the effect. */
  readonly sufficiency: number;
  /** Probability that the effect answers to the cause both ways. */
  readonly both: number;
}

/**
 * Returns PN, PS and PNS (Pearl 2009, definitions 9.2.1 to 9.2.3) from a model, exactly.
 *
 * @throws the same as {@link counterfactual}.
 * @example
 * ```ts
 * import { causation, StructuralModel } from "@void-system/causal/networks";
 * const model = new StructuralModel({
 *   exogenous: { deploy: 0.5, bug: 0.25 },
 *   endogenous: { fails: { parents: ["deploy", "bug"], value: (deploy: boolean, bug: boolean) => deploy && bug } },
 * });
 * causation(model, { cause: ["deploy", true, false], effect: ["fails", true, false] }).both; // => 0.25
 * ```
 */
export function causation(model: StructuralModel, question: CausationQuestion): Causation {
  readOptions("a question of causation", question, ["cause", "effect"]);
  for (const part of [question.cause, question.effect]) {
    if (Array.isArray(part) && part.length === 3 && typeof part[0] === "string") continue;
    throw new InvalidQueryError(`expected a name and two values, got ${quote(part)}; give all three`);
  }
  const [cause, x, notX] = question.cause;
  const [effect, y, notY] = question.effect;
  const values = (causeValue: Value, effectValue: Value): Values => ({ [cause]: causeValue, [effect]: effectValue });
  const without = { do: { [cause]: notX }, query: { [effect]: notY } };
  const withCause = { do: { [cause]: x }, query: { [effect]: y } };
  return {
    necessity: counterfactualIn(model, values(x, y), [without]),
    sufficiency: counterfactualIn(model, values(notX, notY), [withCause]),
    both: counterfactualIn(model, {}, [withCause, without]),
  };
}

/** Data about a binary cause x and effect y. */
export interface CausationData {
  /** Observed `P(x, y)`, `P(x, not y)`, `P(not x, y)` and `P(not x, not y)`. */
  readonly observed: readonly [xy: number, xNotY: number, notXY: number, notXNotY: number];
  /** `P(y | do(x))` and `P(y | do(not x))`, from an experiment or an identified effect. */
  readonly experimental: readonly [withCause: number, without: number];
}

/** Least and most that a probability may be. */
export type Bounds = readonly [least: number, most: number];

/**
 * Returns sharp bounds of PN, PS and PNS without a model (Tian and Pearl, Annals of Mathematics and Artificial
 * Intelligence 28, 2000; Pearl 2009, §9.3.2).
 *
 * @throws `InvalidQueryError` if numbers are no probabilities, or if observation and experiment contradict each other.
 * @example
 * ```ts
 * import { causationBounds } from "@void-system/causal/networks";
 * const { both } = causationBounds({ observed: [0.5, 0, 0, 0.5], experimental: [1, 0] });
 * both; // => [1, 1]
 * ```
 */
export function causationBounds(data: CausationData): { readonly [key in keyof Causation]: Bounds } {
  readOptions("data of causation", data, ["observed", "experimental"]);
  if (!Array.isArray(data.observed) || !Array.isArray(data.experimental)) {
    throw new InvalidQueryError("expected four observed and two experimental probabilities, got none; give both lists");
  }
  for (const p of [...data.observed, ...data.experimental]) {
    if (typeof p !== "number") throw new InvalidQueryError(`expected probabilities, got ${quote(p)}`);
  }
  const [xy, xNotY, notXY, notXNotY] = data.observed;
  const [doX, doNotX] = data.experimental;
  const sum = xy + xNotY + notXY + notXNotY;
  const all = [...data.observed, ...data.experimental];
  if (!all.every((p) => p >= 0 && p <= 1) || !(Math.abs(sum - 1) <= 1e-6)) {
    throw new InvalidQueryError(`expected probabilities, of which the observed four sum to 1, got ${all.join(", ")}`);
  }
  // Consistency: those who had x and y show y under do(x), those who had x and not y do not (Pearl 2009, §9.2.1).
  const slack = 1e-9;
  if (doX < xy - slack || doX > 1 - xNotY + slack || doNotX < notXY - slack || doNotX > 1 - notXNotY + slack) {
    throw new InvalidQueryError(`expected P(y | do) between what was observed with that cause and its rest, got ${doX} and ${doNotX}; check the data`);
  }
  const y = xy + notXY;
  return {
    necessity: ratioBounds(y - doNotX, 1 - doNotX - notXNotY, xy),
    sufficiency: ratioBounds(doX - y, doX - xy, notXNotY),
    both: [
      Math.max(0, doX - doNotX, y - doNotX, doX - y),
      Math.min(doX, 1 - doNotX, xy + notXNotY, doX - doNotX + xNotY + notXY),
    ],
  };
}

/** Bounds of a conditional probability from those of the joint one; nothing is known of what never happens. */
function ratioBounds(least: number, most: number, given: number): Bounds {
  if (given === 0) return [0, 1];
  const clamp = (p: number): number => Math.min(1, Math.max(0, p / given));
  return [clamp(least), clamp(most)];
}
