/** Nodes that ask for more than their share. */
import { digest } from "@void-system/crypto";
import { peerId, verified } from "@void-system/effects";
import { expect, test, vi } from "vitest";
import type { Request } from "../../src/codec/batch.ts";
import { configuration } from "../../src/configuration.ts";
import { chunkHash, encodeManifest, manifestDigest } from "../../src/codec/manifest.ts";
import type { Message } from "../../src/codec/message.ts";
import { OPERATION_BYTES_MAX, PENDING_BYTES_MAX, SERVED_BYTES_MAX } from "../../src/limits.ts";
import { ReplicaCore } from "../../src/protocol/replica-core.ts";
import { RequestPool } from "../../src/protocol/request-pool.ts";
import { signCheckpoint, signProposal, signStatus, signVote } from "../../src/codec/signed.ts";
import { makeBatch } from "../../src/codec/batch.ts";
import { testPorts } from "../support/cluster.ts";
import { signedRequest } from "../support/messages.ts";

const names = ["a", "b", "c", "d"];
const cluster = configuration({ replicas: names, checkpointInterval: 1 });
const by = (name: string) => ({ cluster, index: names.indexOf(name), ports: testPorts(name) });
const now = { wallMs: 1_000_000, monotonicMs: 0 };
const CHUNK = new Uint8Array(1_000_000);

const requestOf = (client: string, number: number, bytes: number): Request =>
  signedRequest({ client, number, operation: new Uint8Array(bytes) }, cluster);

test("one client cannot fill the room for the requests of all", () => {
  const pool = new RequestPool();
  let taken = 0;
  for (let number = 1; number <= 200; number += 1) if (pool.add(requestOf("greedy", number, OPERATION_BYTES_MAX), 0)) taken += 1;
  expect(taken).toBeGreaterThanOrEqual(4);
  expect(taken * OPERATION_BYTES_MAX).toBeLessThanOrEqual(PENDING_BYTES_MAX / 4);
  expect(pool.add(requestOf("modest", 1, OPERATION_BYTES_MAX), 0)).toBe(true);
  for (let number = 1; number <= 200; number += 1) pool.delete(peerId("greedy"), number);
  expect(pool.add(requestOf("greedy", 201, OPERATION_BYTES_MAX), 0)).toBe(true);
});

function core(self: string, hashes = false) {
  const chunk = vi.fn<() => Uint8Array>(() => CHUNK);
  /** Of a chunk that arrived; and of one's own, known without it. */
  const hashed = vi.fn<(bytes: Uint8Array) => Uint8Array>((bytes) => chunkHash(digest, bytes));
  const known = chunkHash(digest, CHUNK);
  const machine = {
    ...(hashes && { chunkHash: hashed }),
    apply: (batch: readonly unknown[]) => batch.map(() => new Uint8Array(0)),
    root: () => new Uint8Array(32),
    snapshot: () => ({ chunks: 2, chunk, ...(hashes && { chunkHash: () => known }), release: () => undefined }),
    restore: (chunks: Iterable<Uint8Array>) => void [...chunks],
  };
  const replica = new ReplicaCore({ cluster, self: peerId(self), ports: testPorts(self), machine, tuning: { pipeline: 1 } });
  replica.start(true, now);
  const hear = (from: string, message: Message) => replica.step({ type: "message", from: peerId(from), message: verified(message) }, now);
  return { hear, chunk, hashed };
}

/** Executes a batch and makes its checkpoint stable. */
function checkpoint(hear: ReturnType<typeof core>["hear"], sequence: number): void {
  const batch = makeBatch({ physicalMs: now.wallMs, logical: sequence, proposer: 0 }, [requestOf("client", sequence, 1)], digest);
  const { signature } = signProposal(by("a"), 0, sequence, batch.digest);
  hear("a", { type: "pre-prepare", view: 0, sequence, batch, signature });
  for (const name of ["c", "d"]) hear(name, signVote(by(name), "prepare", 0, sequence, batch.digest));
  let state: Uint8Array | undefined;
  for (const name of ["a", "c", "d"]) {
    for (const output of hear(name, signVote(by(name), "commit", 0, sequence, batch.digest))) {
      if (output.type === "send" && output.message.type === "checkpoint") state = output.message.digest;
    }
  }
  if (state === undefined) expect.unreachable("no checkpoint was taken");
  for (const name of ["a", "c", "d"]) hear(name, signCheckpoint(by(name), sequence, state));
}

