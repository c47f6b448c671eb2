/** Simple rules, written as one writes them without this package: the search must beat all of them. */
import { randomOf, shuffled } from "./generators.mjs";

const BY_ID = (a, b) => (a.id < b.id ? -1 : 1);

/** Packs tasks, largest first by their largest part of a node. `better(task, node, room)` is larger where it should go. */
function pack({ tasks, nodes }, better) {
  const all = [...nodes].sort(BY_ID);
  const largest = {};
  for (const { capacity } of all) for (const r in capacity) largest[r] = Math.max(largest[r] ?? 0, capacity[r]);
  const size = ({ demand }) => Math.max(...Object.keys(demand).map((r) => demand[r] / largest[r]));
  const rooms = new Map(all.map(({ id, capacity }) => [id, { ...capacity }]));
  const placement = {};
  for (const task of [...tasks].sort(BY_ID).sort((a, b) => size(b) - size(a))) {
    let [chosen, best] = [undefined, -Infinity];
    for (const node of all) {
      const room = rooms.get(node.id);
      if (Object.keys(task.demand).some((r) => task.demand[r] > room[r] + 1e-9)) continue;
      const value = better(task, room, largest);
      if (value > best) [chosen, best] = [node.id, value];
    }
    if (chosen === undefined) return undefined;
    for (const r in task.demand) rooms.get(chosen)[r] -= task.demand[r];
    placement[task.id] = chosen;
  }
  return placement;
}

const sum = (of, largest) => Object.keys(of).reduce((total, r) => total + of[r] / largest[r], 0);

function deal(tasks, nodes) {
  const ids = nodes.map(({ id }) => id).sort();
  return Object.fromEntries(tasks.map(({ id }, at) => [id, ids[at % ids.length]]));
}

/** Each returns a placement, or nothing when a task fits nowhere. */
export const RULES = {
  "first-fit decreasing": (one) => pack(one, () => 0),
  "best-fit decreasing": (one) => pack(one, (_, room, largest) => -sum(room, largest)),
  "dot product": (one) =>
    pack(one, ({ demand }, room, largest) => Object.keys(demand).reduce((total, r) => total + (demand[r] * room[r]) / largest[r] ** 2, 0)),
  "round robin": ({ tasks, nodes }) => deal([...tasks].sort(BY_ID), nodes),
};

/** Round robins over 20 shuffled orders. */
export function shuffledRoundRobins({ tasks, nodes }) {
  const random = randomOf(20);
  return Array.from({ length: 20 }, () => deal(shuffled(tasks, random), nodes));
}
