import { InvalidQueryError } from "../errors.ts";
import { adjustment } from "./adjustment-sets.ts";
import type { Effect } from "./adjustment-sets.ts";
import { measuredOf, namesOf } from "./admg.ts";
import type { Admg } from "./admg.ts";
import { minimalSeparators } from "./minimal-separators.ts";
import { NodeSet } from "./node-set.ts";
import { connectedTo } from "./separation.ts";
import { descendantsOf } from "./structure.ts";

/** An instrument: in a linear model, `cov(z, y | given) / cov(z, x | given)` is the effect of x on y. */
export interface Instrument {
  /** The node that moves `x`, and reaches `y` through `x` alone. */
  readonly instrument: string;
  /** Nodes to condition on, for that to hold. */
  readonly given: readonly string[];
}

/**
 * Returns every conditional instrument for the effect of one node on another: given a set of nodes that neither `y` nor
 * the causal paths to it lead to, it depends on `x`, and once the causal paths from `x` to `y` are cut it is independent of `y`. The set is the
 * separator nearest to `y`, which works if an ancestral instrument exists (van der Zander, Textor and Liśkiewicz,
 * Efficiently Finding Conditional Instruments for Causal Inference, IJCAI 2015, §4).
 *
 * @throws `UnknownNodeError` if a name is not a node.
 * @throws `InvalidQueryError` unless `x` and `y` are one node each.
 * @example
 * ```ts
 * import { dag, instruments } from "@void-system/causal/graphs";
 * const graph = dag`w -> {z y}; z -> x -> y; x <-> y`;
 * instruments(graph, { x: ["x"], y: ["y"] }); // => [{ instrument: "z", given: ["w"] }]
 * ```
 */
export function instruments(graph: Admg, effect: Effect): readonly Instrument[] {
  const { x, y, allowed, backdoor } = adjustment(graph, effect);
  if (x.size + y.size > 2) throw new InvalidQueryError("expected one node in x and one in y, got more; ask for one pair at a time");
  const caused = descendantsOf(backdoor, y);
  return [...measuredOf(graph).minus(x.union(y))].flatMap((node) => {
    const z = NodeSet.of(graph.nodes.length, [node]);
    const [given] = minimalSeparators(backdoor, y, z, allowed);
    if (!given || given.meets(caused) || !connectedTo(backdoor, z, given).meets(x)) return [];
    return [{ instrument: graph.nodes[node] ?? "", given: namesOf(graph, given) }];
  });
}
