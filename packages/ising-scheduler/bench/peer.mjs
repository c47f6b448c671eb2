/**
 * npm `simulated-annealing` on the same problem for the same CPU time. It takes no change of energy, so each step computes
 * the energy from nothing: cut links, balance, and overload at a price that no link is worth.
 */
// Installed by `prebench`, so that the workspace does not depend on it.
const { default: simulatedAnnealing } = await import(["simulated", "annealing"].join("-"));

const OVERLOAD = 300;
const HOTTEST = 1;
/** Steps between two looks at the CPU time. */
const STEPS = 16;

export function peerPlacement({ tasks, nodes, links }, cpuMs) {
  const energy = energyOf(tasks, nodes, links);
  const beganAt = process.cpuUsage();
  let steps = 0;
  const { place } = simulatedAnnealing({
    initialState: withEnergy(Int32Array.from(tasks, (_, at) => at % nodes.length), energy),
    tempMax: HOTTEST,
    tempMin: 1e-9,
    newState({ place }) {
      const next = place.slice();
      next[Math.floor(Math.random() * next.length)] = Math.floor(Math.random() * nodes.length);
      return withEnergy(next, energy);
    },
    getTemp(temperature) {
      if (++steps % STEPS > 0) return temperature;
      const { user, system } = process.cpuUsage(beganAt);
      return HOTTEST * Math.max(0, 1 - (user + system) / 1_000 / cpuMs) ** 2;
    },
    getEnergy: (state) => state.energy,
  });
  return Object.fromEntries(tasks.map(({ id }, at) => [id, nodes[place[at]].id]));
}

function withEnergy(place, energy) {
  return { place, energy: energy(place) };
}

function energyOf(tasks, nodes, links) {
  const index = new Map(tasks.map(({ id }, at) => [id, at]));
  const from = Int32Array.from(links, ({ a }) => index.get(a));
  const to = Int32Array.from(links, ({ b }) => index.get(b));
  const weight = Float64Array.from(links, (link) => link.weight);
  const resources = Object.keys(nodes[0].capacity);
  const demand = resources.map((r) => Float64Array.from(tasks, (task) => task.demand[r]));
  const capacity = resources.map((r) => Float64Array.from(nodes, (node) => node.capacity[r]));
  const mean = resources.map((_, r) => demand[r].reduce((a, b) => a + b, 0) / capacity[r].reduce((a, b) => a + b, 0));
  const load = new Float64Array(nodes.length);
  return (place) => {
    let energy = 0;
    for (let at = 0; at < weight.length; at++) if (place[from[at]] !== place[to[at]]) energy += weight[at];
    for (let r = 0; r < resources.length; r++) {
      load.fill(0);
      for (let task = 0; task < place.length; task++) load[place[task]] += demand[r][task];
      for (let node = 0; node < load.length; node++) {
        const used = load[node] / capacity[r][node];
        energy += (used - mean[r]) ** 2 + OVERLOAD * Math.max(0, used - 1);
      }
    }
    return energy;
  };
}
