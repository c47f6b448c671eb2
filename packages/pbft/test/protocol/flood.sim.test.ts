/** A liar that wants the threads of the others, and the cost of an operation without one. */
import { digest } from "@void-system/crypto";
import { peerId, type Network, type World } from "@void-system/effects";
import { expect, test } from "vitest";
import { makeBatch, type Request } from "../../src/codec/batch.ts";
import { encodeMessage } from "../../src/codec/message-codec.ts";
import { signProposal, signVote } from "../../src/codec/signed.ts";
import { charged } from "../support/charged.ts";
import { TestCluster } from "../support/cluster.ts";
import { cluster as configuration, replicaOf, signedRequest } from "../support/messages.ts";

/** As much as the cluster allows in a batch, signed by the liar itself, as primary of one of its views. */
function heavyFrames(of: TestCluster, view: number, sequence: number): Uint8Array[] {
  const self = peerId("r3");
  const operation = new Uint8Array(0);
  return [1, 2, 3].map((round) => {
    const requests = Array.from({ length: of.configuration.batchRequestsMax }, (_, index): Request => {
      const number = round * 10_000 + index;
      return signedRequest({ client: self, number, operation }, of.configuration);
    });
    const batch = makeBatch({ physicalMs: round, logical: 0, proposer: 3 }, requests, digest);
    const { signature } = signProposal({ ...replicaOf(3), cluster: of.configuration }, view, sequence, batch.digest);
    return encodeMessage(of.configuration, { type: "pre-prepare", view, sequence, batch, signature });
  });
}

/** Requests whose signatures are not their client's: each must be verified to be refused. */
function badRequests(): Uint8Array[] {
  return Array.from({ length: 50 }, (_, number) =>
    encodeMessage(configuration, { ...signedRequest({ client: "c0", number, operation: new Uint8Array(8) }), signature: new Uint8Array(64) }),
  );
}

const FLOODS = {
  none: () => [],
  "batches of a far view": (of: TestCluster) => heavyFrames(of, 4_000_003, 9_000_000),
  "batches of a later view": (of: TestCluster) => heavyFrames(of, 3, 1),
  "votes of far views": () =>
    Array.from({ length: 50 }, (_, at) => encodeMessage(configuration, signVote(replicaOf(3), "commit", 4_000 + at, 1, digest(Uint8Array.of(at))))),
  "requests with bad signatures": badRequests,
} satisfies Record<string, (of: TestCluster) => Uint8Array[]>;

/** The bytes of the flood that each other replica gets in a millisecond; 0.83 MB/s once held their only threads. */
const FLOOD_BYTES_PER_MS = 1_000;

/** Writes, one after the other, beside a liar that floods the other replicas. */
function beside(flood: keyof typeof FLOODS): { readonly count: number; readonly p99Ms: number; readonly violations: readonly string[] } {
  const attack = (world: World, of: TestCluster): Network => {
    const frames = FLOODS[flood](of);
    let at = 0;
    let owed = 0;
    const send = (): void => {
      for (owed += FLOOD_BYTES_PER_MS * 10; owed > 0 && frames.length > 0; at += 1) {
        const frame = frames[at % frames.length]!;
        owed -= frame.length;
        for (const id of ["r0", "r1", "r2"]) world.network.send(peerId(id), frame);
      }
      world.clock.schedule(10, send);
    };
    world.clock.schedule(10, send);
    return world.network;
  };
  const cluster = new TestCluster({
    seed: 3,
    clients: 1,
    cpu: {},
    network: { minDelayMs: 0.5, maxDelayMs: 2 },
    ports: charged,
    hostile: { r3: attack },
  });
  cluster.startAll();
  const { simulation } = cluster;
  simulation.run({ untilMs: 30 });
  const found: number[] = [];
  while (simulation.now < 400) {
    const before = simulation.now;
    cluster.submit("c0", { op: "write", key: "k", value: found.length });
    simulation.runUntil(() => cluster.settled(), { deadlineMs: 10_000 });
    found.push(simulation.now - before);
  }
  found.sort((a, b) => a - b);
  return { count: found.length, p99Ms: found[Math.floor(found.length * 0.99)] ?? 0, violations: cluster.check() };
}

test("a replica that floods the others leaves half of the throughput, and at most triples the slowest latency", () => {
  const calm = beside("none");
  for (const flood of Object.keys(FLOODS) as (keyof typeof FLOODS)[]) {
    const { count, p99Ms, violations } = beside(flood);
    expect(violations, flood).toEqual([]);
    expect(count, flood).toBeGreaterThanOrEqual(calm.count / 2);
    expect(p99Ms, flood).toBeLessThanOrEqual(3 * calm.p99Ms);
  }
});

test("one operation in flight costs at most 24 verifications over four replicas and a client", () => {
  let verifications = 0;
  const cluster = new TestCluster({
    seed: 4,
    clients: 1,
    checkpointInterval: 128,
    network: { minDelayMs: 0.5, maxDelayMs: 2 },
    ports: (ports) => ({
      ...ports,
      verify(signer, bytes, signature) {
        verifications += 1;
        return ports.verify(signer, bytes, signature);
      },
    }),
  });
  cluster.startAll();
  cluster.simulation.run({ untilMs: 500 });
  const OPERATIONS = 128;
  verifications = 0;
  for (let value = 0; value < OPERATIONS; value += 1) {
    cluster.submit("c0", { op: "write", key: "k", value });
    cluster.simulation.runUntil(() => cluster.settled(), { deadlineMs: 5_000 });
  }
  cluster.simulation.run({ forMs: 20 });
  expect(cluster.check()).toEqual([]);
  expect(verifications / OPERATIONS).toBeLessThanOrEqual(24);
});
