/** The parts of a replica, and their defaults. */
import type { PeerId } from "@void-system/effects";
import type { Configuration } from "../configuration.ts";
import { ConfigurationError } from "../errors.ts";
import { BATCH_BYTES_MAX } from "../limits.ts";
import type { Ports } from "../ports.ts";
import type { StateMachine } from "./state-machine.ts";

/** Times and sizes of a replica. All replicas of a cluster need the same `sessionsMax`; the rest may differ. */
export interface ReplicaTuning {
  /**
   * Time for which a backup waits for a request before it complains of the view; doubled with each view that fails.
   * @defaultValue 2_000
   */
  readonly timeoutMs: number;
  /**
   * Time between two STATUS messages while something is under way; four times as long when nothing is.
   * @defaultValue 500
   */
  readonly statusMs: number;
  /** Distance by which a proposed time may differ from a backup's clock. @defaultValue 5_000 */
  readonly clockDriftMs: number;
  /** Batches that a primary has under way at once. @defaultValue 8 */
  readonly pipeline: number;
  /** Most requests that a primary puts into a batch. @defaultValue the most that the cluster allows */
  readonly batchRequestsMax: number;
  /** Bytes at which a primary closes a batch; a single longer request still goes alone. @defaultValue 262_144 */
  readonly batchBytesMax: number;
  /** Clients whose requests are remembered; part of the replicated state. @defaultValue 1_024 */
  readonly sessionsMax: number;
}

/** The parts of a `ReplicaCore`. */
export interface ReplicaOptions {
  /** The cluster. */
  readonly cluster: Configuration;
  /** One of the cluster's replicas. */
  readonly self: PeerId;
  /** This replica's cryptography. */
  readonly ports: Pick<Ports, "sign" | "digest">;
  /** The state machine. */
  readonly machine: StateMachine;
  /** Times and sizes. */
  readonly tuning?: Partial<ReplicaTuning>;
}

const DEFAULTS: Omit<ReplicaTuning, "batchRequestsMax"> = {
  timeoutMs: 2_000,
  statusMs: 500,
  clockDriftMs: 5_000,
  pipeline: 8,
  batchBytesMax: 262_144,
  sessionsMax: 1_024,
};

/** Fills in the defaults. @throws {@link ConfigurationError} for values that cannot work. */
export function completeTuning(given: Partial<ReplicaTuning>, cluster: Configuration): ReplicaTuning {
  const tuning = { ...DEFAULTS, batchRequestsMax: cluster.batchRequestsMax, ...given };
  for (const [name, value] of Object.entries(tuning)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigurationError(`expected ${name} to be a whole number >= 1, got ${value}`);
  }
  if (tuning.pipeline > cluster.window)
    throw new ConfigurationError(`expected a pipeline of at most ${cluster.window}, got ${tuning.pipeline}`);
  if (tuning.batchRequestsMax > cluster.batchRequestsMax || tuning.batchBytesMax > BATCH_BYTES_MAX - 64) {
    throw new ConfigurationError(
      `expected batches of at most ${cluster.batchRequestsMax} requests and ${BATCH_BYTES_MAX - 64} bytes`,
    );
  }
  return tuning;
}
