/**
 * The bytes that members of a replicated log sign (docs/format.md). Each begins with the protocol, the kind of statement,
 * the cluster's id and the number of its configuration, so no signature can be taken for one of another kind or cluster.
 */
import { type ByteReader, ByteWriter } from "@void-system/bytes";

/** The protocol's name, which every statement and digest begins with. */
export const PROTOCOL = "void-pbft/2";
/** Longest id of a cluster, in bytes of UTF-8. */
export const CLUSTER_BYTES_MAX = 4_096;
/** Longest name of a client, in characters. */
const CLIENT_LENGTH_MAX = 255;
/** Longest operation of a request, in bytes. */
export const OPERATION_BYTES_MAX = 1_000_000;

const DOMAIN = /* @__PURE__ */ new TextEncoder().encode(`${PROTOCOL}\0`);
/** Length of a digest (SHA-256), in bytes. */
export const DIGEST_BYTES = 32;
/** The flag of a request whose client wants a proof. */
const PROVEN = 1;
const REQUEST_KIND = 1;
const COMMIT_KIND = 8;
const CHECKPOINT_KIND = 5;
/** The statements about a slot: a primary's proposal, and the votes for it. */
export const SLOT_KIND = { "pre-prepare": 2, prepare: 3, commit: 4 } as const;

/** A cluster, and which of its configurations. */
export interface ClusterConfiguration {
  /** The cluster's id. */
  readonly cluster: string;
  /** The number of the configuration; the one that a cluster is born with is 0. */
  readonly number: number;
}

/** A replica as signer. */
export interface ReplicaSigner {
  /** Its index in the configuration. */
  readonly index: number;
  /** The number of times that it has begun again with an empty disk. */
  readonly incarnation: number;
}

/** A request, as its client signs it. */
export interface SignedRequest {
  /** The client's name. */
  readonly client: string;
  /** The client's own number for it. */
  readonly number: number;
  /** Machine that executes it: 0 is the state machine, other values are the protocol's. */
  readonly machine: number;
  /** The client wants a proof of the result. */
  readonly isProven: boolean;
  /** The agreed time after which it is not executed, in milliseconds since 1970. */
  readonly notAfterMs: number;
  /** The lowest of its numbers whose result the client still wants. */
  readonly lowest: number;
  /** The operation. */
  readonly operation: Uint8Array;
}

/** A batch that was executed, as a replica states it, once for all clients of the batch. */
export interface CommittedBatch {
  /** The sequence number. */
  readonly sequence: number;
  /** The agreed time: milliseconds since 1970, a counter within the millisecond, and the replica that proposed it. */
  readonly time: { readonly physicalMs: number; readonly logical: number; readonly proposer: number };
  /** The digest of the batch. */
  readonly batch: Uint8Array;
  /** The root of the tree of its results, see `resultTree`. */
  readonly root: Uint8Array;
}

/**
 * Begins a statement of a kind, for the caller to go on with.
 *
 * @example
 * ```ts
 * import { clusterStatement } from "@void-system/crypto";
 * clusterStatement(9, { cluster: "c", number: 0 }, 8).u53(7).finish().length; // => 28
 * ```
 */
export function clusterStatement(kind: number, { cluster, number }: ClusterConfiguration, capacity: number): ByteWriter {
  return new ByteWriter(DOMAIN.length + 9 + cluster.length + capacity).raw(DOMAIN).u8(kind).text(cluster).u32(number);
}

/**
 * Returns the statement of a request, which its client signs.
 *
 * @example
 * ```ts
 * import { requestStatement } from "@void-system/crypto";
 * const of = { cluster: "c", number: 0 };
 * const request = { client: "a", number: 1, machine: 0, isProven: false, notAfterMs: 9, lowest: 1, operation: new Uint8Array(1) };
 * requestStatement(of, request).length; // => 53
 * ```
 */
export function requestStatement(of: ClusterConfiguration, request: SignedRequest): Uint8Array {
  const writer = clusterStatement(REQUEST_KIND, of, 128 + request.operation.length);
  writeSignedRequest(writer, request);
  return writer.finish();
}

/** Writes a request, as its statement has it. */
export function writeSignedRequest(writer: ByteWriter, request: SignedRequest): ByteWriter {
  const { client, number, machine, isProven, notAfterMs, lowest, operation } = request;
  writer.ascii(client).u53(number).u8(machine).u8(isProven ? PROVEN : 0);
  return writer.u53(notAfterMs).u53(lowest).block(operation);
}

