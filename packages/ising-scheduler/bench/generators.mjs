/** Random placement problems, the same on every run. Each has three links a task, with weights from 0.1 to 1. */

/** mulberry32. */
export function randomOf(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled(items, random) {
  const copy = [...items];
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
}

/**
 * Settings of each kind of problem. `groups`: four links in five are within one of as many groups as there are nodes, the
 * members of which are shuffled, so that no order of the ids shows them. `sizes`: capacities of nodes, relative.
 */
export const GENERATORS = {
  planted: { groups: true, sizes: [1], fill: 0.7 },
  unstructured: { groups: false, sizes: [1], fill: 0.7 },
  "three sizes": { groups: true, sizes: [0.5, 1, 2], fill: 0.7 },
  tight: { groups: true, sizes: [1], fill: 0.95 },
};

export function instance(kind, seed, taskCount, nodeCount) {
  const { groups, sizes, fill } = GENERATORS[kind];
  const random = randomOf(seed * 7919 + taskCount);
  const hundredths = (low, span) => Math.round(low + span * random()) / 100;
  const tasks = Array.from({ length: taskCount }, (_, at) => ({
    id: `t${at}`,
    demand: { cpu: hundredths(50, 350), memory: hundredths(50, 750) },
  }));
  const nodes = nodesFor(tasks, nodeCount, sizes, fill);
  if (fill > 0.9) fillEvenly(tasks, nodes, fill);
  // Member k of a group is every nodeCount-th of the shuffled tasks.
  const members = shuffled(tasks.map(({ id }) => id), random);
  const pick = () => Math.floor(random() * taskCount);
  const links = Array.from({ length: 3 * taskCount }, () => {
    const a = pick();
    const near = groups && random() < 0.8;
    const b = near ? (a + nodeCount * Math.floor(random() * (taskCount / nodeCount))) % taskCount : pick();
    return { a: members[a], b: members[b], weight: hundredths(10, 90) };
  });
  return { tasks, nodes, links };
}

function nodesFor(tasks, nodeCount, sizes, fill) {
  const size = Array.from({ length: nodeCount }, (_, at) => sizes[at % sizes.length]);
  const all = size.reduce((a, b) => a + b, 0);
  const capacity = (resource, part) => {
    const total = tasks.reduce((sum, { demand }) => sum + demand[resource], 0);
    return Math.ceil((100 * total * part) / fill / all) / 100;
  };
  return size.map((part, at) => ({ id: `n${at}`, capacity: { cpu: capacity("cpu", part), memory: capacity("memory", part) } }));
}

/** Scales demands so that a placement is known that fits: every nodeCount-th task together fills one node to `fill`. */
function fillEvenly(tasks, nodes, fill) {
  for (const [first, { capacity }] of nodes.entries()) {
    const mine = tasks.filter((_, at) => at % nodes.length === first);
    for (const resource of ["cpu", "memory"]) {
      const total = mine.reduce((sum, { demand }) => sum + demand[resource], 0);
      for (const { demand } of mine) demand[resource] = Math.floor((100 * demand[resource] * fill * capacity[resource]) / total) / 100;
    }
  }
}
