import { NodeSet } from "./node-set.ts";
import { ancestorsOf, districtsOf, induced } from "./structure.ts";
import type { Structure } from "./structure.ts";

/**
 * Yields every minimal set of `allowed` nodes that m-separates `x` from `y`, the one nearest to `x` first. These are the
 * minimal vertex separators of the augmented graph over the ancestors of `x` and `y` (van der Zander, Liśkiewicz and
 * Textor, Artificial Intelligence 270, 2019, §5), listed by splitting on one node after another (Takata, Discrete Applied
 * Mathematics 158, 2010). Each branch holds a separator, so the next is found in polynomial time.
 */
export function* minimalSeparators(graph: Structure, x: NodeSet, y: NodeSet, allowed: NodeSet): Generator<NodeSet> {
  const undirected = augmented(graph, ancestorsOf(graph, x.union(y)));
  for (const node of undirected.keys()) if (!allowed.union(x).union(y).has(node)) bridge(undirected, node);
  /** Separators whose side of `x` includes `inside` and leaves out `outside`. */
  const branches = [{ inside: x, outside: y }];
  for (let branch = branches.pop(); branch; branch = branches.pop()) {
    const side = nearestSide(undirected, branch.inside, x, y);
    if (!side || side.meets(branch.outside)) continue;
    const separator = boundary(undirected, side);
    const [next] = separator.minus(branch.outside);
    if (next === undefined) {
      yield separator;
      continue;
    }
    branches.push({ inside: side.with(next), outside: branch.outside });
    branches.push({ inside: side, outside: branch.outside.with(next) });
  }
}

/** The undirected graph whose separators are the m-separators: all that a path of colliders joins become neighbours. */
function augmented(graph: Structure, nodes: NodeSet): NodeSet[] {
  const part = induced(graph, nodes);
  const neighbours = graph.names.map(() => NodeSet.of(graph.names.length, []));
  for (const district of districtsOf(part, nodes)) {
    const joined = district.union(district);
    for (const node of district) for (const parent of part.parents[node] ?? []) joined.add(parent);
    for (const node of joined) neighbours[node]?.addAll(joined.without(node));
  }
  return neighbours;
}

/** Removes a node in place and joins its neighbours to each other, as a path through it cannot be blocked there. */
function bridge(neighbours: NodeSet[], node: number): void {
  const around = neighbours[node] ?? NodeSet.of(neighbours.length, []);
  for (const other of around) neighbours[other] = (neighbours[other] ?? around).union(around).without(other).without(node);
  neighbours[node] = around.minus(around);
}

/** The smallest side of `x` that includes `inside` and that a minimal separator bounds. */
function nearestSide(neighbours: readonly NodeSet[], inside: NodeSet, x: NodeSet, y: NodeSet): NodeSet | undefined {
  const near = boundary(neighbours, inside);
  if (near.union(inside).meets(y)) return undefined;
  const far = reachable(neighbours, y, near);
  return reachable(neighbours, x, boundary(neighbours, far));
}

function reachable(neighbours: readonly NodeSet[], start: NodeSet, barred: NodeSet): NodeSet {
  const found = start.union(start);
  for (let edge = start; !edge.isEmpty(); found.addAll(edge)) edge = boundary(neighbours, edge).minus(barred).minus(found);
  return found;
}

function boundary(neighbours: readonly NodeSet[], nodes: NodeSet): NodeSet {
  const all = NodeSet.of(neighbours.length, []);
  for (const node of nodes) all.addAll(neighbours[node] ?? all);
  return all.minus(nodes);
}
