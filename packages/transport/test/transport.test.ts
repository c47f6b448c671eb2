import { memoryHub, type Network, peerId } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { memory } from "../src/index.ts";
import { networkCompliance, QUEUE_BYTES, transportCompliance } from "./compliance.ts";
import { openAll } from "./nodes.ts";

transportCompliance("memory", async (names) => {
  const hub = memoryHub({ linkBytesMax: QUEUE_BYTES });
  return names.map((name) => memory({ self: peerId(name), hub }));
});

transportCompliance("tls", (names) => openAll(names, { limits: { frameBytes: 64 * 1024, queueBytes: QUEUE_BYTES } }));

// What the protocols meet in simulations is what they meet on sockets: the same tests, on virtual time.
for (const seed of [1, 2, 3]) {
  let simulation: Simulation;
  networkCompliance(`a simulation of seed ${seed}`, {
    until: async (holds) => simulation.runUntil(holds),
    open: async (names) => {
      simulation = new Simulation({ seed, network: { linkBytesMax: QUEUE_BYTES } });
      const networks = new Map<string, Network>();
      for (const name of names) {
        simulation.node(name, ({ network }) => void networks.set(name, network));
        simulation.start(name);
      }
      simulation.runUntil(() => networks.size === names.length);
      return names.map((name) => ({ network: networks.get(name)!, leave: () => simulation.crash(name) }));
    },
  });
}
