/**
 * The members of a cluster, and the size of its quorums.
 *
 * With n replicas of which at most f lie, a quorum of q = ⌈(n+f+1)/2⌉ meets any other in at least one correct
 * replica, and q correct ones always remain (Castro & Liskov 1999, §4; Malkhi & Reiter 1998 for n > 3f+1).
 */
import { digest } from "@void-system/crypto";
import { peerId, type PeerId } from "@void-system/effects";
import { encodeConfiguration, type ConfigurationFacts } from "./configuration-record.ts";
import { ConfigurationError } from "./errors.ts";
import {
  BATCH_REQUESTS_MAX,
  CLUSTER_BYTES_MAX,
  DIGEST_BYTES,
  MESSAGE_BYTES_MAX,
  PUBLIC_KEY_BYTES_MAX,
  REPLICAS_MAX,
  SESSIONS_LIMIT,
  SIGNATURE_BYTES,
} from "./limits.ts";

/** A cluster's configuration, the same at every replica and client. Made by {@link configuration}. */
export interface Configuration extends ConfigurationFacts {
  /** Votes that make a certificate: 2f+1 of 3f+1. */
  readonly quorum: number;
  /** f+1: at least one of them is correct. */
  readonly weak: number;
  /** L: how far sequence numbers may run ahead of the last stable checkpoint. */
  readonly window: number;
  /** The facts as bytes, which replicas show each other and certify with the state. */
  readonly record: Uint8Array;
  /** SHA-256 of the record. */
  readonly digest: Uint8Array;
}

/** Options of {@link configuration}. All are the same at all nodes of a cluster. */
export interface ConfigurationOptions {
  /** At least 3f+1 distinct names. */
  readonly replicas: readonly string[];
  /** Number of replicas that may lie. @defaultValue the most that fit: ⌊(n-1)/3⌋ */
  readonly f?: number | undefined;
  /**
   * Id of the cluster, drawn once at its birth, such as `crypto.randomUUID()`. What one cluster has signed means nothing to
   * another. @defaultValue derived from the replicas' names and f, which is enough inside one process
   */
  readonly cluster?: string | undefined;
  /** Public keys of the replicas, in their order. @defaultValue none: the nodes do not compare which keys they hold */
  readonly publicKeys?: readonly Uint8Array[] | undefined;
  /** Batches from one checkpoint to the next. @defaultValue 128 */
  readonly checkpointInterval?: number | undefined;
  /** Most requests of one batch; at most `BATCH_REQUESTS_MAX`. @defaultValue 256 */
  readonly batchRequestsMax?: number | undefined;
  /** Clients whose requests are remembered, at most `SESSIONS_LIMIT`. @defaultValue 1_024 */
  readonly sessionsMax?: number | undefined;
  /**
   * Time for which a backup waits for a request before it complains of the view; doubled with each view that fails.
   * @defaultValue 2_000
   */
  readonly viewTimeoutMs?: number | undefined;
  /** Distance by which a proposed time may differ from a backup's clock. @defaultValue 5_000 */
  readonly clockDriftMs?: number | undefined;
  /**
   * Most bytes of state that the machine takes. Replicas must count and refuse alike, so they compare it here; the machine reads
   * it from this configuration and enforces it. @defaultValue 1 GiB
   */
  readonly maxStateBytes?: number | undefined;
}

/** The numbers among the options, with their defaults and the largest values that work. */
const NUMBERS = {
  checkpointInterval: [128, Number.MAX_SAFE_INTEGER],
  batchRequestsMax: [256, BATCH_REQUESTS_MAX],
  sessionsMax: [1_024, SESSIONS_LIMIT],
  viewTimeoutMs: [2_000, 3_600_000],
  clockDriftMs: [5_000, 86_400_000],
  maxStateBytes: [1_073_741_824, Number.MAX_SAFE_INTEGER],
} as const satisfies Partial<Record<keyof ConfigurationOptions, readonly [usual: number, most: number]>>;

