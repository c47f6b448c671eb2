/** The layouts of certificates, in messages and in records. */
import type { ByteReader, ByteWriter } from "@void-system/bytes";
import type { CommitCertificate, ComplaintCertificate, PreparedCertificate, Proposal, Signature, StableCertificate } from "./certificate.ts";
import { DIGEST_BYTES, REPLICAS_MAX, SIGNATURE_BYTES } from "../limits.ts";

function writeSignatures(writer: ByteWriter, votes: readonly Signature[]): void {
  writer.u8(votes.length);
  for (const { sender, signature } of votes) writer.u8(sender).raw(signature);
}

function readSignatures(reader: ByteReader): Signature[] {
  const count = reader.u8();
  if (count > REPLICAS_MAX) reader.fail(`at most ${REPLICAS_MAX} votes`, `${count}`);
  const votes: Signature[] = [];
  for (let index = 0; index < count; index += 1)
    votes.push({ sender: reader.u8(), signature: reader.raw(SIGNATURE_BYTES) });
  return votes;
}

/** sequence u64, digest, signature. */
export function writeProposal(writer: ByteWriter, proposal: Proposal): void {
  writer.u53(proposal.sequence).raw(proposal.digest).raw(proposal.signature);
}

/** Reads what {@link writeProposal} wrote. */
export function readProposal(reader: ByteReader): Proposal {
  return { sequence: reader.u53(), digest: reader.raw(DIGEST_BYTES), signature: reader.raw(SIGNATURE_BYTES) };
}

/** view u64, proposal, votes. */
export function writePrepared(writer: ByteWriter, certificate: PreparedCertificate): void {
  writeProposal(writer.u53(certificate.view), certificate);
  writeSignatures(writer, certificate.prepares);
}

/** Reads what {@link writePrepared} wrote. */
export function readPrepared(reader: ByteReader): PreparedCertificate {
  const view = reader.u53();
  return { view, ...readProposal(reader), prepares: readSignatures(reader) };
}

/** view u64, sequence u64, digest, votes. */
export function writeCommitted(writer: ByteWriter, certificate: CommitCertificate): void {
  writer.u53(certificate.view).u53(certificate.sequence).raw(certificate.digest);
  writeSignatures(writer, certificate.commits);
}

/** Reads what {@link writeCommitted} wrote. */
export function readCommitted(reader: ByteReader): CommitCertificate {
  return {
    view: reader.u53(),
    sequence: reader.u53(),
    digest: reader.raw(DIGEST_BYTES),
    commits: readSignatures(reader),
  };
}

/** sequence u64, digest, votes. */
export function writeStable(writer: ByteWriter, certificate: StableCertificate): void {
  writer.u53(certificate.sequence).raw(certificate.digest);
  writeSignatures(writer, certificate.votes);
}

/** Reads what {@link writeStable} wrote. */
export function readStable(reader: ByteReader): StableCertificate {
  return { sequence: reader.u53(), digest: reader.raw(DIGEST_BYTES), votes: readSignatures(reader) };
}

/** view u64, votes. */
export function writeComplaints(writer: ByteWriter, certificate: ComplaintCertificate): void {
  writeSignatures(writer.u53(certificate.view), certificate.complaints);
}

/** Reads what {@link writeComplaints} wrote. */
export function readComplaints(reader: ByteReader): ComplaintCertificate {
  return { view: reader.u53(), complaints: readSignatures(reader) };
}
