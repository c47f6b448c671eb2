/** Submissions to a client, its deliveries, its options, and their defaults. */
import type { PeerId } from "@void-system/effects";
import type { Request } from "../codec/batch.ts";
import type { Configuration } from "../configuration.ts";
import { ConfigurationError } from "../errors.ts";
import { DEADLINE_TIMEOUTS, SESSION_WINDOW } from "../limits.ts";
import type { Ports } from "../ports.ts";
import type { Outcome } from "./outcome.ts";

/** An operation to submit. The ticket is the submitter's own name for it and comes back with the outcome. */
export interface Submission {
  /** The submitter's own name for it. */
  readonly ticket: number;
  /** Operation for the state machine. */
  readonly operation: Uint8Array;
  /** The outcome is to come with a proof. @defaultValue false */
  readonly isProven?: boolean;
}

/** A delivery of {@link ClientCore}: an outcome, or a request for the replica on this very node. */
export type ClientDelivery =
  | {
      readonly type: "outcome";
      /** The submitter's own name for it. */
      readonly ticket: number;
      /** Fate of the request. */
      readonly outcome: Outcome;
    }
  | {
      readonly type: "request";
      /** The signed request. */
      readonly request: Request;
    };

/** Times and bounds of a client. */
export interface ClientTuning {
  /**
   * Time for which a submission may be executed, and waits for f+1 matching replies. Behind it the cluster does not execute it any
   * longer. At least {@link timeoutMsMin}. @defaultValue 10_000, or the least that the cluster allows if that is more
   */
  readonly timeoutMs: number;
  /** Time for which the client then asks what came of it; after that the outcome is unknown. @defaultValue timeoutMs */
  readonly questionMs: number;
  /**
   * Time for which the primary alone is tried; then all replicas, again after twice as long, and so on.
   * @defaultValue 500, or the cluster's `viewTimeoutMs` if that is less
   */
  readonly retryMs: number;
  /** Submissions under way at once, at most half of `SESSION_WINDOW`. @defaultValue 256 */
  readonly windowMax: number;
}

/** The parts of a {@link ClientCore}. */
export interface ClientOptions {
  /** The cluster that it talks to. */
  readonly cluster: Configuration;
  /** The client's name: replicas know its key by it. */
  readonly self: PeerId;
  /** This client's cryptography. */
  readonly ports: Pick<Ports, "sign" | "digest">;
  /**
   * 0 to 999, drawn once. Numbers begin at the wall clock in microseconds, with this as the last three digits, so that
   * two lives of a client do not use the same numbers. @defaultValue 0
   */
  readonly salt?: number;
  /** Times and bounds. */
  readonly tuning?: Partial<ClientTuning>;
}

/** Numbers that may be under way at once. The other half of the session window is for questions about them. */
export const NUMBERS_MAX: number = SESSION_WINDOW / 2;

const TIMEOUT_MS = 10_000;
const RETRY_MS = 500;

/**
 * Returns the shortest `timeoutMs` with which a client outlasts a primary that ignores it: after `retryMs` all replicas know the
 * request, after `DEADLINE_TIMEOUTS` view timeouts the primary is replaced, and one more is left for the next.
 *
 * @example
 * ```ts
 * import { timeoutMsMin } from "@void-system/pbft";
 * timeoutMsMin({ viewTimeoutMs: 2_000 }); // => 8_500
 * ```
 */
export function timeoutMsMin({ viewTimeoutMs }: Pick<Configuration, "viewTimeoutMs">, retryMs: number = Math.min(RETRY_MS, viewTimeoutMs)): number {
  return retryMs + (DEADLINE_TIMEOUTS + 1) * viewTimeoutMs;
}

/** Fills in the defaults. @throws {@link ConfigurationError} for values that cannot work in the cluster. */
export function completeClientTuning(given: Partial<ClientTuning>, cluster: Pick<Configuration, "viewTimeoutMs">): ClientTuning {
  const retryMs = given.retryMs ?? Math.min(RETRY_MS, cluster.viewTimeoutMs);
  const leastMs = timeoutMsMin(cluster, retryMs);
  const timeoutMs = given.timeoutMs ?? Math.max(TIMEOUT_MS, leastMs);
  const tuning = { questionMs: timeoutMs, windowMax: 256, ...given, retryMs, timeoutMs };
  for (const [name, value] of Object.entries(tuning)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ConfigurationError(`expected ${name} to be a whole number >= 1, got ${value}`);
  }
  if (tuning.windowMax > NUMBERS_MAX)
    throw new ConfigurationError(`expected a windowMax of at most ${NUMBERS_MAX}, got ${tuning.windowMax}`);
  if (timeoutMs < leastMs)
    throw new ConfigurationError(
      `expected a timeoutMs of at least ${leastMs} ms (retryMs and ${DEADLINE_TIMEOUTS + 1} times the cluster's viewTimeoutMs of ${cluster.viewTimeoutMs} ms), got ${timeoutMs}: a primary that ignores this client would outlast it; raise timeoutMs, or lower viewTimeoutMs on all nodes of the cluster`,
    );
  return tuning;
}
