/** Incidents of other implementations that no other test repeats; see `test/bugs`. */
import { digest } from "@void-system/crypto";
import { peerId, type Network, type World } from "@void-system/effects";
import { expect, test } from "vitest";
import { makeBatch, type Batch } from "../../src/codec/batch.ts";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { messageCodec } from "../../src/codec/message-codec.ts";
import type { CheckpointVote, FetchChunk, Message, StableAnswer } from "../../src/codec/message.ts";
import { signCheckpoint, signProposal, signStatus, signViewChange, signVote } from "../../src/codec/signed.ts";
import { TestCluster } from "../support/cluster.ts";
import { batch, committed, departure, prepared, replicaOf, request, viewChange } from "../support/messages.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

const prePrepare = (sequence: number, of: Batch): Message => ({
  type: "pre-prepare",
  view: 0,
  sequence,
  batch: of,
  signature: signProposal(replicaOf(0), 0, sequence, of.digest).signature,
});
const a = batch(1_001);
const b = batch(1_002, 1_001);

test("a VIEW-CHANGE with an invalid certificate keeps no view from beginning", () => {
  /** r0 proposes nothing, and asks r1 for its view, before the others do, with a certificate that it has made up. */
  const forger = (world: World, of: TestCluster): Network => {
    const codec = messageCodec(of.configuration, digest);
    const forged = { ...prepared(0, 1, a), signature: new Uint8Array(64) };
    const asked = codec.encode(signViewChange({ ...replicaOf(0), cluster: of.configuration }, 1, BEGINNING, [forged]));
    return {
      self: world.network.self,
      onFrame: (handle) =>
        world.network.onFrame((from, frame) => {
          const decoded = codec.decode(frame);
          if (decoded.ok && decoded.value.type === "departure") world.network.send(peerId("r1"), asked);
          handle(from, frame);
        }),
      onLink: (handle) => world.network.onLink(handle),
      dial: (peer, address) => world.network.dial(peer, address),
      hangUp: (peer) => world.network.hangUp(peer),
      send(to, frame) {
        const decoded = codec.decode(frame);
        const isKept = decoded.ok && (decoded.value.type === "pre-prepare" || decoded.value.type === "view-change");
        return isKept ? "sent" : world.network.send(to, frame);
      },
    };
  };
  const cluster = new TestCluster({ seed: 2, network: { maxDelayMs: 1 }, disk: { syncMinMs: 10, syncMaxMs: 12 }, hostile: { r0: forger } });
  cluster.startAll();
  cluster.simulation.run({ untilMs: 30 });
  cluster.submit("c0", { op: "write", key: "k", value: 1 });
  cluster.simulation.runUntil(() => cluster.settled(), { deadlineMs: 3_000 });
  expect(cluster.check()).toEqual([]);
  for (const id of cluster.correct) expect(cluster.standing(id)).toMatchObject({ view: 1, inViewChange: false });
});

test("a primary proposes again, in its next view, what it had proposed and nobody prepared", () => {
  const desk = new ReplicaDesk(0).receive(request(5), "c0");
  expect(desk.sent("pre-prepare")).toMatchObject([{ view: 0, sequence: 1 }]);
  desk.clear().receive(departure(3)).receive(viewChange(2, 4)).receive(viewChange(3, 4)).loop();
  const [proposal] = desk.sent("pre-prepare");
  expect(proposal).toMatchObject({ view: 4, sequence: 1, batch: { requests: [{ number: 5 }] } });
});

test("a replica that waits for a view executes what the others have committed", () => {
  const desk = new ReplicaDesk(1).receive(departure(0));
  desk.receive({ type: "slots", slots: [{ certificate: committed(0, 1, a), batch: a }] });
  expect(desk.core.standing()).toMatchObject({ inViewChange: true, lastExecuted: 1 });
});

test("a proposal that is not committed in time is complained of, whoever knows its requests", () => {
  const desk = new ReplicaDesk(1).receive(prePrepare(1, a)).loop().clear().timer("request", 100);
  expect(desk.sent("complaint")).toMatchObject([{ view: 0 }]);
});

test("what is committed and waits for an earlier batch is carried into the next view", () => {
  const desk = new ReplicaDesk(1).receive(prePrepare(1, a)).receive(prePrepare(2, b));
  for (const sender of [2, 3]) desk.receive(signVote(replicaOf(sender), "prepare", 0, 2, b.digest));
  for (const sender of [0, 2, 3]) desk.receive(signVote(replicaOf(sender), "commit", 0, 2, b.digest));
  desk.clear().receive(departure(0));
  expect(desk.core.standing().lastExecuted).toBe(0);
  expect(desk.sent("view-change")[0]?.prepared).toMatchObject([{ sequence: 2, digest: b.digest }]);
});

test("a state transfer does not put back a replica that has executed past it", () => {
  const batches = Array.from({ length: 9 }, (_, at) => makeBatch({ physicalMs: 1_001 + at, logical: 0, proposer: 0 }, [request(2_000 + at)], digest));
  const slots = batches.map((of, at) => ({ certificate: committed(0, at + 1, of), batch: of }));
  // The state of another replica after the first eight, and the answers of that replica.
  const other = new ReplicaDesk(2).receive({ type: "slots", slots: slots.slice(0, 8) });
  const [{ digest: state }] = other.sent("checkpoint") as [CheckpointVote];
  for (const sender of [0, 3]) other.receive(signCheckpoint(replicaOf(sender), 8, state));
  other.loop().receive({ type: "fetch-chunk", sequence: 1, index: 0 }, "r1");
  const [stable] = other.sent("stable") as [StableAnswer];

  const desk = new ReplicaDesk(1);
  desk.receive(signStatus(replicaOf(2), { view: 0, changing: false, complaining: false, stable: 8, lastExecuted: 9, slots: [] }), "r2");
  desk.receive(stable, "r2");
  const [question] = desk.sent("fetch-chunk") as [FetchChunk];
  desk.receive({ type: "slots", slots }, "r3");
  expect(desk.core.standing().lastExecuted).toBe(9);
  for (const asked of ["r0", "r2", "r3"]) for (const chunk of other.clear().receive(question, "r1").sent("chunk")) desk.receive(chunk, asked);
  expect(desk.core.standing()).toMatchObject({ lastExecuted: 9, counters: { transfers: 0 } });
});
