import { NodeSet } from "./node-set.ts";

/** A mixed graph by node number. The algorithms work on this form, and surgery makes new ones of it. */
export interface Structure {
  readonly names: readonly string[];
  readonly parents: readonly (readonly number[])[];
  readonly children: readonly (readonly number[])[];
  /** Ends of bidirected edges. */
  readonly siblings: readonly (readonly number[])[];
}

/** Returns the graph without the directed edges that `drop` names. */
export function withoutDirected(graph: Structure, drop: (from: number, to: number) => boolean): Structure {
  return {
    ...graph,
    parents: graph.parents.map((list, to) => list.filter((from) => !drop(from, to))),
    children: graph.children.map((list, from) => list.filter((to) => !drop(from, to))),
  };
}

/** Returns the graph with every arrowhead into `nodes` cut, bidirected edges too (Pearl 2009, §3.4.1: overlined X). */
export function withoutEdgesInto(graph: Structure, nodes: NodeSet): Structure {
  return {
    ...withoutDirected(graph, (_, to) => nodes.has(to)),
    siblings: graph.siblings.map((list, at) => (nodes.has(at) ? [] : list.filter((other) => !nodes.has(other)))),
  };
}

/** Returns the graph with every edge out of `nodes` cut (Pearl 2009, §3.4.1: underlined X). */
export function withoutEdgesOutOf(graph: Structure, nodes: NodeSet): Structure {
  return withoutDirected(graph, (from) => nodes.has(from));
}

/** Returns the subgraph over `nodes`; numbers stay, so that sets of both graphs can be mixed. */
export function induced(graph: Structure, nodes: NodeSet): Structure {
  const kept = (lists: readonly (readonly number[])[]): readonly (readonly number[])[] =>
    lists.map((list, at) => (nodes.has(at) ? list.filter((other) => nodes.has(other)) : []));
  return { ...graph, parents: kept(graph.parents), children: kept(graph.children), siblings: kept(graph.siblings) };
}

/** Returns the nodes and all their ancestors. */
export function ancestorsOf(graph: Structure, nodes: Iterable<number>): NodeSet {
  return reach(graph.parents, nodes);
}

/** Returns the nodes and all their descendants. */
export function descendantsOf(graph: Structure, nodes: Iterable<number>): NodeSet {
  return reach(graph.children, nodes);
}

/** Returns the districts (c-components) of the subgraph over `nodes`: its parts that bidirected edges connect. */
export function districtsOf(graph: Structure, nodes: NodeSet): readonly NodeSet[] {
  const found: NodeSet[] = [];
  const siblings = graph.siblings.map((list) => list.filter((other) => nodes.has(other)));
  for (const node of nodes) if (!found.some((district) => district.has(node))) found.push(reach(siblings, [node]));
  return found;
}

/** Returns the nodes so that causes stand before effects, the lowest number first among equals; fewer if there is a cycle. */
export function topologicalOrder(graph: Structure): readonly number[] {
  const waiting = graph.parents.map((list) => list.length);
  const ready = [...waiting.keys()].filter((node) => waiting[node] === 0);
  // The loop visits what it appends: the array is the queue.
  for (const node of ready) {
    for (const child of graph.children[node] ?? []) {
      waiting[child] = (waiting[child] ?? 0) - 1;
      if (waiting[child] === 0) ready.push(child);
    }
  }
  return ready;
}

function reach(neighbours: readonly (readonly number[])[], from: Iterable<number>): NodeSet {
  const queue = [...from];
  const seen = NodeSet.of(neighbours.length, queue);
  for (const node of queue) {
    for (const next of neighbours[node] ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return seen;
}
