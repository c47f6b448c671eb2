import { readOptions } from "../arguments.ts";
import type { NodeNames } from "../arguments.ts";
import { InvalidQueryError } from "../errors.ts";
import { numbersOf, structureOf } from "./admg.ts";
import type { Admg } from "./admg.ts";
import { NodeSet } from "./node-set.ts";
import { ancestorsOf } from "./structure.ts";
import type { Structure } from "./structure.ts";

/** Question of {@link dSeparated}. */
export interface Separation {
  /** Nodes on one side. */
  readonly x: NodeNames;
  /** Nodes on the other side. */
  readonly y: NodeNames;
  /** Nodes that are known. @defaultValue none */
  readonly given?: NodeNames;
}

/**
 * Returns true if `given` blocks every path between `x` and `y`: then the graph implies that they are independent given
 * it. With bidirected edges this is m-separation (Richardson, Scandinavian Journal of Statistics 30, 2003). Time is
 * linear in the graph.
 *
 * @throws `UnknownNodeError` if a name is not a node.
 * @throws `InvalidQueryError` if the sets overlap, or if `x` or `y` is empty.
 * @example
 * ```ts
 * import { dag, dSeparated } from "@void-system/causal/graphs";
 * const graph = dag`load -> api; db -> api`;
 * dSeparated(graph, { x: ["load"], y: ["db"] }); // => true
 * dSeparated(graph, { x: ["load"], y: ["db"], given: ["api"] }); // => false
 * ```
 */
export function dSeparated(graph: Admg, question: Separation): boolean {
  readOptions("a separation", question, ["x", "y", "given"]);
  const x = numbersOf(graph, "x", question.x);
  const y = numbersOf(graph, "y", question.y);
  const given = numbersOf(graph, "given", question.given ?? []);
  refuseOverlap(x, y, given);
  return !connectedTo(structureOf(graph), x, given, y).meets(y);
}

/**
 * Returns the nodes that an open path joins to `from`, with `from` itself. A ball bounces through the graph, and a node
 * passes it on by the side on which it came (Shachter, Bayes-Ball, UAI 1998, §3). The search ends at a node of `until`.
 */
export function connectedTo(graph: Structure, from: NodeSet, given: NodeSet, until?: NodeSet): NodeSet {
  const count = graph.names.length;
  const openColliders = ancestorsOf(graph, given);
  const found = NodeSet.of(count, []);
  /** Node n reached by an arrowhead is 2n + 1, by a tail or as the start 2n. */
  const seen = new Uint8Array(2 * count);
  const queue = new Int32Array(2 * count);
  let length = 0;
  const visit = (nodes: readonly number[], head: 0 | 1): void => {
    for (const node of nodes) {
      const state = 2 * node + head;
      if (seen[state] === 1) continue;
      seen[state] = 1;
      queue[length++] = state;
    }
  };
  visit([...from], 0);
  for (let at = 0; at < length; at++) {
    const state = queue[at] ?? 0;
    const node = state >>> 1;
    const closed = given.has(node);
    if (!closed) {
      found.add(node);
      if (until?.has(node)) return found;
      visit(graph.children[node] ?? [], 1);
    }
    const collides = (state & 1) === 1;
    if (collides ? openColliders.has(node) : !closed) {
      visit(graph.parents[node] ?? [], 0);
      visit(graph.siblings[node] ?? [], 1);
    }
  }
  return found;
}

/** Refuses an empty `x` or `y`, and sets that share a node. */
export function refuseOverlap(x: NodeSet, y: NodeSet, given?: NodeSet): void {
  const sizes = [x.size, y.size, given?.size ?? 0] as const;
  const all = given ? x.union(y).union(given) : x.union(y);
  const shared = sizes[0] + sizes[1] + sizes[2] - all.size;
  if (sizes[0] > 0 && sizes[1] > 0 && shared === 0) return;
  throw new InvalidQueryError(
    `expected nodes in x and in y, and each node in one set, got ${sizes[0]} and ${sizes[1]}, ${shared} of them twice; name each once`,
  );
}
