import { QueryTooLargeError } from "../errors.ts";
import { NodeSet } from "../graphs/node-set.ts";

/** Most entries that the tables of all cliques may have together: 2^22, 32 MB. */
export const CLIQUE_ENTRIES_MAX: number = 2 ** 22;

/** A clique of the triangulated graph. */
export interface Clique {
  /** Its variables, ascending. */
  readonly scope: readonly number[];
  /** The clique towards the root, which stands before this one; undefined for the root. */
  readonly parent: number | undefined;
  /** The variables that it shares with its parent, ascending. */
  readonly separator: readonly number[];
}

/**
 * Returns a junction tree of the families: the moral graph is triangulated by elimination, and the cliques are joined so
 * that each variable's cliques are connected (Koller and Friedman, Probabilistic Graphical Models, 2009, §9.4 and §10.4).
 * The variable that needs the fewest new edges goes first, the one with the smaller table among equals (min-fill).
 *
 * @throws `QueryTooLargeError` beyond {@link CLIQUE_ENTRIES_MAX} entries, before any table is made.
 */
export function cliqueTree(families: readonly (readonly number[])[], sizes: readonly number[]): readonly Clique[] {
  const eliminated = eliminate(families, sizes);
  const position = new Map(eliminated.map(({ variable }, at) => [variable, at]));
  const cliques: { scope: number[]; parent: number | undefined; separator: readonly number[] }[] = [];
  const home = new Map<number, number>();
  // From the last variable back, a clique is either its parent with one variable more, or a new child.
  for (const { variable, neighbours } of eliminated.toReversed()) {
    const next = neighbours.toSorted((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0))[0];
    const at = next === undefined ? 0 : (home.get(next) ?? 0);
    const parent = cliques[at];
    if (parent && parent.scope.length === neighbours.length && neighbours.length > 0) {
      parent.scope.push(variable);
      home.set(variable, at);
    } else {
      home.set(variable, cliques.length);
      cliques.push({ scope: [...neighbours, variable], parent: parent && at, separator: neighbours });
    }
  }
  return cliques.map(({ scope, ...rest }) => ({ ...rest, scope: scope.toSorted((a, b) => a - b) }));
}

interface EliminatedVariable {
  readonly variable: number;
  /** Its neighbours when it goes, ascending. */
  readonly neighbours: readonly number[];
}

function eliminate(families: readonly (readonly number[])[], sizes: readonly number[]): readonly EliminatedVariable[] {
  const count = sizes.length;
  const around = sizes.map(() => NodeSet.of(count, []));
  for (const family of families) connect(around, family);
  const left = new Set(sizes.keys());
  const costs = around.map((_, variable) => costOf(around, variable, sizes));
  const order: EliminatedVariable[] = [];
  let entries = 0;
  while (left.size > 0) {
    const variable = cheapest(left, costs);
    const neighbours = [...(around[variable] ?? [])];
    entries += neighbours.reduce((product, other) => product * (sizes[other] ?? 1), sizes[variable] ?? 1);
    if (entries > CLIQUE_ENTRIES_MAX) throw new QueryTooLargeError("entries of cliques", entries, CLIQUE_ENTRIES_MAX);
    order.push({ variable, neighbours });
    left.delete(variable);
    connect(around, neighbours);
    const changed = NodeSet.of(count, neighbours);
    for (const other of neighbours) {
      around[other] = (around[other] ?? changed).without(variable);
      changed.addAll(around[other]);
    }
    for (const other of changed) costs[other] = costOf(around, other, sizes);
  }
  return order;
}

function connect(around: NodeSet[], variables: readonly number[]): void {
  const all = NodeSet.of(around.length, variables);
  for (const variable of variables) around[variable] = all.union(around[variable] ?? all).without(variable);
}

/** Missing edges between the neighbours; the fraction breaks ties by the size of the table. */
function costOf(around: readonly NodeSet[], variable: number, sizes: readonly number[]): number {
  const neighbours = around[variable] ?? NodeSet.of(sizes.length, []);
  let [missing, weight] = [0, Math.log2(sizes[variable] ?? 1)];
  for (const other of neighbours) {
    missing += neighbours.minus(around[other] ?? neighbours).size - 1;
    weight += Math.log2(sizes[other] ?? 1);
  }
  return missing + weight / (weight + 1);
}

function cheapest(left: ReadonlySet<number>, costs: readonly number[]): number {
  let [best, least] = [-1, Infinity];
  for (const variable of left) {
    const cost = costs[variable] ?? Infinity;
    if (cost < least) [best, least] = [variable, cost];
  }
  return best;
}
