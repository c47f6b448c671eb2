import { checkList, checkObject, shown } from "../compile/check.ts";
import { InvalidProblemError, quote } from "../errors.ts";
import type { Eligibility, Rules } from "./parts.ts";
import type { ClusterNode, ClusterTask } from "./model.ts";

/** Most labels, taints, tolerations, preferences or groups of one task or node. */
export const RULES_MAX = 1_000;
/** Most entries of tables of tasks by nodes: rules, costs and demands by node. Tasks of the same rules count once. */
export const NODE_ENTRIES_MAX = 16_000_000;

/** Returns true if one of the tolerations covers a taint. */
export function tolerates(tolerations: readonly string[], taint: string): boolean {
  const [key] = taint.split("=", 1);
  return tolerations.some((one) => one === "*" || one === taint || one === key);
}

/** Reads required labels, taints and pins; undefined if there are none. Tasks and nodes are in the order of their ids. */
export function readEligibility(
  tasks: readonly (readonly [ClusterTask, string])[],
  nodes: readonly (readonly [ClusterNode, string])[],
  previous: Readonly<Record<string, string>>,
): Eligibility | undefined {
  const labels = nodes.map(([{ labels: given = {} }, path]) => {
    checkObject(`${path}.labels`, given);
    for (const [label, value] of Object.entries(given)) checkText(`${path}.labels[${quote(label)}]`, value);
    return given;
  });
  const taints = nodes.map(([{ taints: given = [] }, path]) => texts(`${path}.taints`, given));
  const rules = tasks.map(([{ id, requires = {}, tolerates: tolerated = [], pinned = false }, path]): Rules => {
    checkObject(`${path}.requires`, requires);
    checkFlag(`${path}.pinned`, pinned);
    const node = Object.hasOwn(previous, id) ? previous[id] : undefined;
    if (pinned && node === undefined) {
      throw new InvalidProblemError(`expected a node for ${quote(id)} in options.previous, since ${path}.pinned is true, got none`);
    }
    return {
      requires: Object.keys(requires).sort().map((label) => [label, valuesOf(`${path}.requires[${quote(label)}]`, requires[label])]),
      tolerates: [...texts(`${path}.tolerates`, tolerated)].sort(),
      pinned: pinned ? node : undefined,
    };
  });
  if (taints.every((list) => list.length === 0) && rules.every(({ requires, pinned }) => requires.length === 0 && pinned === undefined)) return undefined;
  const { classOf, classes } = classesOf(rules);
  checkEntries("rules", classes.length, nodes.length);
  const allowed = new Uint8Array(classes.length * nodes.length);
  classes.forEach((rule, c) =>
    nodes.forEach(([{ id }], n) => {
      const has = labels[n] ?? {};
      const fits = rule.requires.every(([label, values]) => Object.hasOwn(has, label) && values.includes(has[label] ?? ""));
      const free = (taints[n] ?? []).every((taint) => tolerates(rule.tolerates, taint));
      allowed[c * nodes.length + n] = Number(fits && free && (rule.pinned === undefined || rule.pinned === id));
    }),
  );
  return { classOf, allowed, rules: classes, labels, taints };
}

/** Numbers alike values with one number; `classes` has one of each. */
export function classesOf<Value>(values: readonly Value[]): { readonly classOf: Int32Array; readonly classes: readonly Value[] } {
  const numbers = new Map<string, number>();
  const classes: Value[] = [];
  const classOf = Int32Array.from(values, (value) => {
    const key = JSON.stringify(value);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, classes.length);
    return classes.push(value) - 1;
  });
  return { classOf, classes };
}

/** Refuses a table that would be too large. */
export function checkEntries(what: string, classes: number, nodes: number): void {
  if (classes * nodes <= NODE_ENTRIES_MAX) return;
  throw new InvalidProblemError(`expected at most ${NODE_ENTRIES_MAX} ${what} by node, got ${classes} kinds of tasks on ${nodes} nodes`);
}

/** Reads one text or several. */
export function valuesOf(path: string, value: unknown): readonly string[] {
  return typeof value === "string" ? [value] : texts(path, value);
}

/** Reads a list of texts. */
export function texts(path: string, given: unknown): readonly string[] {
  checkList(path, given, RULES_MAX);
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  return list.map((value, at) => {
    checkText(`${path}[${at}]`, value);
    return String(value);
  });
}

/** Refuses what is not a text. */
export function checkText(path: string, value: unknown): void {
  if (typeof value !== "string") throw new InvalidProblemError(`expected ${path} to be a string, got ${shown(value)}`);
}

/** Refuses what is not true or false. */
export function checkFlag(path: string, value: unknown): void {
  if (typeof value !== "boolean") throw new InvalidProblemError(`expected ${path} to be true or false, got ${shown(value)}`);
}
