import { readOptions } from "../arguments.ts";
import type { NodeNames } from "../arguments.ts";
import { measuredOf, namesOf, numbersOf, structureOf } from "./admg.ts";
import type { Admg } from "./admg.ts";
import { minimalSeparators } from "./minimal-separators.ts";
import type { NodeSet } from "./node-set.ts";
import { connectedTo, refuseOverlap } from "./separation.ts";
import { ancestorsOf, descendantsOf, withoutDirected, withoutEdgesInto, withoutEdgesOutOf } from "./structure.ts";
import type { Structure } from "./structure.ts";

/** An effect: what is done, and where it is looked for. */
export interface Effect {
  /** Nodes that are set. */
  readonly x: NodeNames;
  /** Nodes that show the effect. */
  readonly y: NodeNames;
}

/**
 * Yields every minimal set of measured nodes that one may adjust for to get the total effect of `x` on `y`:
 * `P(y | do(x)) = sum over z of P(y | x, z) P(z)`. None is yielded if there is no such set; the empty set means that
 * nothing confounds. The next set takes polynomial time, so stop when you have enough.
 *
 * The sets meet the complete adjustment criterion (Shpitser, VanderWeele and Robins, UAI 2010), in the form of
 * separators of the proper backdoor graph (van der Zander, Liśkiewicz and Textor, Artificial Intelligence 270, 2019,
 * §4). It takes sets that Pearl's backdoor criterion misses.
 *
 * @throws `UnknownNodeError` if a name is not a node.
 * @throws `InvalidQueryError` if `x` and `y` overlap or one is empty.
 * @example
 * ```ts
 * import { dag, minimalAdjustmentSets } from "@void-system/causal/graphs";
 * const graph = dag`vm -> cache; cache -> {db api}; db -> api; vm -> db`;
 * [...minimalAdjustmentSets(graph, { x: ["db"], y: ["api"] })]; // => [["cache"]]
 * ```
 */
export function* minimalAdjustmentSets(graph: Admg, effect: Effect): Generator<readonly string[]> {
  const { x, y, allowed, backdoor } = adjustment(graph, effect);
  for (const set of minimalSeparators(backdoor, x, y, allowed)) yield namesOf(graph, set);
}

/**
 * Returns true if adjusting for `set` gives the total effect of `x` on `y`. The set need not be minimal.
 *
 * @throws the same as {@link minimalAdjustmentSets}.
 * @example
 * ```ts
 * import { dag, isAdjustmentSet } from "@void-system/causal/graphs";
 * const graph = dag`size -> {cache api}; cache -> queue -> api`;
 * isAdjustmentSet(graph, { x: ["cache"], y: ["api"] }, ["size"]); // => true
 * isAdjustmentSet(graph, { x: ["cache"], y: ["api"] }, ["size", "queue"]); // => false
 * ```
 */
export function isAdjustmentSet(graph: Admg, effect: Effect, set: NodeNames): boolean {
  const { x, y, allowed, backdoor } = adjustment(graph, effect);
  const z = numbersOf(graph, "the set", set);
  return z.isSubsetOf(allowed) && !connectedTo(backdoor, x, z).meets(y);
}

/** An effect by number. */
export interface Adjustment {
  readonly x: NodeSet;
  readonly y: NodeSet;
  /** Nodes that a set may have. */
  readonly allowed: NodeSet;
  readonly backdoor: Structure;
}

/** Returns the sets and the graph that decide which nodes one may condition on for an effect. */
export function adjustment(graph: Admg, effect: Effect): Adjustment {
  readOptions("an effect", effect, ["x", "y"]);
  const x = numbersOf(graph, "x", effect.x);
  const y = numbersOf(graph, "y", effect.y);
  refuseOverlap(x, y);
  const structure = structureOf(graph);
  const onCausalPaths = properCausalPaths(structure, x, y);
  const forbidden = descendantsOf(structure, onCausalPaths);
  const allowed = measuredOf(graph).minus(x.union(y).union(forbidden));
  return { x, y, allowed, backdoor: properBackdoorGraph(structure, x, onCausalPaths) };
}

/** The nodes after `x` on directed paths from `x` to `y` that do not pass `x` again (ibid., §4, PCP). */
function properCausalPaths(graph: Structure, x: NodeSet, y: NodeSet): NodeSet {
  const after = descendantsOf(withoutEdgesInto(graph, x), x).minus(x);
  return after.intersect(ancestorsOf(withoutEdgesOutOf(graph, x), y));
}

/** The graph without the first edge of every causal path from `x` to `y`: open paths that are left confound. */
function properBackdoorGraph(graph: Structure, x: NodeSet, onCausalPaths: NodeSet): Structure {
  return withoutDirected(graph, (from, to) => x.has(from) && onCausalPaths.has(to));
}
