import { ed25519, generateKey, signPeerRecord } from "@void-system/crypto";
import { memoryHub, type Network, peerId } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { memory } from "../src/index.ts";
import { dialingCompliance, networkCompliance, QUEUE_BYTES, transportCompliance, until } from "./compliance.ts";
import { node, openAll, openNode } from "./nodes.ts";

transportCompliance("memory", async (names) => {
  const hub = memoryHub({ linkBytesMax: QUEUE_BYTES });
  return names.map((name) => memory({ self: peerId(name), hub }));
});

transportCompliance("tls", (names) => openAll(names, { limits: { frameBytes: 64 * 1024, queueBytes: QUEUE_BYTES } }));

dialingCompliance("memory", {
  until,
  open: async (names) => {
    const hub = memoryHub({ dialed: true });
    return names.map((name) => {
      const network = memory({ self: peerId(name), hub });
      return { network, address: "", leave: () => network.close(500) };
    });
  },
});

dialingCompliance("tls", {
  until,
  open: async (names) => {
    const issuer = ed25519.signer(generateKey("ed25519"));
    return Promise.all(
      names.map(async (name) => {
        const self = await node(name);
        const fields = { name, key: self.publicKey, addresses: [], network: "test", expiresMs: Date.now() + 60_000 };
        const network = await openNode(self, { records: { own: signPeerRecord(issuer, fields), issuers: [issuer.publicKey] } });
        return { network, address: `${network.address!.host}:${network.address!.port}`, leave: () => network.close(500) };
      }),
    );
  },
});

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

for (const seed of [1, 2, 3]) {
  let simulation: Simulation;
  dialingCompliance(`a simulation of seed ${seed}`, {
    until: async (holds) => simulation.runUntil(holds),
    open: async (names) => {
      simulation = new Simulation({ seed, network: { linked: () => [] } });
      const networks = new Map<string, Network>();
      for (const name of names) {
        simulation.node(name, ({ network }) => void networks.set(name, network));
        simulation.start(name);
      }
      simulation.runUntil(() => networks.size === names.length);
      return names.map((name) => ({ network: networks.get(name)!, address: "", leave: () => simulation.crash(name) }));
    },
  });
}
