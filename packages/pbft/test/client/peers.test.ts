import { peerId } from "@void-system/effects";
import { expect, test } from "vitest";
import { configuration } from "../../src/index.ts";
import { Peers } from "../../src/client/peers.ts";

const replicas = ["r0", "r1", "r2", "r3", "r4", "r5", "r6"];
const own = configuration({ replicas, f: 1, cluster: "test" });
const older = configuration({ replicas, f: 1, cluster: "test", checkpointInterval: 16 });

test("f+1 stale replicas do not stop a client while the others are a quorum", () => {
  const peers = new Peers(own);
  expect(own.quorum).toBe(5);
  for (const id of ["r0", "r1"]) peers.show(peerId(id), older.record);
  expect(peers.difference).toBeUndefined();
  peers.show(peerId("r2"), older.record);
  expect(peers.difference).toMatch(/checkpointInterval/);
  peers.show(peerId("r2"), own.record);
  expect(peers.difference).toBeUndefined();
});

test("replicas that each show something else stop nobody: f+1 must show the same", () => {
  const peers = new Peers(own);
  [16, 24, 32].forEach((checkpointInterval, index) => {
    peers.show(peerId(`r${index}`), configuration({ replicas, f: 1, cluster: "test", checkpointInterval }).record);
  });
  expect(peers.difference).toBeUndefined();
});
