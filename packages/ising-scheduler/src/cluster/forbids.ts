import { quote } from "../errors.ts";
import { UNPLACED } from "../compile/partners.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Bound, Eligibility, Parts, Slots } from "./parts.ts";
import { SHARE_UNITS } from "./parts.ts";
import { tolerates } from "./read-eligibility.ts";
import { intrudes } from "./terms/displacement.ts";
import { slotsOnNode } from "./terms/slots.ts";

/** Rules that forbid a task on a node while all others stay, in words. */
export function forbidsOf(problem: Problem, parts: Parts, place: Int32Array, task: number): (node: number) => readonly string[] {
  const { eligibility, separation, slots, waiting, maxMigrations } = parts;
  const { home, tasks, nodes } = problem;
  const others = Int32Array.from(place);
  others[task] = UNPLACED;
  const on: number[][] = nodes.map(() => []);
  others.forEach((node, other) => on[node]?.push(other));
  const left = others.reduce((sum, node, other) => sum + Number(node >= 0 && (home[other] ?? 0) >= 0 && node !== home[other]), 0);
  const displaced = [...(waiting?.runs ?? [])].flatMap((runs, other) => (runs === 1 && other !== task && others[other] === UNPLACED ? [other] : []));
  return (node) => [
    ...(eligibility ? ineligible(eligibility, task, node) : []),
    ...separation.flatMap((bound) => crowded(bound, others, task, node)),
    ...slots.flatMap((resource) => slotless(resource, [...(on[node] ?? []), task], task, node)),
    ...displaced
      .filter((other) => home[other] === node && waiting && intrudes(waiting, home, task, other))
      .map((other) => `the room of ${quote(tasks[other] ?? "")}, which ran there`),
    ...(maxMigrations !== undefined && (home[task] ?? 0) >= 0 && home[task] !== node && left >= maxMigrations
      ? [`more than ${maxMigrations} migrations`]
      : []),
  ];
}

function ineligible({ classOf, rules, labels, taints }: Eligibility, task: number, node: number): readonly string[] {
  const rule = rules[classOf[task] ?? 0];
  if (!rule) return [];
  const has = labels[node] ?? {};
  return [
    ...rule.requires.flatMap(([label, values]) => {
      const value = Object.hasOwn(has, label) ? has[label] : undefined;
      if (value !== undefined && values.includes(value)) return [];
      return [`needs the label ${quote(label)} to be ${values.map(quote).join(" or ")}`];
    }),
    ...(taints[node] ?? []).filter((taint) => !tolerates(rule.tolerates, taint)).map((taint) => `does not tolerate the taint ${quote(taint)}`),
    ...(rule.pinned === undefined ? [] : [`is pinned to ${quote(rule.pinned)}`]),
  ];
}

function crowded({ group, over, member, domain, domains, skew, max }: Bound, others: Int32Array, task: number, node: number): readonly string[] {
  if (member[task] !== 1) return [];
  const where = domain[node] ?? -1;
  if (where < 0) return [`needs the label ${quote(over)} for the spread of ${quote(group)}`];
  const counts = new Int32Array(domains);
  others.forEach((on, other) => {
    const at = domain[on] ?? -1;
    if (member[other] === 1 && at >= 0) counts[at] = (counts[at] ?? 0) + 1;
  });
  const count = (counts[where] ?? 0) + 1;
  counts[where] = count;
  const least = counts.reduce((a, b) => Math.min(a, b), Infinity);
  const domainName = over === "" ? "node" : over;
  return [
    ...(count > max ? [`more than ${max} of ${quote(group)} in one ${domainName}`] : []),
    ...(count - least > skew ? [`${count - least} of ${quote(group)} more in one ${domainName} than in another, more than ${skew}`] : []),
  ];
}

function slotless(resource: Slots, tasks: readonly number[], task: number, node: number): readonly string[] {
  const [whole, share] = [resource.whole[task] ?? 0, resource.share[task] ?? 0];
  if (whole === 0 && share === 0) return [];
  const used = [...slotsOnNode(resource, tasks).values()].flat().reduce((most, slot) => Math.max(most, slot + 1), 0);
  const available = resource.available[node] ?? 0;
  if (used <= available) return [];
  const need = whole > 0 ? `${whole} free slots` : `a slot with ${share / SHARE_UNITS} free`;
  return [`needs ${need} of ${quote(resource.resource)}, with ${available} in all`];
}
