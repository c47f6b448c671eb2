import { connectedTo } from "../graphs/separation.ts";
import type { NodeSet } from "../graphs/node-set.ts";
import { withoutEdgesInto, withoutEdgesOutOf } from "../graphs/structure.ts";
import type { Structure } from "../graphs/structure.ts";
import { fraction, sum } from "./expression.ts";
import { id } from "./id.ts";
import type { Outcome } from "./id.ts";

/** An outcome, and the unconditional effect that it was found by. */
export interface ConditionalOutcome {
  readonly outcome: Outcome;
  readonly y: NodeSet;
  readonly x: NodeSet;
}

/**
 * Finds `P(y | do(x), z)`: what of `z` may as well be done (rule 2 of do-calculus) joins `x`, the rest joins `y` and is
 * divided out (Shpitser and Pearl, Identification of Conditional Interventional Distributions, UAI 2006, figure 4).
 */
export function idc(graph: Structure, y: NodeSet, x: NodeSet, z: NodeSet, observed: NodeSet): ConditionalOutcome {
  const cut = withoutEdgesInto(graph, x);
  for (const node of z) {
    const rest = z.without(node);
    const one = z.minus(rest);
    if (connectedTo(withoutEdgesOutOf(cut, one), one, x.union(rest)).meets(y)) continue;
    return idc(graph, y, x.with(node), rest, observed);
  }
  const both = y.union(z);
  const outcome = id(graph, both, x, observed);
  if (outcome.failure || z.isEmpty()) return { outcome, y: both, x };
  const names = [...y].map((node) => graph.names[node] ?? "");
  return { outcome: { expression: fraction(outcome.expression, sum(names, outcome.expression)) }, y: both, x };
}
