/** Messages of every kind, signed by the test's keys; for the codec, the vectors and the authentication. */
import { digest, resultLeaf, resultTree } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { makeBatch, NULL_BATCH, type Batch, type Request } from "../../src/codec/batch.ts";
import type { CommitCertificate, PreparedCertificate, StableCertificate } from "../../src/codec/certificate.ts";
import { configuration, type Configuration } from "../../src/configuration.ts";
import { encodeManifest, manifestDigest } from "../../src/codec/manifest.ts";
import { HintReason, type Departure, type Message, type NewView, type Reply, type Result, type ViewChange } from "../../src/codec/message.ts";
import { planNewView, type NewViewPlan } from "../../src/protocol/new-view-plan.ts";
import {
  signCheckpoint,
  signComplaint,
  signNewView,
  signProposal,
  signExecuted,
  signStatus,
  signViewChange,
  signVote,
  type Signing,
} from "../../src/codec/signed.ts";
import { requestStatement } from "../../src/codec/signing.ts";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { testPorts } from "./cluster.ts";

export const cluster: Configuration = configuration({
  replicas: ["r0", "r1", "r2", "r3"],
  cluster: "test",
  checkpointInterval: 8,
  viewTimeoutMs: 100,
});

/** Replica `index` as a signer. */
export const replicaOf = (index: number): Signing => ({ cluster, index, ports: testPorts(`r${index}`) });

/** A request of any client, valid for ever unless it is told otherwise. */
export function signedRequest(
  given: Pick<Request, "number" | "operation"> & Partial<Omit<Request, "client">> & { readonly client: string },
  of: Configuration = cluster,
): Request {
  const client = peerId(given.client);
  const signed = { machine: 0, isProven: false, notAfterMs: Number.MAX_SAFE_INTEGER, lowest: 0, ...given, client };
  return { type: "request", ...signed, signature: testPorts(client).sign(requestStatement(of, signed)) };
}

export function request(number: number, text = "op", client = "c0"): Request {
  return signedRequest({ client, number, operation: new TextEncoder().encode(text) });
}

export function batch(number: number, physicalMs = 1_000, proposer = 0): Batch {
  return makeBatch({ physicalMs, logical: 0, proposer }, [request(number)], digest);
}

/** A prepared certificate of `view`, by all backups that are needed. */
export function prepared(view: number, sequence: number, of: Batch): PreparedCertificate {
  const primary = view % 4;
  const backups = [0, 1, 2, 3].filter((index) => index !== primary).slice(0, 2);
  return {
    view,
    ...signProposal(replicaOf(primary), view, sequence, of.digest),
    prepares: backups.map((sender) => ({
      sender,
      signature: signVote(replicaOf(sender), "prepare", view, sequence, of.digest).signature,
    })),
  };
}

export function committed(
  view: number,
  sequence: number,
  of: Batch,
  senders: readonly number[] = [0, 1, 2],
): CommitCertificate {
  const commits = senders.map((sender) => ({
    sender,
    signature: signVote(replicaOf(sender), "commit", view, sequence, of.digest).signature,
  }));
  return { view, sequence, digest: of.digest, commits };
}

export function stableAt(
  sequence: number,
  stateDigest: Uint8Array,
  senders: readonly number[] = [0, 1, 2],
): StableCertificate {
  return {
    sequence,
    digest: stateDigest,
    votes: senders.map((sender) => ({
      sender,
      signature: signCheckpoint(replicaOf(sender), sequence, stateDigest).signature,
    })),
  };
}

export const manifest: Uint8Array = encodeManifest({
  configuration: cluster.record,
  sequence: 8,
  time: { physicalMs: 1_000, logical: 2, proposer: 1 },
  root: digest(Uint8Array.of(1)),
  sessionChunks: 1,
  hashes: [digest(Uint8Array.of(2)), digest(Uint8Array.of(3))],
});

export function viewChange(
  sender: number,
  view: number,
  certificates: readonly PreparedCertificate[] = [],
  stable: StableCertificate = BEGINNING,
): ViewChange {
  return signViewChange(replicaOf(sender), view, stable, certificates);
}

