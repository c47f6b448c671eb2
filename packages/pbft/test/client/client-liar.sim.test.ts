/** A client whose key is known, and that wants the replicas to blame their primary. */
import { digest } from "@void-system/crypto";
import { peerId, type World } from "@void-system/effects";
import { expect, test } from "vitest";
import type { Request } from "../../src/codec/batch.ts";
import { keyValueOperations } from "../support/key-value-machine.ts";
import { OVERDUE_REQUESTS_MAX, SESSION_WINDOW } from "../../src/limits.ts";
import { messageCodec } from "../../src/codec/message-codec.ts";
import { TestCluster } from "../support/cluster.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";
import { cluster as configuration, signedRequest } from "../support/messages.ts";

const liar = peerId("liar");

function request(number: number, cluster = configuration): Request {
  return signedRequest({ client: liar, number, operation: keyValueOperations.encode({ op: "write", key: "k", value: number }) }, cluster);
}

test("requests that a client sends to the backups alone do not change the view", () => {
  const cluster = new TestCluster({ seed: 5, clients: 1, tuning: { pipeline: 1, batchRequestsMax: 2 } });
  const codec = messageCodec(cluster.configuration, digest);
  cluster.simulation.node(liar, ({ clock, network }: World) => {
    network.onFrame(() => undefined);
    const first = clock.wallMs() * 1_000;
    let toPrimary = first;
    const flood = (requests: number): void => {
      for (let count = 0; count < requests; count += 1)
        network.send(peerId("r0"), codec.encode(request(toPrimary++, cluster.configuration)));
      // More than it can execute.
      clock.schedule(50, () => flood(10));
    };
    clock.schedule(50, () => flood(1_200));
    // Once its share at the primary is full: one that the session window does not drop as the others are executed.
    clock.schedule(500, () => {
      const frame = codec.encode(request(first + 2_000_000_000, cluster.configuration));
      for (const backup of ["r1", "r2", "r3"]) network.send(peerId(backup), frame);
    });
  });
  cluster.startAll();
  cluster.simulation.start(liar);
  cluster.simulation.run({ untilMs: 100 });
  for (let round = 0; round < 8; round += 1) {
    cluster.submit("c0", { op: "write", key: "honest", value: round });
    cluster.simulation.run({ forMs: 600 });
  }
  expect(cluster.settled()).toBe(true);
  expect(cluster.check()).toEqual([]);
  for (const id of cluster.ids) expect(cluster.standing(id)).toMatchObject({ view: 0, inViewChange: false });
});

test("a backup passes on again what has waited for half of its view timeout, so much at a time", () => {
  const desk = new ReplicaDesk(1);
  for (let number = 1; number <= OVERDUE_REQUESTS_MAX + 1; number += 1) desk.receive(request(number), liar);
  desk.clear().timer("status", 49);
  expect(desk.sent("request")).toEqual([]);
  desk.clear().timer("status", 50);
  expect(desk.sent("request").map(({ number }) => number)).toEqual(Array.from({ length: OVERDUE_REQUESTS_MAX }, (_, at) => at + 1));
  const primary = new ReplicaDesk(0, { pipeline: 1 });
  primary.receive(request(1), liar).receive(request(2), liar).clear().timer("status", 1_000);
  expect(primary.sent("request")).toEqual([]);
});

test("at the primary it takes the place of the client's newest", () => {
  const primary = new ReplicaDesk(0, { pipeline: 1, batchRequestsMax: 1 });
  for (let number = 1; number <= SESSION_WINDOW; number += 1) primary.receive(request(number), liar);
  expect(primary.core.standing().pendingRequests).toBe(SESSION_WINDOW);
  const proposed = primary.sent("pre-prepare").length;
  expect(primary.receive(request(5_000), liar).core.standing().counters.droppedRequests).toBe(1);
  expect(primary.receive(request(5_001), "r2").core.standing().counters.droppedRequests).toBe(1);
  expect(primary.core.standing().pendingRequests).toBe(SESSION_WINDOW);
  // The one that made room comes again: there is none left for it.
  expect(primary.receive(request(SESSION_WINDOW), liar).core.standing().counters.droppedRequests).toBe(2);
  expect(primary.sent("pre-prepare")).toHaveLength(proposed);
});
