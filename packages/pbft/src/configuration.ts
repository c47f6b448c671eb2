/**
 * The members of a cluster, and the size of its quorums.
 *
 * With n replicas of which at most f lie, a quorum of q = ⌈(n+f+1)/2⌉ meets any other in at least one correct
 * replica, and q correct ones always remain (Castro & Liskov 1999, §4; Malkhi & Reiter 1998 for n > 3f+1).
 */
import { peerId, type PeerId } from "@void-system/effects";
import { ConfigurationError } from "./errors.ts";
import { BATCH_REQUESTS_MAX, DIGEST_BYTES, MESSAGE_BYTES_MAX, REPLICAS_MAX, SIGNATURE_BYTES } from "./limits.ts";

/** A cluster's fixed facts, the same at every replica and client. Made by {@link configuration}. */
export interface Configuration {
  /** Name of the cluster. It is signed with everything, so that two clusters never take each other's messages. */
  readonly cluster: string;
  /** The replicas, in the order that decides who is primary. */
  readonly replicas: readonly PeerId[];
  /** Number of replicas that may lie. */
  readonly f: number;
  /** Votes that make a certificate: 2f+1 of 3f+1. */
  readonly quorum: number;
  /** f+1: at least one of them is correct. */
  readonly weak: number;
  /** K: a checkpoint is taken each time this many batches were executed. */
  readonly checkpointInterval: number;
  /** L: how far sequence numbers may run ahead of the last stable checkpoint. */
  readonly window: number;
  /** Most requests of one batch: a larger one is refused before any signature in it is verified. */
  readonly batchRequestsMax: number;
}

/** Options of {@link configuration}. */
export interface ConfigurationOptions {
  /** At least 3f+1 distinct names. */
  readonly replicas: readonly string[];
  /** Number of replicas that may lie. @defaultValue the most that fit: ⌊(n-1)/3⌋ */
  readonly f?: number;
  /** The cluster's name, the same at all its nodes. @defaultValue derived from the replicas' names and f */
  readonly cluster?: string;
  /** Batches from one checkpoint to the next, the same at all nodes. @defaultValue 128 */
  readonly checkpointInterval?: number;
  /** Most requests of one batch, the same at all nodes; at most `BATCH_REQUESTS_MAX`. @defaultValue 256 */
  readonly batchRequestsMax?: number;
}

/**
 * Checks and completes the description of a cluster.
 *
 * @throws {@link ConfigurationError} when there are too few, too many or repeated replicas, or when a NEW-VIEW of this
 * cluster could not fit one message.
 * @example
 * ```ts
 * import { configuration } from "@void-system/pbft";
 * const cluster = configuration({ replicas: ["node0", "node1", "node2", "node3"] });
 * cluster.f; // => 1
 * cluster.quorum; // => 3
 * ```
 */
export function configuration(options: ConfigurationOptions): Configuration {
  const replicas = options.replicas.map((name) => peerId(name));
  const n = replicas.length;
  const f = options.f ?? Math.floor((n - 1) / 3);
  if (!Number.isSafeInteger(f) || f < 0 || n < 3 * f + 1 || n < 1 || n > REPLICAS_MAX) {
    throw new ConfigurationError(
      `expected 3f+1 to ${REPLICAS_MAX} replicas, got ${n} with f = ${f}; add replicas or lower f`,
    );
  }
  if (new Set(replicas).size !== n)
    throw new ConfigurationError(`expected distinct replicas, got ${replicas.join(", ")}`);
  const checkpointInterval = options.checkpointInterval ?? 128;
  if (!Number.isSafeInteger(checkpointInterval) || checkpointInterval < 1) {
    throw new ConfigurationError(`expected a checkpointInterval >= 1, got ${checkpointInterval}`);
  }
  const batchRequestsMax = options.batchRequestsMax ?? 256;
  if (!Number.isSafeInteger(batchRequestsMax) || batchRequestsMax < 1 || batchRequestsMax > BATCH_REQUESTS_MAX) {
    throw new ConfigurationError(
      `expected a batchRequestsMax of 1 to ${BATCH_REQUESTS_MAX}, got ${batchRequestsMax}`,
    );
  }
  const cluster = options.cluster ?? `${replicas.join(",")};f=${f}`;
  if (cluster.length === 0 || cluster.length > 4_096)
    throw new ConfigurationError("expected a cluster name of 1 to 4096 characters");
  const quorum = Math.ceil((n + f + 1) / 2);
  const window = 2 * checkpointInterval;
  const made = { cluster, replicas, f, quorum, weak: f + 1, checkpointInterval, window, batchRequestsMax };
  const largest = newViewBytesMax(made);
  if (largest > MESSAGE_BYTES_MAX) {
    throw new ConfigurationError(
      `expected a NEW-VIEW of at most ${MESSAGE_BYTES_MAX} bytes, it could reach ${largest} with ${n} replicas; lower checkpointInterval (${checkpointInterval})`,
    );
  }
  return made;
}

/** The primary of a view (§4: p = v mod |R|). */
export function primaryOf(cluster: Configuration, view: number): number {
  return view % cluster.replicas.length;
}

/** The name of the replica with this index; the index comes from a checked message or from {@link primaryOf}. */
export function replicaAt(cluster: Configuration, index: number): PeerId {
  const id = cluster.replicas[index];
  if (id === undefined) throw new RangeError(`expected a replica index below ${cluster.replicas.length}, got ${index}`);
  return id;
}

/** An upper bound: a quorum of VIEW-CHANGEs, each with a full window of prepared certificates, and the proposals. */
function newViewBytesMax(cluster: Omit<Configuration, "cluster">): number {
  const votes = cluster.quorum * (SIGNATURE_BYTES + 1);
  const certificate = 16 + DIGEST_BYTES + SIGNATURE_BYTES + 1 + votes;
  const viewChange = 128 + DIGEST_BYTES + votes + cluster.window * certificate;
  return 256 + cluster.quorum * viewChange + cluster.window * (8 + DIGEST_BYTES + SIGNATURE_BYTES);
}
