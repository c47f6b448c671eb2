/** The layouts of certificates, in messages and in records. */
import type { ByteReader, ByteWriter } from "@void-system/bytes";
import type { CommitCertificate, ComplaintCertificate, PreparedCertificate, Proposal, Signature, StableCertificate } from "./certificate.ts";
import type { Configuration } from "../configuration.ts";
import { DIGEST_BYTES, SIGNATURE_BYTES } from "../limits.ts";
import { INCARNATION, readIncarnation, readSender, writeSender } from "./sender.ts";

function writeSignatures(writer: ByteWriter, votes: readonly Signature[]): void {
  writer.u8(votes.length);
  for (const { sender, signature } of votes) writeSender(writer, sender).raw(signature);
}

function readSignatures(reader: ByteReader, cluster: Configuration): Signature[] {
  const count = reader.u8();
  if (count > cluster.replicas.length) reader.fail(`at most ${cluster.replicas.length} votes`, `${count}`);
  const votes: Signature[] = [];
  for (let index = 0; index < count; index += 1)
    votes.push({ sender: readSender(reader, cluster), signature: reader.raw(SIGNATURE_BYTES) });
  return votes;
}

/** Writes a proposal; its signer is the primary of the view that stands beside it. */
export function writeProposal(writer: ByteWriter, proposal: Proposal): void {
  writer.u53(proposal.sequence).raw(proposal.digest).u32(INCARNATION).raw(proposal.signature);
}

/** Reads what {@link writeProposal} wrote. */
export function readProposal(reader: ByteReader): Proposal {
  const sequence = reader.u53();
  const digest = reader.raw(DIGEST_BYTES);
  readIncarnation(reader);
  return { sequence, digest, signature: reader.raw(SIGNATURE_BYTES) };
}

/** Writes a prepared certificate. */
export function writePrepared(writer: ByteWriter, certificate: PreparedCertificate): void {
  writeProposal(writer.u53(certificate.view), certificate);
  writeSignatures(writer, certificate.prepares);
}

/** Reads what {@link writePrepared} wrote. */
export function readPrepared(reader: ByteReader, cluster: Configuration): PreparedCertificate {
  const view = reader.u53();
  return { view, ...readProposal(reader), prepares: readSignatures(reader, cluster) };
}

/** Writes a commit certificate. */
export function writeCommitted(writer: ByteWriter, certificate: CommitCertificate): void {
  writer.u53(certificate.view).u53(certificate.sequence).raw(certificate.digest);
  writeSignatures(writer, certificate.commits);
}

/** Reads what {@link writeCommitted} wrote. */
export function readCommitted(reader: ByteReader, cluster: Configuration): CommitCertificate {
  return {
    view: reader.u53(),
    sequence: reader.u53(),
    digest: reader.raw(DIGEST_BYTES),
    commits: readSignatures(reader, cluster),
  };
}

/** Writes a stable certificate. */
export function writeStable(writer: ByteWriter, certificate: StableCertificate): void {
  writer.u53(certificate.sequence).raw(certificate.digest);
  writeSignatures(writer, certificate.votes);
}

/** Reads what {@link writeStable} wrote. */
export function readStable(reader: ByteReader, cluster: Configuration): StableCertificate {
  return { sequence: reader.u53(), digest: reader.raw(DIGEST_BYTES), votes: readSignatures(reader, cluster) };
}

/** Writes complaints. */
export function writeComplaints(writer: ByteWriter, certificate: ComplaintCertificate): void {
  writeSignatures(writer.u53(certificate.view), certificate.complaints);
}

/** Reads what {@link writeComplaints} wrote. */
export function readComplaints(reader: ByteReader, cluster: Configuration): ComplaintCertificate {
  return { view: reader.u53(), complaints: readSignatures(reader, cluster) };
}
