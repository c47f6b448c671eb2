import type { Neighbours } from "../protocol/core.ts";

/**
 * Returns the links of some nodes as a Mermaid diagram: the tree in solid lines, all other links in dotted ones.
 *
 * @example
 * ```ts
 * import { PlumtreeNode, treeDiagram } from "@void-system/plumtree";
 *
 * const [a, b] = [new PlumtreeNode("a"), new PlumtreeNode("b")];
 * a.addPeer("b");
 * await new Promise((resolve) => setTimeout(resolve, 20)); // until they have met
 * treeDiagram(new Map([["a", a.neighbours()], ["b", b.neighbours()]])); // => "graph LR\n  n0[\"a\"] --- n1[\"b\"]"
 * for (const node of [a, b]) node.close();
 * ```
 */
export function treeDiagram(nodes: ReadonlyMap<string, Neighbours>): string {
  const ids = new Map<string, string>();
  const shown = (name: string): string => {
    const id = ids.get(name) ?? `n${ids.size}`;
    ids.set(name, id);
    return `${id}["${name}"]`;
  };
  const links = new Map<string, boolean>();
  for (const [name, { eager, lazy }] of nodes)
    for (const [peers, isEager] of [[eager, true], [lazy, false]] as const)
      for (const peer of peers) {
        const key = name < peer ? `${name} ${peer}` : `${peer} ${name}`;
        // Names have no spaces. A link is of the tree if payloads travel along it in either direction.
        links.set(key, isEager || links.get(key) === true);
      }
  const lines = [...links].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, isEager]) => {
    const [one = "", other = ""] = key.split(" ");
    return `  ${shown(one)} ${isEager ? "---" : "-.-"} ${shown(other)}`;
  });
  return ["graph LR", ...lines].join("\n");
}
