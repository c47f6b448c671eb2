import type { ClusterNode, ClusterProblem, ClusterTask, Spread } from "../cluster/model.ts";
import { quote } from "../errors.ts";
import { ImportError } from "./row.ts";

/** A problem that was read, and what of the source it does not show. */
export interface Imported {
  /** Nodes, and pods as tasks that may wait; pods that run are in `previous`. */
  readonly problem: ClusterProblem;
  /** Parts of the source that the problem does not show, in words. */
  readonly notes: readonly string[];
}

/** Taint of a node that was cordoned. */
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

/**
 * Reads the output of `kubectl get nodes,pods -A -o json`. Requests become demands, and each pod takes one of `pods`. Node
 * selectors, required node affinity with `In`, taints and tolerations, priorities, topology spread and required
 * anti-affinity by labels are read. `notes` lists what is not. Pods that have ended are left out, and pods of a DaemonSet
 * are pinned.
 *
 * @throws `ImportError` if it is no such output.
 * @example
 * ```ts
 * import { fromKubectl } from "@void-system/ising-scheduler/import";
 * const node = { kind: "Node", metadata: { name: "a" }, status: { allocatable: { cpu: "3920m", memory: "16Gi" } } };
 * fromKubectl({ kind: "List", items: [node] }).problem.nodes; // => [{ id: "a", capacity: { cpu: 3.92, memory: 17179869184 } }]
 * ```
 */
export function fromKubectl(list: unknown): Imported {
  const items = each(at(list, "items"));
  if (!items) throw new ImportError("expected the output of kubectl get nodes,pods -o json, got no items");
  const notes = new Set<string>();
  const spread = new Map<string, Spread>();
  const pods = items.filter((item) => at(item, "kind") === "Pod" && !["Succeeded", "Failed"].includes(String(at(item, "status", "phase"))));
  const groups = new Map<string, unknown>();
  for (const pod of pods) readSpread(pod, spread, groups, notes);
  const tasks = pods.map((pod) => taskOf(pod, groups, notes));
  const nodes = items.filter((item) => at(item, "kind") === "Node").map(nodeOf);
  const previous = pods.flatMap((pod) => {
    const node = at(pod, "spec", "nodeName");
    return typeof node === "string" ? [[idOf(pod), node] as const] : [];
  });
  const used = [...spread.values()].filter(({ group, over }) => tasks.some((task) => task.groups?.includes(group)) && nodes.some(({ labels }) => over !== undefined && labels?.[over] !== undefined));
  return {
    problem: { nodes, tasks, previous: Object.fromEntries(previous), ...(used.length > 0 && { spread: used }) },
    notes: [...notes],
  };
}

function nodeOf(item: unknown): ClusterNode {
  const labels = texts(at(item, "metadata", "labels"));
  const taints = (each(at(item, "spec", "taints")) ?? []).map((taint) => [taintOf(taint), at(taint, "effect")] as const);
  const hard = [
    ...taints.flatMap(([taint, effect]) => (effect === "PreferNoSchedule" ? [] : [taint])),
    ...(at(item, "spec", "unschedulable") === true ? [UNSCHEDULABLE] : []),
  ];
  const soft = taints.flatMap(([taint, effect]) => (effect === "PreferNoSchedule" ? [taint] : []));
  return {
    id: String(at(item, "metadata", "name") ?? ""),
    capacity: amounts(at(item, "status", "allocatable")),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(hard.length > 0 && { taints: [...new Set(hard)] }),
    ...(soft.length > 0 && { avoid: soft }),
  };
}

