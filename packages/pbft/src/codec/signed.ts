/** A replica's own signed messages. */
import type { CommittedBatch } from "@void-system/crypto";
import type { PreparedCertificate, Proposal, StableCertificate } from "./certificate.ts";
import type { Configuration } from "../configuration.ts";
import { signedBody } from "./message-codec.ts";
import type { CheckpointVote, Complaint, NewView, Status, ViewChange, Vote } from "./message.ts";
import type { Ports } from "../ports.ts";
import { bodyStatement, checkpointStatement, complaintStatement, executedStatement, slotStatement } from "./signing.ts";

/** A signer: the fields of a replica that it takes. */
export interface Signing {
  readonly cluster: Configuration;
  readonly index: number;
  readonly ports: Pick<Ports, "sign">;
}

/** A PRE-PREPARE's signed part. */
export function signProposal(by: Signing, view: number, sequence: number, digest: Uint8Array): Proposal {
  const signature = by.ports.sign(slotStatement(by.cluster, "pre-prepare", view, sequence, digest, by.index));
  return { sequence, digest, signature };
}

/** A PREPARE or COMMIT. */
export function signVote(by: Signing, type: Vote["type"], view: number, sequence: number, digest: Uint8Array): Vote {
  const signature = by.ports.sign(slotStatement(by.cluster, type, view, sequence, digest, by.index));
  return { type, view, sequence, digest, sender: by.index, signature };
}

/** A CHECKPOINT. */
export function signCheckpoint(by: Signing, sequence: number, digest: Uint8Array): CheckpointVote {
  const signature = by.ports.sign(checkpointStatement(by.cluster, sequence, digest, by.index));
  return { type: "checkpoint", sequence, digest, sender: by.index, signature };
}

/** A COMPLAINT. */
export function signComplaint(by: Signing, view: number): Complaint {
  const signature = by.ports.sign(complaintStatement(by.cluster, view, by.index));
  return { type: "complaint", view, sender: by.index, signature };
}

/** A VIEW-CHANGE. */
export function signViewChange(
  by: Signing,
  view: number,
  stable: StableCertificate,
  prepared: readonly PreparedCertificate[],
): ViewChange {
  const body = { type: "view-change", view, stable, prepared, sender: by.index } as const;
  return { ...body, signature: by.ports.sign(bodyStatement(by.cluster, body.type, signedBody(body))) };
}

/** A NEW-VIEW, its proposals included. */
export function signNewView(
  by: Signing,
  view: number,
  viewChanges: readonly ViewChange[],
  planned: readonly { readonly sequence: number; readonly digest: Uint8Array }[],
): NewView {
  const proposals = planned.map(({ sequence, digest }) => signProposal(by, view, sequence, digest));
  const body = { type: "new-view", view, viewChanges, proposals } as const;
  return { ...body, signature: by.ports.sign(bodyStatement(by.cluster, body.type, signedBody(body))) };
}

/** The signature over an executed batch, for the replies to all its clients. */
export function signExecuted(by: Signing, executed: CommittedBatch): Uint8Array {
  return by.ports.sign(executedStatement(by.cluster, executed, by.index));
}

/** A STATUS. */
export function signStatus(by: Signing, standing: Omit<Status, "type" | "sender" | "signature">): Status {
  const body = { ...standing, type: "status", sender: by.index } as const;
  return { ...body, signature: by.ports.sign(bodyStatement(by.cluster, body.type, signedBody(body))) };
}
