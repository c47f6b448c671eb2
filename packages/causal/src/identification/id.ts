import type { NodeSet } from "../graphs/node-set.ts";
import { ancestorsOf, districtsOf, induced, topologicalOrder, withoutEdgesInto } from "../graphs/structure.ts";
import type { Structure } from "../graphs/structure.ts";
import { fraction, product, sum } from "./expression.ts";
import type { Expression } from "./expression.ts";

/** Failure of ID: `larger` is one district, and without the nodes that are set its part `smaller` is one too. */
export interface Failure {
  readonly larger: NodeSet;
  readonly smaller: NodeSet;
}

/** A formula for the effect, or where the attempt ended. */
export type Outcome = { readonly expression: Expression; readonly failure?: never } | { readonly failure: Failure };

/** A distribution over `nodes`: the observed one, or what a formula says. */
interface Distribution {
  readonly nodes: NodeSet;
  readonly formula: Expression | undefined;
}

/**
 * Finds `P(y | do(x))` from the observed distribution, or fails if no formula exists (Shpitser and Pearl, Identification
 * of Joint Interventional Distributions in Recursive Semi-Markovian Causal Models, AAAI 2006, figure 3). The numbers of
 * the lines are theirs.
 */
export function id(graph: Structure, y: NodeSet, x: NodeSet, observed: NodeSet): Outcome {
  return new Id(graph, observed).solve(y, x, { nodes: observed, formula: undefined });
}

class Id {
  readonly #graph: Structure;
  /** Observed nodes, causes first. */
  readonly #order: readonly number[];

  constructor(graph: Structure, observed: NodeSet) {
    this.#graph = graph;
    this.#order = topologicalOrder(graph).filter((node) => observed.has(node));
  }

  solve(y: NodeSet, x: NodeSet, p: Distribution): Outcome {
    const v = p.nodes;
    const graph = induced(this.#graph, v);
    // Line 1: nothing is done.
    if (x.isEmpty()) return { expression: this.#marginal(p, y) };
    // Line 2: what is no ancestor of y is summed out.
    const ancestors = ancestorsOf(graph, y);
    if (!v.isSubsetOf(ancestors)) return this.solve(y, x.intersect(ancestors), this.#restrict(p, ancestors));
    // Line 3: to force what cannot reach y without passing x changes nothing.
    const idle = v.minus(x).minus(ancestorsOf(withoutEdgesInto(graph, x), y));
    if (!idle.isEmpty()) return this.solve(y, x.union(idle), p);
    const rest = v.minus(x);
    const [s = rest, ...others] = districtsOf(graph, rest);
    // Line 4: each district of the rest is a factor.
    if (others.length > 0) {
      const factors: Expression[] = [];
      for (const district of [s, ...others]) {
        const outcome = this.solve(district, v.minus(district), p);
        if (outcome.failure) return outcome;
        factors.push(outcome.expression);
      }
      return { expression: sum(this.#names(rest.minus(y)), product(factors)) };
    }
    const whole = districtsOf(graph, v).find((district) => s.isSubsetOf(district)) ?? v;
    // Line 5: a hedge.
    if (v.isSubsetOf(whole)) return { failure: { larger: v, smaller: s } };
    const factors = this.#list(whole).map((node) => this.#conditional(p, node));
    // Line 6: the district is whole, its conditionals are the effect.
    if (whole.isSubsetOf(s)) return { expression: sum(this.#names(s.minus(y)), product(factors)) };
    // Line 7: go on in the district around s, the nodes before it held fixed.
    return this.solve(y, x.intersect(whole), { nodes: whole, formula: product(factors) });
  }

  /** `P(node | nodes of p before it)`. */
  #conditional(p: Distribution, node: number): Expression {
    const before = this.#order.slice(0, this.#order.indexOf(node));
    const past = p.nodes.minus(p.nodes);
    for (const earlier of before) if (p.nodes.has(earlier)) past.add(earlier);
    const later = p.nodes.minus(past).without(node);
    if (p.formula) return fraction(sum(this.#names(later), p.formula), sum(this.#names(later.with(node)), p.formula));
    // The past matters only through the node's district in it and the parents of that (Tian and Pearl, AAAI 2002, §4).
    const graph = induced(this.#graph, past.with(node));
    const district = districtsOf(graph, past.with(node)).find((one) => one.has(node)) ?? past;
    const pillow = district.union(district);
    for (const member of district) for (const parent of graph.parents[member] ?? []) pillow.add(parent);
    return { kind: "probability", of: this.#names(past.minus(past).with(node)), given: this.#names(pillow.without(node)) };
  }

  #marginal(p: Distribution, keep: NodeSet): Expression {
    if (p.formula) return sum(this.#names(p.nodes.minus(keep)), p.formula);
    return { kind: "probability", of: this.#names(keep), given: [] };
  }

  #restrict(p: Distribution, keep: NodeSet): Distribution {
    const nodes = p.nodes.intersect(keep);
    return { nodes, formula: p.formula && sum(this.#names(p.nodes.minus(nodes)), p.formula) };
  }

  #list(nodes: NodeSet): readonly number[] {
    return this.#order.filter((node) => nodes.has(node));
  }

  #names(nodes: NodeSet): readonly string[] {
    return this.#list(nodes).map((node) => this.#graph.names[node] ?? "");
  }
}
