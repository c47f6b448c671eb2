/** Evidence of lies: kept, shown, checked by anybody. That it never names a correct replica is checked in every simulated run. */
import { digest, ed25519, generateKey, verifyEvidence, type Signer } from "@void-system/crypto";
import { lsn, peerId, verified } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { signCheckpoint, signNewView, signProposal, signViewChange, signVote, type Signing } from "../../src/codec/signed.ts";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { ReplicaCore, type Evidence, type Message } from "../../src/index.ts";
import { KeyValueMachine } from "../support/key-value-machine.ts";
import { testPorts } from "../support/cluster.ts";
import { batch, cluster, committed, replicaOf } from "../support/messages.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

const signers: readonly Signer[] = cluster.replicas.map(() => ed25519.signer(generateKey("ed25519")));
const keys = { cluster: cluster.cluster, number: 0, f: 1, replicas: signers.map(({ publicKey }) => ed25519.loadPublicKey(publicKey)) };
const by = (index: number): Signing => ({ cluster, index, ports: { sign: (bytes) => signers[index]!.sign(bytes) } });
const [a, b] = [batch(1_001), batch(1_002)];
const prePrepare = (of: typeof a, view = 0): Message => {
  const { signature } = signProposal(by(view), view, 1, of.digest);
  return { type: "pre-prepare", view, sequence: 1, batch: of, signature };
};

/** Evidence that replica 2 has after it heard all this. */
function evidenceOf(...heard: readonly Message[]): readonly Evidence[] {
  const ports = { sign: by(2).ports.sign, digest };
  const core = new ReplicaCore({ cluster, self: peerId("r2"), ports, machine: new KeyValueMachine() });
  const now = { wallMs: 1_000, monotonicMs: 0 };
  core.start(true, now);
  for (const message of heard) core.step({ type: "message", from: peerId("r0"), message: verified(message) }, now);
  return core.standing().evidence;
}

describe("two statements about one place convict who signed them:", () => {
  const changes = [0, 1, 3].map((index) => signViewChange(by(index), 1, BEGINNING, []));
  const inView1 = signNewView(by(1), 1, changes, []);
  test.each<[string, readonly Message[], Omit<Evidence, "bytes">]>([
    ["proposals", [prePrepare(a), prePrepare(b)], { culprit: peerId("r0"), kind: "pre-prepare", view: 0, sequence: 1 }],
    ["proposals, the first of which waits", [0, 0].map((_, index) => ({ ...prePrepare([a, b][index]!), sequence: 2, signature: signProposal(by(0), 0, 2, [a, b][index]!.digest).signature }) as Message), { culprit: peerId("r0"), kind: "pre-prepare", view: 0, sequence: 2 }],
    ["proposals of a later view", [inView1, prePrepare(batch(1, 1_000, 1), 1), prePrepare(batch(2, 1_000, 1), 1)], { culprit: peerId("r1"), kind: "pre-prepare", view: 1, sequence: 1 }],
    ["PREPAREs", [a, b].map((of) => signVote(by(3), "prepare", 0, 1, of.digest)), { culprit: peerId("r3"), kind: "prepare", view: 0, sequence: 1 }],
    ["COMMITs", [b, a].map((of) => signVote(by(3), "commit", 0, 5, of.digest)), { culprit: peerId("r3"), kind: "commit", view: 0, sequence: 5 }],
    ["CHECKPOINTs", [a, b].map((of) => signCheckpoint(by(1), 8, of.digest)), { culprit: peerId("r1"), kind: "checkpoint", view: 0, sequence: 8 }],
  ])("%s", (_, heard, expected) => {
    const [evidence, ...more] = evidenceOf(...heard);
    expect(more).toEqual([]);
    expect(evidence).toMatchObject(expected);
    const { culprit, ...place } = expected;
    expect(verifyEvidence(evidence!.bytes, keys)).toEqual({
      valid: true,
      ...place,
      culprit: { index: cluster.replicas.indexOf(culprit), incarnation: 0 },
    });
  });

  test("one piece is kept of each replica, however often it lies", () => {
    const lies = [0, 1, 3].flatMap((index) =>
      Array.from({ length: 50 }, (_, round) => signVote(by(index), round % 2 ? "prepare" : "commit", 0, 1 + (round % 8), digest(Uint8Array.of(round)))),
    );
    expect(evidenceOf(...lies, ...lies.toReversed()).map(({ culprit }) => culprit).sort()).toEqual(["r0", "r1", "r3"]);
  });

  test("the same statement twice, of another kind, view or place, convicts nobody", () => {
    const vote = signVote(by(3), "commit", 0, 1, a.digest);
    expect(
      evidenceOf(
        vote,
        vote,
        signVote(by(3), "prepare", 0, 1, b.digest),
        signVote(by(3), "commit", 0, 2, b.digest),
        signVote(by(3), "commit", 1, 1, b.digest),
        signVote(by(1), "commit", 0, 1, b.digest),
      ),
    ).toEqual([]);
  });

  test("it is kept over a restart, in the log and in a checkpoint, and shown as the same bytes", () => {
    const liar = replicaOf(3);
    const desk = new ReplicaDesk(2);
    for (const of of [a, b]) desk.receive(signVote(liar, "commit", 0, 5, of.digest));
    const found = desk.core.standing().evidence;
    expect(found).toMatchObject([{ culprit: "r3", kind: "commit", view: 0, sequence: 5 }]);
    const restarted = new ReplicaDesk(2, {}, desk.records);
    expect(restarted.core.standing().evidence).toEqual(found);
    // It is not written again when the liar goes on.
    for (const of of [a, b]) restarted.receive(signVote(liar, "commit", 0, 6, of.digest));
    expect(restarted.records.filter(({ type }) => type === "evidence")).toHaveLength(1);
    const slots = Array.from({ length: 8 }, (_, index) => {
      const of = batch(1_001 + index, 1_001 + index);
      return { certificate: committed(0, index + 1, of), batch: of };
    });
    const state = restarted.clear().receive({ type: "slots", slots }, "r0").sent("checkpoint")[0]!.digest;
    for (const sender of [0, 1, 3]) restarted.receive(signCheckpoint(replicaOf(sender), 8, state));
    const chunks = restarted.outputs.flatMap((output) => (output.type === "checkpoint" ? [...output.chunks] : []));
    const core = new ReplicaCore({ cluster, self: peerId("r2"), ports: testPorts("r2"), machine: new KeyValueMachine() });
    core.restore(lsn(100), chunks);
    expect(core.standing()).toMatchObject({ stableCheckpoint: 8, evidence: found });
  });
});