function taskOf(pod: unknown, groups: ReadonlyMap<string, unknown>, notes: Set<string>): ClusterTask {
  const spec = at(pod, "spec");
  const requires: Record<string, readonly string[]> = {};
  for (const [label, value] of Object.entries(texts(at(spec, "nodeSelector")))) requires[label] = [value];
  const terms = each(at(spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")) ?? [];
  if (terms.length > 1) notes.add("alternatives of required node affinity");
  for (const expression of terms.length === 1 ? (each(at(terms[0], "matchExpressions")) ?? []) : []) {
    if (at(expression, "operator") === "In") requires[String(at(expression, "key"))] = (each(at(expression, "values")) ?? []).map(String);
    else notes.add(`node affinity with ${String(at(expression, "operator"))}`);
  }
  if (at(spec, "affinity", "podAffinity") !== undefined) notes.add("affinity of pods");
  if ((each(at(spec, "volumes")) ?? []).some((volume) => at(volume, "persistentVolumeClaim") !== undefined)) notes.add("zones of persistent volumes");
  const tolerates = (each(at(spec, "tolerations")) ?? []).map((one) => (at(one, "key") === undefined ? "*" : at(one, "operator") === "Exists" ? String(at(one, "key")) : taintOf(one)));
  // A taint that forbids new pods leaves those that run.
  const runs = at(spec, "nodeName") !== undefined;
  const priority = at(spec, "priority");
  const labels = texts(at(pod, "metadata", "labels"));
  const members = [...groups].flatMap(([group, selector]) => (group.startsWith(`${namespaceOf(pod)}:`) && selects(selector, labels) ? [group] : []));
  const owners = each(at(pod, "metadata", "ownerReferences")) ?? [];
  return {
    id: idOf(pod),
    demand: requestsOf(spec),
    mayWait: true,
    mayPreempt: at(spec, "preemptionPolicy") !== "Never",
    ...(typeof priority === "number" && { priority }),
    ...(Object.keys(requires).length > 0 && { requires }),
    ...(tolerates.length > 0 && { tolerates }),
    ...(members.length > 0 && { groups: members }),
    ...(runs && owners.some((owner) => at(owner, "kind") === "DaemonSet") && { pinned: true }),
  };
}

/** Reads topology spread, and required anti-affinity with a selector that the pod matches itself. */
function readSpread(pod: unknown, spread: Map<string, Spread>, groups: Map<string, unknown>, notes: Set<string>): void {
  const namespace = namespaceOf(pod);
  const add = (selector: unknown, rule: Omit<Spread, "group">): void => {
    const group = `${namespace}:${JSON.stringify(at(selector, "matchLabels") ?? {})}`;
    if (at(selector, "matchExpressions") !== undefined) notes.add("matchExpressions of label selectors");
    groups.set(group, selector);
    spread.set(JSON.stringify([group, rule]), { group, ...rule });
  };
  for (const one of each(at(pod, "spec", "topologySpreadConstraints")) ?? []) {
    const soft = at(one, "whenUnsatisfiable") === "ScheduleAnyway";
    add(at(one, "labelSelector"), { over: String(at(one, "topologyKey")), skew: Number(at(one, "maxSkew") ?? 1), ...(soft && { weight: 1 }) });
  }
  for (const one of each(at(pod, "spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")) ?? []) {
    if (selects(at(one, "labelSelector"), texts(at(pod, "metadata", "labels")))) add(at(one, "labelSelector"), { over: String(at(one, "topologyKey")), max: 1 });
    else notes.add("anti-affinity to other pods");
  }
  if (at(pod, "spec", "affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution") !== undefined) notes.add("preferred anti-affinity");
}

function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const wanted = Object.entries(texts(at(selector, "matchLabels")));
  return wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
}

/** The sum of the containers' requests, or the largest init container's if that is more, and the overhead. */
function requestsOf(spec: unknown): Record<string, number> {
  const demand: Record<string, number> = { pods: 1 };
  for (const container of each(at(spec, "containers")) ?? []) {
    for (const [resource, value] of Object.entries(amounts(at(container, "resources", "requests")))) demand[resource] = (demand[resource] ?? 0) + value;
  }
  for (const container of each(at(spec, "initContainers")) ?? []) {
    for (const [resource, value] of Object.entries(amounts(at(container, "resources", "requests")))) demand[resource] = Math.max(demand[resource] ?? 0, value);
  }
  for (const [resource, value] of Object.entries(amounts(at(spec, "overhead")))) demand[resource] = (demand[resource] ?? 0) + value;
  return demand;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50,
};

function amounts(value: unknown): Record<string, number> {
  return Object.fromEntries(Object.entries(texts(value)).map(([resource, quantity]) => [resource, quantityOf(resource, quantity)]));
}

/** Reads a quantity of Kubernetes, such as "250m" or "16Gi". */
function quantityOf(resource: string, quantity: string): number {
  const [, digits, suffix = ""] = /^(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})$/.exec(quantity) ?? [];
  const factor = Object.hasOwn(SUFFIXES, suffix) ? SUFFIXES[suffix] : undefined;
  if (digits === undefined || factor === undefined) throw new ImportError(`expected a quantity of ${quote(resource)} such as "250m" or "16Gi", got ${quote(quantity)}`);
  return Number((Number(digits) * factor).toPrecision(15));
}

function taintOf(taint: unknown): string {
  const value = at(taint, "value");
  return typeof value === "string" && value !== "" ? `${String(at(taint, "key"))}=${value}` : String(at(taint, "key"));
}

function namespaceOf(item: unknown): string {
  return String(at(item, "metadata", "namespace") ?? "default");
}

function idOf(item: unknown): string {
  return `${namespaceOf(item)}/${String(at(item, "metadata", "name") ?? "")}`;
}

/** Follows keys of objects; undefined where there is none. */
function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((inner, key) => (typeof inner === "object" && inner !== null && Object.hasOwn(inner, key) ? Reflect.get(inner, key) : undefined), value);
}

function each(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** The texts and numbers of an object, as texts. */
function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).flatMap(([key, one]) => (typeof one === "string" || typeof one === "number" ? [[key, String(one)]] : [])));
}
