import { InvalidTextError, quote } from "../errors.ts";
import { Admg } from "./admg.ts";
import { readGraph, writeName } from "./read-graph.ts";
import type { ReadGraph } from "./read-graph.ts";

/**
 * Makes a graph from text: chains of `->`, `<-` and `<->`, groups in braces, `;` or a new line between statements.
 * `U [latent]` names a node that is not measured. Interpolated values are names, whatever their characters are.
 *
 * @throws `InvalidTextError` at the first mistake, with its line.
 * @throws the same as {@link Admg}'s constructor.
 * @example
 * ```ts
 * import { dag } from "@void-system/causal/graphs";
 * const graph = dag`load -> {api db}; db -> api -> front; db <-> front`;
 * graph.parents("api"); // => ["load", "db"]
 * graph.bidirected; // => [["db", "front"]]
 * ```
 */
export function dag(text: readonly string[] | string, ...names: readonly string[]): Admg {
  const parts: readonly string[] = Array.isArray(text) ? text : [text];
  const whole = parts.map((part, at) => (at > 0 ? literal(names[at - 1]) : "") + textOf(part)).join("");
  return admgOf(readGraph(whole, "graph"), "graph");
}

/** An interpolated name, always in quotes: a bare one would join the word before it. */
function literal(name: string | undefined): string {
  const written = writeName(textOf(name));
  return written.startsWith('"') ? written : `"${written}"`;
}

/** Makes a graph from what was read. `dir=both` is DOT's way to write `<->`, as DOT has no such arrow. */
export function admgOf({ nodes, edges }: ReadGraph, format: string): Admg {
  const undirected = edges.find(({ arrow }) => arrow === "--");
  if (undirected) {
    const edge = `${writeName(undirected.from)} -- ${writeName(undirected.to)}`;
    throw new InvalidTextError(format, 1, `expected edges with a direction, got ${edge}; write ->, or <-> for a hidden common cause`);
  }
  const both = ({ arrow, attributes }: ReadGraph["edges"][number]): boolean => arrow === "<->" || attributes.get("dir") === "both";
  return new Admg({
    nodes: [...nodes.keys()],
    directed: edges.flatMap((edge) => (both(edge) ? [] : [[edge.from, edge.to] as const])),
    bidirected: edges.flatMap((edge) => (both(edge) ? [[edge.from, edge.to] as const] : [])),
    latent: [...nodes].flatMap(([name, attributes]) => (isLatent(attributes) ? [name] : [])),
  });
}

function isLatent(attributes: ReadonlyMap<string, string>): boolean {
  return ["latent", "unobserved", "l"].some((key) => attributes.get(key) === "");
}

/** Programs in JavaScript pass anything. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : quote(value);
}
