import { readOptions } from "../arguments.ts";
import type { NodeNames } from "../arguments.ts";
import { InvalidQueryError } from "../errors.ts";
import { measuredOf, namesOf, numbersOf, structureOf } from "../graphs/admg.ts";
import type { Admg } from "../graphs/admg.ts";
import { latentProjection } from "../graphs/latent-projection.ts";
import { NodeSet } from "../graphs/node-set.ts";
import { refuseOverlap } from "../graphs/separation.ts";
import { evaluate } from "./evaluate.ts";
import type { EffectEntry } from "./evaluate.ts";
import { toLatex, toText } from "./expression.ts";
import type { Expression } from "./expression.ts";
import { hedgeOf } from "./hedge.ts";
import type { Hedge } from "./hedge.ts";
import { idc } from "./idc.ts";
import type { JointTable } from "./joint-table.ts";

/** An effect that is asked for: `P(y | do, given)`. */
export interface EffectQuestion {
  /** Nodes whose distribution is asked for. */
  readonly y: NodeNames;
  /** Nodes that are set. */
  readonly do: NodeNames;
  /** Nodes that are seen after that. @defaultValue none */
  readonly given?: NodeNames;
}

/** A formula for an effect, in terms of what is observed. */
export interface Estimand {
  /** The formula as a tree. */
  readonly expression: Expression;
  /** Returns the formula in LaTeX. */
  toLatex(): string;
  /** Returns the formula as plain text. */
  toString(): string;
  /**
   * Computes the effect from a joint distribution, for every combination of states of the nodes done, given and asked
   * for, the last one's changing fastest.
   *
   * @throws `UnknownNodeError` if the table lacks a variable of the formula.
   * @throws `PositivityError` if the formula conditions on what never happens.
   */
  evaluate(table: JointTable): readonly EffectEntry[];
}

/** Answer of {@link identify}. */
export type Identification =
  | { readonly identifiable: true; readonly estimand: Estimand; readonly hedge?: never; readonly sentence: string }
  | { readonly identifiable: false; readonly estimand?: never; readonly hedge: Hedge; readonly sentence: string };

/**
 * Decides if an effect can be computed from observations of a graph with hidden common causes: with a formula if it can,
 * else with a hedge, which proves that it cannot (Shpitser and Pearl 2006, both algorithms are complete; Pearl 2009,
 * §4.4 for the do-calculus behind them). Latent nodes are hidden common causes, too.
 *
 * @throws `UnknownNodeError` if a name is not a node.
 * @throws `InvalidQueryError` if sets overlap, `y` or `do` is empty, or a latent node is asked for or given.
 * @example
 * ```ts
 * import { dag } from "@void-system/causal/graphs";
 * import { identify } from "@void-system/causal/identification";
 * const behind = identify(dag`x -> m -> y; x <-> y`, { y: ["y"], do: ["x"] });
 * String(behind.estimand); // => "sum_{m} P(m | x) (sum_{x} P(x) P(y | x, m))"
 * const bow = identify(dag`x -> y; x <-> y`, { y: ["y"], do: ["x"] });
 * bow.identifiable; // => false
 * bow.hedge?.larger.nodes; // => ["x", "y"]
 * ```
 */
export function identify(graph: Admg, question: EffectQuestion): Identification {
  readOptions("an effect", question, ["y", "do", "given"]);
  const y = numbersOf(graph, "y", question.y);
  const x = numbersOf(graph, "do", question.do);
  const z = numbersOf(graph, "given", question.given ?? []);
  refuseOverlap(x, y, z);
  const measured = measuredOf(graph);
  const asked = x.union(y).union(z);
  if (!asked.isSubsetOf(measured)) {
    throw new InvalidQueryError(`expected measured nodes, got ${namesOf(graph, asked.minus(measured)).join(", ")}, which are latent; leave them out`);
  }
  const everything = NodeSet.of(graph.nodes.length, graph.nodes.keys());
  const projected = latentProjection(structureOf(graph), everything.minus(measured));
  const names = (nodes: NodeSet): string => namesOf(graph, nodes).join(", ");
  const effect = `P(${names(y)} | do(${names(x)})${z.isEmpty() ? "" : `, ${names(z)}`})`;
  const conditional = idc(projected, y, x, z, measured);
  const { outcome } = conditional;
  if (outcome.failure) {
    const hedge = hedgeOf(projected, outcome.failure, conditional.y, conditional.x);
    const done = hedge.larger.nodes.filter((name) => hedge.effect.do.includes(name)).join(", ");
    const sentence =
      `${effect} cannot be computed from observations, however many: hidden causes join ${hedge.larger.nodes.join(", ")}, ` +
      `so that what ${done} does to ${hedge.roots.join(", ")} cannot be told from what they do. ` +
      `Measure one of them, or experiment on ${done}.`;
    return { identifiable: false, hedge, sentence };
  }
  const { expression } = outcome;
  const order = namesOf(graph, x).concat(namesOf(graph, z), namesOf(graph, y));
  const estimand: Estimand = {
    expression,
    toLatex: () => toLatex(expression),
    toString: () => toText(expression),
    evaluate: (table) => evaluate(expression, table, order),
  };
  return { identifiable: true, estimand, sentence: `${effect} can be computed from observations: it is ${toText(expression)}.` };
}
