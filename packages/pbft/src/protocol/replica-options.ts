/** The parts of a replica, and their defaults. */
import type { PeerId } from "@void-system/effects";
import type { Configuration } from "../configuration.ts";
import { ConfigurationError } from "../errors.ts";
import { BATCH_BYTES_MAX } from "../limits.ts";
import type { Ports } from "../ports.ts";
import type { StateMachine } from "./state-machine.ts";

/** Times and sizes of a replica, which may differ from those of others. */
export interface ReplicaTuning {
  /**
   * Time between two STATUS messages while something is under way; four times as long when nothing is.
   * @defaultValue 500
   */
  readonly statusMs: number;
  /** Batches that a primary has under way at once. @defaultValue 8 */
  readonly pipeline: number;
  /** Most requests that a primary puts into a batch. @defaultValue the most that the cluster allows */
  readonly batchRequestsMax: number;
  /** Bytes at which a primary closes a batch; a single longer request still goes alone. @defaultValue 262_144 */
  readonly batchBytesMax: number;
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
  statusMs: 500,
  pipeline: 8,
  batchBytesMax: 262_144,
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
