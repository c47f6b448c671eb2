import type { NodeSet } from "./node-set.ts";
import type { Structure } from "./structure.ts";

/**
 * Returns the graph over the other nodes that has the same independencies and identified effects: a latent node's effects
 * share a hidden cause, and its causes act on its effects (Verma 1993; Tian and Pearl, UAI 2002, §5). Numbers stay.
 */
export function latentProjection(graph: Structure, latent: NodeSet): Structure {
  const sets = (lists: readonly (readonly number[])[]): Set<number>[] => lists.map((list) => new Set(list));
  const [parents, children, siblings] = [sets(graph.parents), sets(graph.children), sets(graph.siblings)];
  for (const gone of latent) {
    for (const child of children[gone] ?? []) {
      for (const parent of parents[gone] ?? []) {
        parents[child]?.add(parent);
        children[parent]?.add(child);
      }
      for (const other of [...(children[gone] ?? []), ...(siblings[gone] ?? [])]) {
        if (other === child) continue;
        siblings[child]?.add(other);
        siblings[other]?.add(child);
      }
    }
    for (const lists of [parents, children, siblings]) {
      lists[gone]?.clear();
      for (const list of lists) list.delete(gone);
    }
  }
  const lists = (all: readonly Set<number>[]): readonly (readonly number[])[] => all.map((set) => [...set]);
  return { names: graph.names, parents: lists(parents), children: lists(children), siblings: lists(siblings) };
}
