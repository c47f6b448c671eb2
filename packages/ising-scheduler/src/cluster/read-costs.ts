import { checkKeys, checkList, checkObject, checkWeight, shown } from "../compile/check.ts";
import { InvalidProblemError, quote } from "../errors.ts";
import { ENERGY_QUANTA } from "../compile/fixed-point.ts";
import type { SpecialDemand } from "../compile/read-problem.ts";
import type { ClusterNode, ClusterTask, OnNode, Preference } from "./model.ts";
import type { NodeCosts } from "./parts.ts";
import { checkEntries, checkText, classesOf, RULES_MAX, texts, tolerates, valuesOf } from "./read-eligibility.ts";

type Placed<Item> = readonly (readonly [item: Item, path: string])[];

const PREFERENCE_KEYS: ReadonlySet<string> = new Set(["label", "value", "weight"] satisfies (keyof Preference)[]);
const ON_NODE_KEYS: ReadonlySet<string> = new Set(["demand", "cost"] satisfies (keyof OnNode)[]);

/** Reads preferred labels and avoided taints; undefined if there are none. */
export function readPreferences(tasks: Placed<ClusterTask>, nodes: Placed<ClusterNode>, weight: number): NodeCosts | undefined {
  const avoided = nodes.map(([{ avoid = [] }, path]) => texts(`${path}.avoid`, avoid));
  const avoids = avoided.some((list) => list.length > 0);
  const wishes = tasks.map(([{ prefers = [], tolerates: tolerated = [] }, path]) => {
    checkList(`${path}.prefers`, prefers, RULES_MAX);
    return { prefers: prefers.map((one, at) => wish(`${path}.prefers[${at}]`, one)), tolerated: avoids ? [...tolerated].sort() : [] };
  });
  if (!avoids && wishes.every(({ prefers }) => prefers.length === 0)) return undefined;
  const { classOf, classes } = classesOf(wishes);
  checkEntries("preferences", classes.length, nodes.length);
  const quanta = new Float64Array(classes.length * nodes.length);
  classes.forEach(({ prefers, tolerated }, c) =>
    nodes.forEach(([{ labels = {} }], n) => {
      let cost = (avoided[n] ?? []).filter((taint) => !tolerates(tolerated, taint)).length;
      for (const { label, values, weight: lost } of prefers) {
        const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
        if (value === undefined || (values && !values.includes(value))) cost += lost;
      }
      quanta[c * nodes.length + n] = Math.round(cost * weight * ENERGY_QUANTA);
    }),
  );
  return { classOf, quanta };
}

function wish(path: string, preference: Preference): { label: string; values: readonly string[] | undefined; weight: number } {
  checkKeys(path, preference, PREFERENCE_KEYS);
  const { label, value, weight = 1 } = preference;
  checkText(`${path}.label`, label);
  checkWeight(`${path}.weight`, weight);
  return { label, values: value === undefined ? undefined : valuesOf(`${path}.value`, value), weight };
}

/** Reads costs and demands of tasks on nodes. */
export function readOnNodes(
  tasks: Placed<ClusterTask>,
  nodes: Placed<ClusterNode>,
  weight: number,
): { readonly cost: NodeCosts | undefined; readonly demands: readonly SpecialDemand[] } {
  const position = new Map(nodes.map(([{ id }], n) => [id, n]));
  const demands: SpecialDemand[] = [];
  const costs = tasks.map(([{ id, on = {} }, path]) => {
    checkObject(`${path}.on`, on);
    return Object.keys(on).sort().flatMap((node): (readonly [number, number])[] => {
      const at = `${path}.on[${quote(node)}]`;
      const given = on[node];
      const n = position.get(node);
      if (n === undefined) throw new InvalidProblemError(`expected ${path}.on to name nodes, got ${shown(node)}`);
      checkObject(at, given);
      if (!given) return [];
      checkKeys(at, given, ON_NODE_KEYS);
      const { demand, cost = 0 } = given;
      checkWeight(`${at}.cost`, cost);
      if (demand !== undefined) {
        checkObject(`${at}.demand`, demand);
        demands.push({ task: id, node, demand, path: `${at}.demand` });
      }
      return cost > 0 ? [[n, Math.round(cost * weight * ENERGY_QUANTA)]] : [];
    });
  });
  if (demands.length > 0) checkEntries("demands", tasks.length, nodes.length);
  if (costs.every((list) => list.length === 0)) return { cost: undefined, demands };
  const { classOf, classes } = classesOf(costs);
  checkEntries("costs", classes.length, nodes.length);
  const quanta = new Float64Array(classes.length * nodes.length);
  classes.forEach((list, c) => list.forEach(([n, value]) => (quanta[c * nodes.length + n] = value)));
  return { cost: { classOf, quanta }, demands };
}
