import type { ClusterProblem, ClusterTask } from "../src/cluster/index.ts";

type Placement = Readonly<Record<string, string>>;

/** Rules that a placement breaks, found in the plainest way, from the problem as it was given. */
export function broken(problem: ClusterProblem, placement: Placement): readonly string[] {
  const { tasks, nodes, spread = [], slots = [], maxMigrations = Infinity, previous = {} } = problem;
  const said: string[] = [];
  const placed = tasks.filter(({ id }) => placement[id] !== undefined);
  for (const node of nodes) {
    const here = placed.filter(({ id }) => placement[id] === node.id);
    for (const resource in node.capacity) {
      const load = here.reduce((sum, task) => sum + (needs(task, node.id)[resource] ?? 0), 0);
      if (load > node.capacity[resource]! + 1e-9) said.push(`${node.id} has too little ${resource}`);
    }
    for (const resource of slots) {
      const sizes = here.map(({ demand }) => demand[resource] ?? 0).filter((size) => size > 0);
      if (!packs(sizes.sort((a, b) => b - a), Array.from({ length: node.capacity[resource] ?? 0 }, () => 1))) said.push(`${node.id} has too few slots`);
    }
    for (const task of here) {
      const { id, requires = {}, tolerates = [], pinned, antiAffinity = [] } = task;
      for (const [label, values] of Object.entries(requires)) {
        if (![values].flat().includes(node.labels?.[label] ?? "")) said.push(`${id} is on a node without ${label}`);
      }
      for (const taint of node.taints ?? []) {
        if (!tolerates.some((one) => ["*", taint, taint.split("=")[0]].includes(one))) said.push(`${id} does not tolerate ${taint}`);
      }
      if (pinned && previous[id] !== node.id) said.push(`${id} is pinned`);
      for (const other of antiAffinity) if (placement[other] === node.id) said.push(`${id} and ${other} share a node`);
    }
  }
  for (const { group, over, skew = Infinity, max = Infinity, weight } of spread) {
    if (weight !== undefined) continue;
    const domainOf = (id: string | undefined): string | undefined => (over === undefined ? id : nodes.find((node) => node.id === id)?.labels?.[over]);
    const domains = [...new Set(nodes.map(({ id }) => domainOf(id)).filter((one) => one !== undefined))];
    const members = placed.filter((task) => task.groups?.includes(group));
    const counts = domains.map((domain) => members.filter(({ id }) => domainOf(placement[id]) === domain).length);
    if (Math.max(...counts) > max) said.push(`too many of ${group}`);
    if (Math.max(...counts) - Math.min(...counts) > skew) said.push(`${group} is skewed`);
    if (members.some(({ id }) => domainOf(placement[id]) === undefined)) said.push(`${group} outside of ${over}`);
  }
  for (const gang of new Set(tasks.flatMap(({ gang: name, mayWait }) => (mayWait && name !== undefined ? [name] : [])))) {
    const members = tasks.filter((task) => task.gang === gang);
    if (new Set(members.map(({ id }) => placement[id] === undefined)).size > 1) said.push(`the gang ${gang} is torn`);
  }
  const there = new Set(nodes.map(({ id }) => id));
  const moved = placed.filter(({ id }) => there.has(previous[id] ?? "") && previous[id] !== placement[id]);
  if (moved.length > maxMigrations) said.push("too many migrations");
  for (const { id, mayWait } of tasks) if (!mayWait && placement[id] === undefined) said.push(`${id} must not wait`);
  return said;
}

/** Tasks that ran on a node, wait now, and would have room there beside those that have a right to it. */
export function wronglyDisplaced(problem: ClusterProblem, placement: Placement, ran: Placement): readonly string[] {
  const { tasks, nodes } = problem;
  const priority = (task: ClusterTask): number => task.priority ?? 0;
  return tasks.flatMap((task) => {
    const node = nodes.find(({ id }) => id === ran[task.id]);
    if (!node || placement[task.id] !== undefined) return [];
    const stays = tasks.filter((other) => placement[other.id] === node.id && (ran[other.id] === node.id || (other.mayPreempt && priority(other) > priority(task))));
    const only = Object.fromEntries([...stays, task].map(({ id }) => [id, node.id]));
    const { maxMigrations: _, ...rest } = problem;
    return broken({ ...rest, tasks: [...stays, task] }, only).length === 0 ? [task.id] : [];
  });
}

function needs(task: ClusterTask, node: string): Readonly<Record<string, number>> {
  return task.on?.[node]?.demand ?? task.demand;
}

/** Tries all ways to put sizes on slots. */
function packs([size, ...rest]: readonly number[], free: readonly number[]): boolean {
  if (size === undefined) return true;
  if (size >= 1) {
    const empty = free.filter((room) => room === 1).length;
    const keep = free.filter((room) => room < 1);
    return empty >= size && packs(rest, [...keep, ...Array.from({ length: empty - size }, () => 1)]);
  }
  return free.some((room, at) => room >= size - 1e-9 && packs(rest, free.with(at, room - size)));
}