const NAMES = new Set<string>(["replicas", "f", "cluster", "publicKeys", ...Object.keys(NUMBERS)]);

/**
 * Checks and completes the description of a cluster.
 *
 * @throws {@link ConfigurationError} when there are too few, too many or repeated replicas, when an option is unknown or
 * cannot work, or when a NEW-VIEW of this cluster could not fit one message.
 * @example
 * ```ts
 * import { configuration } from "@void-system/pbft";
 * const cluster = configuration({ replicas: ["node0", "node1", "node2", "node3"] });
 * cluster.f; // => 1
 * cluster.quorum; // => 3
 * ```
 */
export function configuration(options: ConfigurationOptions): Configuration {
  for (const name of Object.keys(options))
    if (!NAMES.has(name)) throw new ConfigurationError(`expected options among ${[...NAMES].join(", ")}, got ${name}`);
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
  const cluster = options.cluster ?? `${replicas.join(",")};f=${f}`;
  const idBytes = new TextEncoder().encode(cluster).length;
  if (idBytes === 0 || idBytes > CLUSTER_BYTES_MAX)
    throw new ConfigurationError(`expected a cluster id of 1 to ${CLUSTER_BYTES_MAX} bytes, got ${idBytes}`);
  const checkpointInterval = numberOf(options, "checkpointInterval");
  const facts: ConfigurationFacts = {
    cluster,
    number: 0,
    replicas,
    publicKeys: keysOf(options, n),
    f,
    checkpointInterval,
    batchRequestsMax: numberOf(options, "batchRequestsMax"),
    sessionsMax: numberOf(options, "sessionsMax"),
    viewTimeoutMs: numberOf(options, "viewTimeoutMs"),
    clockDriftMs: numberOf(options, "clockDriftMs"),
    maxStateBytes: numberOf(options, "maxStateBytes"),
  };
  const quorum = Math.ceil((n + f + 1) / 2);
  const window = 2 * checkpointInterval;
  const largest = newViewBytesMax(quorum, window);
  if (largest > MESSAGE_BYTES_MAX) {
    throw new ConfigurationError(
      `expected a NEW-VIEW of at most ${MESSAGE_BYTES_MAX} bytes, it could reach ${largest} with ${n} replicas; lower checkpointInterval (${checkpointInterval})`,
    );
  }
  const record = encodeConfiguration(facts);
  return { ...facts, quorum, weak: f + 1, window, record, digest: digest(record) };
}

function numberOf(options: ConfigurationOptions, name: keyof typeof NUMBERS): number {
  const [usual, most] = NUMBERS[name];
  const value = options[name] ?? usual;
  if (!Number.isSafeInteger(value) || value < 1 || value > most)
    throw new ConfigurationError(`expected a ${name} of 1 to ${most}, got ${value}`);
  return value;
}

function keysOf({ publicKeys = [] }: ConfigurationOptions, n: number): readonly Uint8Array[] {
  if (publicKeys.length !== 0 && publicKeys.length !== n)
    throw new ConfigurationError(`expected a public key for each of ${n} replicas, or none, got ${publicKeys.length}`);
  for (const key of publicKeys) {
    if (key.length === 0 || key.length > PUBLIC_KEY_BYTES_MAX)
      throw new ConfigurationError(`expected public keys of 1 to ${PUBLIC_KEY_BYTES_MAX} bytes, got one of ${key.length}`);
  }
  return publicKeys.map((key) => key.slice());
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
function newViewBytesMax(quorum: number, window: number): number {
  const votes = quorum * (SIGNATURE_BYTES + 5);
  const proposal = 12 + DIGEST_BYTES + SIGNATURE_BYTES;
  const certificate = 9 + proposal + votes;
  const viewChange = 128 + DIGEST_BYTES + votes + window * certificate;
  return 256 + quorum * viewChange + window * proposal;
}
