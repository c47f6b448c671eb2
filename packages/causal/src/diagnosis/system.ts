import { type CallGraph, stronglyConnected } from "../call-graph.ts";
import type { CausalGraph } from "../graph.ts";

/** The graph of a question by numbers: the target, and how trouble comes to it. */
export interface System {
  /** Names by number. */
  readonly names: readonly string[];
  /** Number of the target. */
  readonly target: number;
  /** By node: the nodes that it depends on, itself aside. */
  readonly causes: readonly (readonly number[])[];
  /** By node: the nodes that depend on it, itself aside. */
  readonly effects: readonly (readonly number[])[];
  /** By node: the number of its group, a strongly connected component. */
  readonly groupOf: Int32Array;
  /** Members of each group; a group comes after those that it depends on. */
  readonly groups: readonly (readonly number[])[];
  /** By node: the next node on a shortest way to the target; -1 if there is no way, and for the target. */
  readonly nextHop: Int32Array;
  /** The nodes with a way to the target, nearest first; the target is the first. */
  readonly reaching: readonly number[];
}

export function systemOf(graph: CausalGraph | CallGraph, target: string): System {
  const names = graph.nodes();
  const numberOf = new Map(names.map((name, number) => [name, number]));
  const numbers = (node: number, others: Iterable<string>): number[] => {
    const found: number[] = [];
    for (const other of others) {
      const number = numberOf.get(other);
      if (number !== undefined && number !== node) found.push(number);
    }
    return found;
  };
  const causes = names.map((name, node) => numbers(node, graph.causes(name).keys()));
  const effects = names.map((name, node) => numbers(node, graph.effects(name).keys()));
  const groups = stronglyConnected(causes);
  const groupOf = new Int32Array(names.length);
  for (const [group, members] of groups.entries()) for (const member of members) groupOf[member] = group;
  const start = numberOf.get(target) ?? -1;
  const nextHop = new Int32Array(names.length).fill(-1);
  const reaching = new Set([start]);
  for (const node of reaching) {
    for (const cause of causes[node] ?? []) {
      if (reaching.has(cause)) continue;
      nextHop[cause] = node;
      reaching.add(cause);
    }
  }
  return { names, target: start, causes, effects, groupOf, groups, nextHop, reaching: [...reaching] };
}

/** A shortest way from a node to the target, both included; empty if there is none. */
export function wayToTarget({ names, nextHop, target }: System, from: number): readonly string[] {
  if (from !== target && nextHop[from] === -1) return [];
  const way: string[] = [];
  for (let node = from; node !== -1; node = nextHop[node] ?? -1) way.push(names[node] ?? "");
  return way;
}
