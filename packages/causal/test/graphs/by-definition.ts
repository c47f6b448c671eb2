import * as fc from "fast-check";
import { Admg } from "../../src/graphs/index.ts";
import type { Edge } from "../../src/graphs/index.ts";

/** Small random graphs: edges go from lower to higher numbers, and nodes stand in a random order. */
export function graphs(nodesMax: number, { bidirected = true, latent = true }: { bidirected?: boolean; latent?: boolean } = {}): fc.Arbitrary<Admg> {
  return fc.integer({ min: 2, max: nodesMax }).chain((count) => {
    const names = Array.from({ length: count }, (_, at) => `n${at}`);
    const pairs = Array.from({ length: count }, (_, b) => names.slice(0, b).map((a): Edge => [a, names[b]!])).flat();
    return fc
      .record({
        order: fc.shuffledSubarray(names, { minLength: count }),
        directed: fc.subarray(pairs),
        bidirected: bidirected ? fc.subarray(pairs, { maxLength: Math.min(3, pairs.length) }) : fc.constant([]),
        hidden: latent ? fc.subarray(names, { maxLength: 1 }) : fc.constant([]),
      })
      .map(({ order, hidden, ...edges }) => new Admg({ nodes: order, latent: hidden, ...edges }));
  });
}

/** Every subset, the smallest first. */
export function subsets(names: readonly string[]): string[][] {
  const all = Array.from({ length: 2 ** names.length }, (_, bits) => names.filter((_, at) => (bits >> at) & 1));
  return all.sort((a, b) => a.length - b.length);
}

interface Step {
  readonly to: string;
  /** Arrowheads of the edge that leads here. */
  readonly headAtStart: boolean;
  readonly headAtEnd: boolean;
}

/** Edges of a graph as path enumeration reads them. */
export interface Plain {
  readonly nodes: readonly string[];
  readonly directed: readonly Edge[];
  readonly bidirected: readonly Edge[];
}

function stepsFrom({ directed, bidirected }: Plain, node: string): Step[] {
  return [
    ...directed.flatMap(([a, b]) => (a === node ? [{ to: b, headAtStart: false, headAtEnd: true }] : [])),
    ...directed.flatMap(([a, b]) => (b === node ? [{ to: a, headAtStart: true, headAtEnd: false }] : [])),
    ...bidirected.flatMap(([a, b]) =>
      a === node || b === node ? [{ to: a === node ? b : a, headAtStart: true, headAtEnd: true }] : [],
    ),
  ];
}

export function descendants(graph: Plain, node: string): Set<string> {
  const found = new Set([node]);
  for (const from of found) for (const [a, b] of graph.directed) if (a === from) found.add(b);
  return found;
}

/** Every simple path from one of `from` to one of `to`, as the nodes with the edge that follows each. */
export function* paths(graph: Plain, from: readonly string[], to: readonly string[]): Generator<readonly Step[]> {
  function* extend(path: readonly Step[]): Generator<readonly Step[]> {
    const last = path.at(-1)!;
    if (to.includes(last.to)) yield path;
    for (const step of stepsFrom(graph, last.to)) {
      if (!path.some(({ to }) => to === step.to)) yield* extend([...path, step]);
    }
  }
  for (const start of from) yield* extend([{ to: start, headAtStart: false, headAtEnd: false }]);
}

/** Pearl's definition (2009, §1.2.3): a path is open if no chain or fork on it is known, and each collider has a known descendant. */
export function isOpen(graph: Plain, path: readonly Step[], given: readonly string[]): boolean {
  return path.every(({ to, headAtEnd }, at) => {
    const next = path[at + 1];
    if (at === 0 || !next) return true;
    if (!headAtEnd || !next.headAtStart) return !given.includes(to);
    return [...descendants(graph, to)].some((node) => given.includes(node));
  });
}

/** Separation by looking at every path. */
export function separatedByDefinition(graph: Plain, x: readonly string[], y: readonly string[], given: readonly string[]): boolean {
  for (const path of paths(graph, x, y)) {
    // A path through a second node of x or y has a part that is such a path too.
    if (isOpen(graph, path, given)) return false;
  }
  return true;
}

export function isDirectedPath(path: readonly Step[]): boolean {
  return path.length > 1 && path.slice(1).every(({ headAtStart, headAtEnd }) => !headAtStart && headAtEnd);
}

/** The sets that hold with no part that holds too. */
export function minimalOnes(candidates: readonly string[], holds: (set: readonly string[]) => boolean): string[][] {
  const found: string[][] = [];
  for (const set of subsets(candidates)) {
    if (!found.some((smaller) => smaller.every((name) => set.includes(name))) && holds(set)) found.push(set);
  }
  return found;
}

/** Sets in an order that does not depend on how they were found. */
export function sorted(sets: Iterable<readonly string[]>): string[] {
  return [...sets].map((set) => set.toSorted().join(",")).sort();
}
