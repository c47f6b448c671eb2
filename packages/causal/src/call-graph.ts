import { type NodeNames, readNames, readObjects } from "./arguments.ts";
import { InvalidGraphError, quote, UnknownNodeError } from "./errors.ts";
import { NODE_NAME_LENGTH_MAX, type ServiceCall } from "./graph.ts";

/**
 * Calls between services, as they were observed: services may call themselves and each other in circles, which a {@link CausalGraph}
 * refuses. {@link diagnose} takes either.
 *
 * @example
 * ```ts
 * import { CallGraph } from "@void-system/causal";
 * const graph = new CallGraph([
 *   { caller: "site", callee: "cart" },
 *   { caller: "cart", callee: "price" },
 *   { caller: "price", callee: "cart" },
 * ]);
 * graph.groups(); // => [["cart", "price"], ["site"]]
 * ```
 */
export class CallGraph {
  readonly #causes = new Map<string, Set<string>>();
  readonly #effects = new Map<string, Set<string>>();

  /**
   * @param nodes - services beside those of the calls: who calls nobody, and whom nobody calls, is in no call.
   * @throws {@link InvalidGraphError} for a name that is no text, empty or too long.
   */
  constructor(calls: Iterable<ServiceCall>, nodes: NodeNames = []) {
    for (const { caller, callee } of readObjects("calls", calls)) {
      for (const name of [caller, callee]) this.#ensure(name);
      this.#causes.get(caller)?.add(callee);
      this.#effects.get(callee)?.add(caller);
    }
    for (const name of readNames("nodes", nodes)) this.#ensure(name);
  }

  /** Every service, in the order in which they were first mentioned. */
  nodes(): readonly string[] {
    return [...this.#causes.keys()];
  }

  /** True if the service is in the graph. */
  has(name: string): boolean {
    return this.#causes.has(name);
  }

  /**
   * The services that this one calls: their trouble becomes its own.
   *
   * @throws {@link UnknownNodeError} if there is no such service.
   */
  causes(name: string): ReadonlySet<string> {
    return known(this.#causes, name);
  }

  /**
   * The services that call this one.
   *
   * @throws {@link UnknownNodeError} if there is no such service.
   */
  effects(name: string): ReadonlySet<string> {
    return known(this.#effects, name);
  }

  /** The services in groups that call each other in circles, callees first; a service in no circle is a group of one. */
  groups(): readonly (readonly string[])[] {
    const names = this.nodes();
    const indexOf = new Map(names.map((name, index) => [name, index]));
    const causes = names.map((name) => [...this.causes(name)].map((callee) => indexOf.get(callee) ?? 0));
    return stronglyConnected(causes).map((members) => members.map((member) => names[member] ?? "").sort());
  }

  #ensure(name: string): void {
    if (typeof name !== "string" || name.length === 0 || name.length > NODE_NAME_LENGTH_MAX) {
      const got = quote(name);
      throw new InvalidGraphError(`expected a service name of 1 to ${NODE_NAME_LENGTH_MAX} characters, got ${got}`);
    }
    if (this.#causes.has(name)) return;
    this.#causes.set(name, new Set());
    this.#effects.set(name, new Set());
  }
}

/**
 * The strongly connected components of a graph (Tarjan, 1972), each after those that it leads to. `next` lists the
 * successors of each node. Without recursion, so that a chain may be as long as memory allows.
 */
export function stronglyConnected(next: readonly (readonly number[])[]): number[][] {
  const order = new Int32Array(next.length).fill(-1);
  const low = new Int32Array(next.length);
  const isOpen = new Uint8Array(next.length);
  const open: number[] = [];
  const components: number[][] = [];
  let count = 0;
  const enter = (node: number): { node: number; at: number } => {
    order[node] = low[node] = count++;
    open.push(node);
    isOpen[node] = 1;
    return { node, at: 0 };
  };
  for (let start = 0; start < next.length; start++) {
    if (order[start] !== -1) continue;
    const walk = [enter(start)];
    for (let step = walk.at(-1); step; step = walk.at(-1)) {
      const { node } = step;
      const to = next[node]?.[step.at++];
      if (to !== undefined) {
        if (order[to] === -1) walk.push(enter(to));
        else if (isOpen[to]) low[node] = Math.min(low[node] ?? 0, order[to] ?? 0);
        continue;
      }
      walk.pop();
      const above = walk.at(-1)?.node;
      if (above !== undefined) low[above] = Math.min(low[above] ?? 0, low[node] ?? 0);
      if (low[node] !== order[node]) continue;
      const members = open.splice(open.lastIndexOf(node));
      for (const member of members) isOpen[member] = 0;
      components.push(members);
    }
  }
  return components;
}

function known<V>(map: ReadonlyMap<string, V>, name: string): V {
  const value = map.get(name);
  if (value === undefined) throw new UnknownNodeError(name);
  return value;
}