/** Reads what {@link writeSignedRequest} wrote; the caller reads the client's name. */
export function readSignedRequest<C extends string>(
  reader: ByteReader,
  readClient: (reader: ByteReader) => C,
): SignedRequest & { readonly client: C } {
  const [client, number, machine, flags] = [readClient(reader), reader.u53(), reader.u8(), reader.u8()];
  if (flags > PROVEN) reader.fail(`flags of at most ${PROVEN}`, `${flags}`);
  const [notAfterMs, lowest] = [reader.u53(), reader.u53()];
  if (lowest > number) reader.fail(`a lowest number of at most ${number}`, `${lowest}`);
  return { client, number, machine, isProven: flags === PROVEN, notAfterMs, lowest, operation: reader.block(OPERATION_BYTES_MAX) };
}

/** Reads the statement of a request. */
export function readRequestStatement(reader: ByteReader): ClusterConfiguration & { readonly request: SignedRequest } {
  const found = reader.raw(DOMAIN.length);
  if (found.some((byte, at) => byte !== DOMAIN[at])) reader.fail(`a statement of ${PROTOCOL}`, "another");
  const kind = reader.u8();
  if (kind !== REQUEST_KIND) reader.fail("the statement of a request", `kind ${kind}`);
  const [cluster, number] = [reader.text(CLUSTER_BYTES_MAX), reader.u32()];
  return { cluster, number, request: readSignedRequest(reader, (inner) => inner.ascii(CLIENT_LENGTH_MAX)) };
}

/**
 * Returns the statement of an executed batch, which each replica signs once for all clients of the batch.
 *
 * @example
 * ```ts
 * import { commitStatement } from "@void-system/crypto";
 * const batch = { sequence: 1, time: { physicalMs: 1, logical: 0, proposer: 0 }, batch: new Uint8Array(32), root: new Uint8Array(32) };
 * commitStatement({ cluster: "c", number: 0 }, batch, { index: 0, incarnation: 0 }).length; // => 108
 * ```
 */
export function commitStatement(of: ClusterConfiguration, executed: CommittedBatch, by: ReplicaSigner): Uint8Array {
  const writer = clusterStatement(COMMIT_KIND, of, 128);
  writeCommittedBatch(writer, executed);
  return writer.u8(by.index).u32(by.incarnation).finish();
}

/** Writes an executed batch, as its statement has it. */
export function writeCommittedBatch(writer: ByteWriter, { sequence, time, batch, root }: CommittedBatch): ByteWriter {
  return writer.u53(sequence).u53(time.physicalMs).u16(time.logical).u8(time.proposer).raw(batch).raw(root);
}

/** Reads what {@link writeCommittedBatch} wrote. */
export function readCommittedBatch(reader: ByteReader): CommittedBatch {
  const sequence = reader.u53();
  const time = { physicalMs: reader.u53(), logical: reader.u16(), proposer: reader.u8() };
  return { sequence, time, batch: reader.raw(DIGEST_BYTES), root: reader.raw(DIGEST_BYTES) };
}

/**
 * Returns the statement about a slot of the log, which a primary (`pre-prepare`) or a replica (`prepare`, `commit`) signs once
 * in a view.
 *
 * @example
 * ```ts
 * import { slotStatement } from "@void-system/crypto";
 * const place = { kind: "commit", view: 0, sequence: 1 } as const;
 * slotStatement({ cluster: "c", number: 0 }, place, new Uint8Array(32), { index: 0, incarnation: 0 }).length; // => 73
 * ```
 */
export function slotStatement(
  of: ClusterConfiguration,
  { kind, view, sequence }: { readonly kind: keyof typeof SLOT_KIND; readonly view: number; readonly sequence: number },
  digest: Uint8Array,
  by: ReplicaSigner,
): Uint8Array {
  return clusterStatement(SLOT_KIND[kind], of, 64).u53(view).u53(sequence).raw(digest).u8(by.index).u32(by.incarnation).finish();
}

/**
 * Returns the statement about the state after a batch, which each replica signs once.
 *
 * @example
 * ```ts
 * import { checkpointStatement } from "@void-system/crypto";
 * checkpointStatement({ cluster: "c", number: 0 }, 8, new Uint8Array(32), { index: 0, incarnation: 0 }).length; // => 65
 * ```
 */
export function checkpointStatement(of: ClusterConfiguration, sequence: number, digest: Uint8Array, by: ReplicaSigner): Uint8Array {
  return clusterStatement(CHECKPOINT_KIND, of, 64).u53(sequence).raw(digest).u8(by.index).u32(by.incarnation).finish();
}
