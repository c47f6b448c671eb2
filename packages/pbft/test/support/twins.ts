/**
 * Twins (Bano et al., 2020): two correct copies of one replica under one identity, each with its own log. Each of the others talks with one
 * of them, or with both, redrawn again and again, so the identity says two things of one place as only a liar does, and yet
 * each of them is plausible.
 */
import { SeededRandom, type Network, type PeerId, type World } from "@void-system/effects";
import { replica } from "../../src/index.ts";
import { testPorts, type TestCluster } from "./cluster.ts";
import { KeyValueMachine } from "./key-value-machine.ts";

type Handle = (from: PeerId, frame: Uint8Array) => void;

/** Time after which it is redrawn who talks with which of the two. */
const EPOCH_MS = 700;
const BOTH = [0, 1] as const;

/** Two copies of a replica, to boot in its place. */
export const twins =
  (seed: number) =>
  (world: World, of: TestCluster): "boots itself" => {
    const { self } = world.network;
    const handlers: (Handle | undefined)[] = [];
    const sidesOf = (peer: PeerId): readonly number[] => {
      const epoch = Math.floor(of.simulation.now / EPOCH_MS);
      // Each has clients of its own, so that they propose different requests. Most replicas hear both.
      const client = of.clientIds.indexOf(peer);
      if (client >= 0) return [(client + epoch) % 2];
      const random = new SeededRandom(seed * 1_000 + epoch).split(peer);
      return random.chance(0.6) ? BOTH : [random.below(2)];
    };
    world.network.onFrame((from, frame) => {
      for (const side of from === self ? BOTH : sidesOf(from)) handlers[side]?.(from, frame);
    });
    for (const side of BOTH) {
      const network: Network = {
        self,
        send: (to, frame) => (sidesOf(to).includes(side) ? world.network.send(to, frame) : "sent"),
        onLink: (handle) => world.network.onLink(handle),
        dial: (peer, address) => world.network.dial(peer, address),
        hangUp: (peer) => world.network.hangUp(peer),
        onFrame(handle) {
          handlers[side] = handle;
          return () => void (handlers[side] = undefined);
        },
      };
      const { configuration: cluster } = of;
      const tuning = { statusMs: 100, pipeline: 4, batchRequestsMax: 4 };
      replica({ world, network, cluster, ports: testPorts(self), machine: new KeyValueMachine(), name: `twin${side}`, tuning, fatal: () => undefined });
    }
    return "boots itself";
  };
