/** A replica and a client on one node: no frame goes to the node itself, and nothing that it has signed is verified there. */
import type { Network } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { expect, test } from "vitest";
import { client, configuration, replica, type HostedClient, type Outcome, type Ports, type StateMachine } from "../../src/index.ts";
import { testPorts } from "../support/cluster.ts";

const ids = ["a", "b", "c", "d"];
const cluster = configuration({ replicas: ids, viewTimeoutMs: 300 });

/** Answers each operation with a copy of it that it also keeps. */
class Keeper implements StateMachine {
  readonly kept: Uint8Array[] = [];
  apply(batch: Parameters<StateMachine["apply"]>[0]): readonly Uint8Array[] {
    return batch.map(({ operation }) => {
      const copy = operation.slice();
      this.kept.push(copy);
      return copy;
    });
  }
  root(): Uint8Array {
    return Uint8Array.of(this.kept.length);
  }
  snapshot(): ReturnType<StateMachine["snapshot"]> {
    const state = this.root();
    return { chunks: 1, chunk: () => state, release() {} };
  }
  restore(): void {}
}

function nodes(): { simulation: Simulation; clients: Map<string, HostedClient>; machines: Map<string, Keeper>; ownFrames: string[]; ownVerified: string[] } {
  const simulation = new Simulation({ seed: 2, network: { minDelayMs: 0.5, maxDelayMs: 2 } });
  const made = { simulation, clients: new Map<string, HostedClient>(), machines: new Map<string, Keeper>(), ownFrames: [] as string[], ownVerified: [] as string[] };
  const fatal = (cause: Error): never => {
    throw cause;
  };
  for (const id of ids) {
    simulation.node(id, (world) => {
      const network: Network = {
        self: world.network.self,
        send(to, frame) {
          if (to === world.network.self) made.ownFrames.push(id);
          return world.network.send(to, frame);
        },
        onFrame: (handle) => world.network.onFrame(handle),
        onLink: (handle) => world.network.onLink(handle),
        dial: (peer, address) => world.network.dial(peer, address),
        hangUp: (peer) => world.network.hangUp(peer),
      };
      const plain = testPorts(id);
      const ports: Ports = {
        ...plain,
        verify(signer, bytes, signature) {
          if (signer === id) made.ownVerified.push(id);
          return plain.verify(signer, bytes, signature);
        },
      };
      const machine = new Keeper();
      const common = { world, network, cluster, ports, fatal };
      replica({ ...common, machine });
      made.clients.set(id, client(common));
      made.machines.set(id, machine);
      return undefined;
    });
    simulation.start(id);
  }
  simulation.run({ untilMs: 100 });
  return made;
}

test.each(["a", "b"])("a request at %s, the primary or a backup, costs no frame to itself and no verification of its own signature", (at) => {
  const { simulation, clients, ownFrames, ownVerified } = nodes();
  // Once by the replica and once by the client, when they start.
  expect(ownVerified.sort()).toEqual(ids.flatMap((id) => [id, id]));
  ownVerified.length = 0;
  const outcomes: Outcome[] = [];
  for (let value = 0; value < 20; value += 1) clients.get(at)!.submit(Uint8Array.of(value), (outcome) => outcomes.push(outcome));
  simulation.runUntil(() => outcomes.length === 20, { deadlineMs: 5_000 });
  simulation.run({ forMs: 100 });
  expect(outcomes.map(({ type }) => type)).toEqual(outcomes.map(() => "ok"));
  expect({ ownFrames, ownVerified }).toEqual({ ownFrames: [], ownVerified: [] });
});

test("neither the operation nor the result is shared with the program: it may change both", () => {
  const { simulation, clients, machines } = nodes();
  let done = 0;
  const sent: number[] = [];
  for (let value = 0; value < 10; value += 1) {
    for (const one of clients.values()) {
      const operation = Uint8Array.of(value);
      sent.push(value);
      one.submit(operation, (outcome) => {
        done += 1;
        if (outcome.type === "ok") outcome.result[0] = 200;
      });
      operation[0] = 100;
    }
  }
  simulation.runUntil(() => done === sent.length, { deadlineMs: 5_000 });
  simulation.run({ forMs: 100 });
  for (const { kept } of machines.values()) expect(kept.map(([byte]) => byte).sort()).toEqual(sent.sort());
});