test.each([false, true])("a chunk of the state is not made for who has had his share, or has none (hashes known: %s)", (hashes) => {
  const { hear, chunk } = core("b", hashes);
  checkpoint(hear, 1);
  // A checkpoint makes no chunk whose hash the state machine knows.
  expect(chunk.mock.calls.length > 0).toBe(!hashes);

  chunk.mockClear();
  hear("observer", { type: "fetch-chunk", sequence: 1, index: 1 });
  expect(chunk).not.toHaveBeenCalled();
  for (let round = 0; round < 500; round += 1) hear("c", { type: "fetch-chunk", sequence: 1, index: 1 });
  expect(chunk.mock.calls.length).toBeLessThanOrEqual(SERVED_BYTES_MAX / CHUNK.length + 1);
});

test("a checkpoint is kept for who transfers it, while newer ones come", () => {
  const { hear } = core("b");
  const answers = (from: string, sequence: number): (string | undefined)[] =>
    hear(from, { type: "fetch-chunk", sequence, index: 1 }).flatMap((output) => (output.type === "send" ? [output.message.type] : []));
  checkpoint(hear, 1);
  expect(answers("c", 1)).toEqual(["chunk"]);
  for (const sequence of [2, 3, 4]) checkpoint(hear, sequence);
  expect(answers("c", 1)).toEqual(["chunk"]);
  expect(answers("d", 1)).toEqual(["stable"]);
});

test("chunks that nobody asked for are not answered with more requests", () => {
  const { hear, hashed } = core("b", true);
  const hashes = Array.from({ length: 20 }, (_, index) => chunkHash(digest, Uint8Array.of(index)));
  const manifest = encodeManifest({ configuration: cluster.record, sequence: 4, time: { physicalMs: 1, logical: 0, proposer: 0 }, root: new Uint8Array(32), sessionChunks: 0, hashes });
  const root = manifestDigest(digest, 4, manifest);
  const votes = ["a", "c", "d"].map((name) => ({ sender: names.indexOf(name), signature: signCheckpoint(by(name), 4, root).signature }));
  const asks = (outputs: ReturnType<typeof hear>) =>
    outputs.flatMap((output) => (output.type === "send" && output.message.type === "fetch-chunk" ? [{ to: output.to, index: output.message.index }] : []));
  hear("c", signStatus(by("c"), { view: 0, changing: false, complaining: false, stable: 4, lastExecuted: 40, slots: [] }));
  const asked = asks(hear("c", { type: "stable", certificate: { sequence: 4, digest: root, votes }, manifest }));
  expect(asked.length).toBeGreaterThan(0);
  const [first] = asked;
  const liar = ["a", "c", "d"].find((name) => name !== first?.to) ?? "";
  // Not the one who was asked: nothing follows from its lie.
  expect(asks(hear(liar, { type: "chunk", sequence: 4, index: first?.index ?? 0, bytes: Uint8Array.of(99) }))).toEqual([]);
  expect(asks(hear("observer", { type: "chunk", sequence: 4, index: first?.index ?? 0, bytes: Uint8Array.of(99) }))).toEqual([]);
  // The one who was asked: somebody else is.
  const next = asks(hear(String(first?.to), { type: "chunk", sequence: 4, index: first?.index ?? 0, bytes: Uint8Array.of(99) }));
  expect(next.some(({ to, index }) => index === first?.index && to !== first?.to)).toBe(true);
  // And only that one answer was looked at, however many come.
  for (let round = 0; round < 100; round += 1) {
    for (const name of [liar, String(first?.to)]) {
      if (next.some(({ to }) => to === name)) continue;
      hear(name, { type: "chunk", sequence: 4, index: first?.index ?? 0, bytes: Uint8Array.of(99) });
    }
  }
  expect(hashed).toHaveBeenCalledTimes(1);
});

test("who contradicts himself all the time does not fill the log with it", () => {
  const { hear } = core("b");
  let reports = 0;
  for (let round = 0; round < 1_000; round += 1) {
    const vote = signVote(by("c"), "commit", 0, 1, new Uint8Array(32).fill(round % 2));
    for (const output of hear("c", vote)) if (output.type === "report" && output.event === "pbft.equivocation") reports += 1;
  }
  expect(reports).toBe(9);
});