/** The proof that view `view` is left. */
export function departure(view: number, senders: readonly number[] = [2, 3]): Departure {
  const complaints = senders.map((sender) => ({ sender, signature: signComplaint(replicaOf(sender), view).signature }));
  return { type: "departure", certificate: { view, complaints } };
}

export function newView(
  view: number,
  viewChanges: readonly ViewChange[],
  proposals: NewViewPlan["proposals"] = planNewView(viewChanges, BEGINNING).proposals,
): NewView {
  return signNewView(replicaOf(view % 4), view, viewChanges, proposals);
}

/** The batch and results with which replicas answer the requests of one client, all in one batch. */
export function results(
  client: string,
  given: readonly (Pick<Result, "number" | "status" | "result"> & { readonly request?: Uint8Array })[],
  sequence = 1,
): Pick<Reply, "executed" | "results"> {
  const made = given.map((one) => ({ request: digest(request(one.number, "op", client).operation), ...one }));
  const { root, paths } = resultTree(made.map((one) => resultLeaf({ client, ...one }, digest)), digest);
  const executed = { sequence, time: { physicalMs: 1_000, logical: 0, proposer: 0 }, batch: digest(Uint8Array.of(sequence)), root };
  return { executed, results: made.map((one, index) => ({ ...one, path: paths[index]! })) };
}

/** The reply of a replica. */
export function reply(sender: number, client: string, given: Parameters<typeof results>[1], view = 0): Reply {
  const answered = results(client, given);
  const signature = signExecuted(replicaOf(sender), answered.executed);
  return { type: "reply", view, client: peerId(client), ...answered, sender, signature };
}

/** One message of each kind, all authentic. */
export function everyMessage(): Record<string, Message> {
  const one = batch(1_001);
  const signature = signProposal(replicaOf(0), 0, 1, one.digest).signature;
  const stable = stableAt(8, manifestDigest(digest, 8, manifest));
  const changes = [viewChange(0, 1), viewChange(1, 1, [prepared(0, 1, one)]), viewChange(2, 1)];
  return {
    request: request(1_001),
    "pre-prepare": { type: "pre-prepare", view: 0, sequence: 1, batch: one, signature },
    prepare: signVote(replicaOf(1), "prepare", 0, 1, one.digest),
    commit: signVote(replicaOf(2), "commit", 0, 1, one.digest),
    checkpoint: signCheckpoint(replicaOf(3), 8, one.digest),
    "view-change": viewChange(1, 1, [prepared(0, 9, one)], stable),
    "new-view": newView(1, changes),
    complaint: signComplaint(replicaOf(2), 5),
    departure: departure(5),
    reply: reply(0, "c0", [1_001, 1_002, 1_003].map((number) => ({ number, status: 0, result: Uint8Array.of(1, 2) })), 2),
    hint: { type: "hint", view: 2, client: peerId("c0"), number: 7, reason: HintReason.ahead, agreedMs: 1_000, highest: 5 },
    status: signStatus(replicaOf(0), {
      view: 3,
      changing: true,
      complaining: false,
      stable: 8,
      lastExecuted: 9,
      slots: [1, 0, 2, 3],
    }),
    "fetch-batch": { type: "fetch-batch", sequence: 7, digest: one.digest },
    batch: { type: "batch", sequence: 7, batch: one },
    "fetch-slots": { type: "fetch-slots", from: 2 ** 53 - 1 },
    slots: {
      type: "slots",
      slots: [
        { certificate: committed(0, 1, one), batch: one },
        { certificate: committed(0, 2, NULL_BATCH), batch: NULL_BATCH },
      ],
    },
    stable: { type: "stable", certificate: stable, manifest },
    "fetch-chunk": { type: "fetch-chunk", sequence: 8, index: 1 },
    hello: { type: "hello", configuration: cluster.record },
    chunk: { type: "chunk", sequence: 8, index: 1, bytes: Uint8Array.of(9, 8, 7) },
  };
}
