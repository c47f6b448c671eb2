import { readOptions } from "../arguments.ts";
import type { Effect } from "./adjustment-sets.ts";
import { measuredOf, namesOf, numbersOf, structureOf } from "./admg.ts";
import type { Admg } from "./admg.ts";
import { NodeSet } from "./node-set.ts";
import { connectedTo, refuseOverlap } from "./separation.ts";
import { descendantsOf, induced, withoutEdgesOutOf } from "./structure.ts";
import type { Structure } from "./structure.ts";

/**
 * Returns a front-door set for the effect of `x` on `y`, or undefined if there is none: measured nodes that intercept
 * every directed path, whose own backdoors from `x` are closed, and whose backdoors to `y` are closed by `x` (Pearl,
 * Causality, 2nd ed. 2009, §3.3.2). With it the effect is identified though `x` and `y` share a hidden cause. No part
 * of the returned set is a front-door set.
 *
 * The largest candidate set is found first (Jeong, Tian and Bareinboim, NeurIPS 2022, §4), then nodes are dropped from it.
 *
 * @throws `UnknownNodeError` if a name is not a node.
 * @throws `InvalidQueryError` if `x` and `y` overlap or one is empty.
 * @example
 * ```ts
 * import { dag, frontDoorSet } from "@void-system/causal/graphs";
 * frontDoorSet(dag`x -> m -> y; x <-> y`, { x: ["x"], y: ["y"] }); // => ["m"]
 * frontDoorSet(dag`x -> y; x <-> y`, { x: ["x"], y: ["y"] }); // => undefined
 * ```
 */
export function frontDoorSet(graph: Admg, effect: Effect): readonly string[] | undefined {
  readOptions("an effect", effect, ["x", "y"]);
  const x = numbersOf(graph, "x", effect.x);
  const y = numbersOf(graph, "y", effect.y);
  refuseOverlap(x, y);
  const structure = structureOf(graph);
  let set = largest(structure, x, y, measuredOf(graph).minus(x.union(y)));
  for (const node of set ?? []) if (set?.has(node)) set = largest(structure, x, y, set.without(node)) ?? set;
  return set && namesOf(graph, set);
}

/** The largest front-door set within `candidates`; sets that meet the second and third condition are closed under union. */
function largest(graph: Structure, x: NodeSet, y: NodeSet, candidates: NodeSet): NodeSet | undefined {
  const nothing = x.minus(x);
  let set = candidates.minus(connectedTo(withoutEdgesOutOf(graph, x), x, nothing));
  for (;;) {
    // A node with an open backdoor keeps it in every smaller set, where fewer edges are cut.
    const open = connectedTo(withoutEdgesOutOf(graph, set), y, x).intersect(set);
    if (open.isEmpty()) break;
    set = set.minus(open);
  }
  const around = induced(graph, NodeSet.of(graph.names.length, graph.names.keys()).minus(set));
  return descendantsOf(around, x).meets(y) ? undefined : set;
}
