import { checkKeys, checkList, checkWeight, checkWhole, shown } from "../compile/check.ts";
import { InvalidProblemError, quote } from "../errors.ts";
import { ENERGY_QUANTA } from "../compile/fixed-point.ts";
import type { ClusterNode, ClusterTask, Distance, Spread } from "./model.ts";
import { DISTANCE_UNITS, SHARE_UNITS } from "./parts.ts";
import type { Bound, Slots, Zones } from "./parts.ts";
import { checkText, RULES_MAX, texts } from "./read-eligibility.ts";

type Placed<Item> = readonly (readonly [item: Item, path: string])[];

/** Largest distance. */
export const DISTANCE_MAX = 1_000_000;

const SPREAD_KEYS: ReadonlySet<string> = new Set(["group", "over", "skew", "max", "weight"] satisfies (keyof Spread)[]);
const DISTANCE_KEYS: ReadonlySet<string> = new Set(["over", "within", "otherwise", "between"] satisfies (keyof Distance)[]);
const BETWEEN_KEYS: ReadonlySet<string> = new Set(["a", "b", "distance"]);

/** Reads bounds on groups: those that are a must, and those that cost. */
export function readSpread(
  spread: readonly Spread[],
  tasks: Placed<ClusterTask>,
  nodes: Placed<ClusterNode>,
  factor: number,
): { readonly separation: readonly Bound[]; readonly spread: readonly Bound[] } {
  checkList("options.spread", spread, RULES_MAX);
  const groups = tasks.map(([{ groups: given = [] }, path]) => new Set(texts(`${path}.groups`, given)));
  const bounds = spread.map((rule, at): readonly [Bound, boolean] => {
    const path = `options.spread[${at}]`;
    checkKeys(path, rule, SPREAD_KEYS);
    const { group, over = "", skew, max, weight } = rule;
    checkText(`${path}.group`, group);
    checkText(`${path}.over`, over);
    if (skew === undefined && max === undefined) throw new InvalidProblemError(`expected ${path} with a skew or a max, got none`);
    checkWhole(`${path}.skew`, skew ?? 0, 0, tasks.length + 1);
    checkWhole(`${path}.max`, max ?? 0, 0, Number.MAX_SAFE_INTEGER);
    checkWeight(`${path}.weight`, weight ?? 0);
    const member = Uint8Array.from(groups, (names) => Number(names.has(group)));
    if (!member.includes(1)) throw new InvalidProblemError(`expected ${path}.group to be a group of a task, got ${shown(group)}`);
    const values = nodes.map(([{ id, labels = {} }]) => (over === "" ? id : Object.hasOwn(labels, over) ? labels[over] : undefined));
    const { numbers, position } = numbered(values);
    if (numbers === 0) throw new InvalidProblemError(`expected ${path}.over to be a label of a node, got ${shown(over)}`);
    const bound = {
      group, over, member, domain: position, domains: numbers,
      skew: skew ?? Infinity,
      max: max ?? Infinity,
      quanta: Math.round((weight ?? 0) * factor * ENERGY_QUANTA),
    };
    return [bound, weight === undefined];
  });
  // In an order that does not depend on the input.
  const sorted = bounds.toSorted(([a], [b]) => (key(a) < key(b) ? -1 : 1));
  return { separation: sorted.flatMap(([bound, must]) => (must ? [bound] : [])), spread: sorted.flatMap(([bound, must]) => (must ? [] : [bound])) };
}

function key({ group, over, skew, max, quanta }: Bound): string {
  return JSON.stringify([group, over, String(skew), String(max), quanta]);
}

/** Numbers values in their sorted order; -1 where there is none. */
function numbered(values: readonly (string | undefined)[]): { readonly numbers: number; readonly position: Int32Array } {
  const names = [...new Set(values.filter((value) => value !== undefined))].sort();
  const at = new Map(names.map((name, n) => [name, n]));
  return { numbers: names.length, position: Int32Array.from(values, (value) => (value === undefined ? -1 : (at.get(value) ?? -1))) };
}

/** Reads resources that come in slots. */
export function readSlots(slots: readonly string[], tasks: Placed<ClusterTask>, nodes: Placed<ClusterNode>): readonly Slots[] {
  return [...new Set(texts("options.slots", slots))].sort().map((resource): Slots => {
    if (!nodes.some(([{ capacity }]) => Object.hasOwn(capacity, resource))) {
      throw new InvalidProblemError(`expected options.slots to name resources of nodes, got ${quote(resource)}`);
    }
    const available = Float64Array.from(nodes, ([{ capacity }, path]) => {
      const has = Object.hasOwn(capacity, resource) ? capacity[resource] : 0;
      checkWhole(`${path}.capacity[${quote(resource)}]`, has, 0, 1_000_000);
      return has ?? 0;
    });
    const needs = tasks.map(([{ demand, on = {} }, path]) => {
      for (const node in on) {
        if (!Object.hasOwn(on[node]?.demand ?? demand, resource) || on[node]?.demand === undefined) continue;
        throw new InvalidProblemError(`expected ${path}.on without a demand for ${quote(resource)}, which has slots, got one`);
      }
      const need = Object.hasOwn(demand, resource) ? (demand[resource] ?? 0) : 0;
      if (need > 1 && !Number.isInteger(need)) {
        const whole = "to be a whole number of slots or a share below 1";
        throw new InvalidProblemError(`expected ${path}.demand[${quote(resource)}] ${whole}, got ${need}`);
      }
      return need;
    });
    return {
      resource, available,
      whole: Float64Array.from(needs, (need) => (need >= 1 ? need : 0)),
      // A millionth more than a share is not seen; a share that is rounded is rounded up.
      share: Float64Array.from(needs, (need) => (need >= 1 ? 0 : Math.ceil(need * SHARE_UNITS - 1e-6))),
    };
  });
}

/** Reads distances of zones. */
export function readDistance(distance: Distance, nodes: Placed<ClusterNode>): Zones {
  const path = "options.distance";
  checkKeys(path, distance, DISTANCE_KEYS);
  const { over, within = 1, otherwise = 1, between = [] } = distance;
  checkText(`${path}.over`, over);
  const names = nodes.map(([{ labels = {} }]) => (Object.hasOwn(labels, over) ? (labels[over] ?? "") : ""));
  const { numbers, position } = numbered(names);
  const matrix = new Float64Array(numbers * numbers).fill(unitsOf(`${path}.otherwise`, otherwise));
  for (let zone = 0; zone < numbers; zone++) matrix[zone * numbers + zone] = unitsOf(`${path}.within`, within);
  const at = new Map(names.map((name, n) => [name, position[n] ?? 0]));
  checkList(`${path}.between`, between, RULES_MAX ** 2);
  between.forEach((pair, index) => {
    const where = `${path}.between[${index}]`;
    checkKeys(where, pair, BETWEEN_KEYS);
    const [a, b] = [at.get(pair.a), at.get(pair.b)];
    checkText(`${where}.a`, pair.a);
    checkText(`${where}.b`, pair.b);
    const units = unitsOf(`${where}.distance`, pair.distance);
    // Zones without a node matter to no placement.
    if (a === undefined || b === undefined) return;
    [matrix[a * numbers + b], matrix[b * numbers + a]] = [units, units];
  });
  return { zone: position, zones: numbers, distance: matrix };
}

function unitsOf(path: string, distance: number): number {
  checkWeight(path, distance);
  if (distance > DISTANCE_MAX) throw new InvalidProblemError(`expected ${path} to be at most ${DISTANCE_MAX}, got ${distance}`);
  return Math.round(distance * DISTANCE_UNITS);
}
