import type { Evidence } from "./evidence.ts";

/** By node, by its callees in the order of `system.causes`: how much of a callee's deviation arrives at the node. */
export type Gains = readonly Float64Array[];

/**
 * Part of each callee's deviation that arrives at its caller: calls per request. With load it is the ratio of their loads,
 * a callee's requests being split among its callers by their load, since calls per edge are not asked for. Without load
 * each request makes one call.
 */
export function gainsOf({ system, measured, symptom }: Evidence): Gains {
  const { causes, effects, groupOf } = system;
  const loadOf = (node: number): number => measured[node]?.load ?? 0;
  const ratioOf = (callee: number): number => {
    let callers = 0;
    for (const caller of effects[callee] ?? []) callers += loadOf(caller);
    return callers > 0 ? loadOf(callee) / callers : 0;
  };
  return causes.map((callees, node) =>
    Float64Array.from(callees, (callee) => {
      if (!measured[callee] || groupOf[callee] === groupOf[node]) return 0;
      return symptom.requests ? ratioOf(callee) : 1;
    }),
  );
}
