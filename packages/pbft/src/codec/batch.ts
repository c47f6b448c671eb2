/**
 * A batch: what one sequence number orders. Time and requests are under one digest, so whoever votes for the digest
 * votes for both, and a view change that re-proposes the digest keeps the time.
 */
import { ByteReader, ByteWriter, equalBytes } from "@void-system/bytes";
import { readSignedRequest, writeSignedRequest, type SignedRequest } from "@void-system/crypto";
import { type PeerId, readPeerId } from "@void-system/effects";
import { TIME_ZERO, type AgreedTime } from "../protocol/agreed-time.ts";
import {
  BATCH_BYTES_MAX,
  DIGEST_BYTES,
  REPLICAS_MAX,
  SIGNATURE_BYTES,
} from "../limits.ts";
import type { Digest } from "../ports.ts";
import { domain } from "./version.ts";

/** Machine that executes a request. One state may have several machines later. */
export const Machine = {
  /** The state machine. */
  state: 0,
  /** The sessions themselves: a question about another number of the client, see `question.ts`. */
  sessions: 255,
} as const;

/** A client's operation, signed by the client. */
export interface Request extends SignedRequest {
  readonly type: "request";
  /** The client that signed it. */
  readonly client: PeerId;
  /** The client's signature. */
  readonly signature: Uint8Array;
}

/**
 * Requests with the time proposed for them. `digest` is always computed here from `bytes`, never read from a message.
 */
export interface Batch {
  /** Its encoding. */
  readonly bytes: Uint8Array;
  /** SHA-256 over the encoding. */
  readonly digest: Uint8Array;
  /** The time that its primary proposed. */
  readonly time: AgreedTime;
  /** The requests, in order. */
  readonly requests: readonly Request[];
}

/** The null request that fills a gap in a NEW-VIEW (§4.4): no bytes, a digest that no batch has, no effect. */
export const NULL_BATCH: Batch = {
  bytes: new Uint8Array(0),
  digest: new Uint8Array(DIGEST_BYTES),
  time: TIME_ZERO,
  requests: [],
};

const DOMAIN = domain("batch");

/** Returns whether a digest stands for {@link NULL_BATCH}. */
export function isNullDigest(digest: Uint8Array): boolean {
  return equalBytes(digest, NULL_BATCH.digest);
}

/** Encodes and digests a batch. The caller keeps count and bytes within the limits. */
export function makeBatch(time: AgreedTime, requests: readonly Request[], digest: Digest): Batch {
  const writer = new ByteWriter(32 + requests.length * 160);
  writer.u53(time.physicalMs).u16(time.logical).u8(time.proposer).u32(requests.length);
  for (const request of requests) writeRequest(writer, request);
  const bytes = writer.finish();
  return { bytes, digest: batchDigest(bytes, digest), time, requests };
}

/** Reads a batch that stands in a message after its length; an empty one is the null batch. */
export function readBatch(reader: ByteReader, digest: Digest, requestsMax: number): Batch {
  const bytes = reader.block(BATCH_BYTES_MAX);
  if (bytes.length === 0) return NULL_BATCH;
  const inner = new ByteReader(bytes);
  const time = { physicalMs: inner.u53(), logical: inner.u16(), proposer: inner.u8() };
  if (time.proposer >= REPLICAS_MAX) inner.fail(`a proposer below ${REPLICAS_MAX}`, `${time.proposer}`);
  const count = inner.count(requestsMax);
  if (count === 0) inner.fail("requests", "none");
  const requests: Request[] = [];
  for (let index = 0; index < count; index += 1) requests.push(readRequest(inner));
  inner.end();
  return { bytes, digest: batchDigest(bytes, digest), time, requests };
}

/** Bytes that a request takes in a batch. */
export function requestBytes(request: Request): number {
  return 31 + request.client.length + request.operation.length + SIGNATURE_BYTES;
}

/** Writes a request as it stands in a batch and in a REQUEST. */
export function writeRequest(writer: ByteWriter, request: Request): void {
  writeSignedRequest(writer, request).raw(request.signature);
}

/** Reads what {@link writeRequest} wrote. */
export function readRequest(reader: ByteReader): Request {
  const signed = readSignedRequest(reader, readPeerId);
  if (signed.machine !== Machine.state && signed.machine !== Machine.sessions)
    reader.fail(`machine ${Machine.state} or ${Machine.sessions}`, `${signed.machine}`);
  return { type: "request", ...signed, signature: reader.raw(SIGNATURE_BYTES) };
}

function batchDigest(bytes: Uint8Array, digest: Digest): Uint8Array {
  const framed = new Uint8Array(DOMAIN.length + bytes.length);
  framed.set(DOMAIN);
  framed.set(bytes, DOMAIN.length);
  return digest(framed);
}
