import type { RefusalCode } from "./client/outcome.ts";

/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class PBFTError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, a cluster, a replica or a client was described in a way that cannot work. */
export class ConfigurationError extends PBFTError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_PBFT_CONFIGURATION", message, options);
  }
}

/**
 * When this is thrown, a node signs with another key than the one by which the cluster knows it. Nobody would believe it, and a
 * primary that proposed its requests would look faulty.
 */
export class OwnKeyError extends PBFTError {
  constructor(self: string) {
    super(
      "ERR_PBFT_OWN_KEY",
      `expected the public key that the cluster holds for ${self} to verify what ${self} signs, it does not; give the node the key file that belongs to its public key, or set that key right in the configuration of all nodes`,
    );
  }
}

/**
 * When this is thrown, **the outcome is unknown**: the operation may have been executed, may still be, or never will. Ask the
 * state before you send it again, or make it idempotent.
 */
export class OutcomeUnknownError extends PBFTError {
  /** The agreed time, in milliseconds since 1970, behind which the operation is not executed if it was not before. */
  readonly notAfterMs: number;

  constructor(message: string, notAfterMs: number, code: string = "ERR_OUTCOME_UNKNOWN") {
    super(code, message);
    this.notAfterMs = notAfterMs;
  }
}

/** When this is thrown, f+1 replicas did not answer alike in time, and so the outcome is unknown. */
export class NoQuorumError extends OutcomeUnknownError {
  constructor(timeoutMs: number, replies: number, needed: number, notAfterMs: number) {
    super(
      `expected ${needed} matching replies within ${timeoutMs} ms, got ${replies}; the outcome is unknown: check that a quorum of replicas is up, read the state, then decide whether to send again`,
      notAfterMs,
      "ERR_NO_QUORUM",
    );
  }
}

/** When this is thrown, a client has as many requests under way as it may; nothing was sent. Wait for one to finish. */
export class BusyError extends PBFTError {
  constructor(outstanding: number) {
    super(
      "ERR_BUSY",
      `expected fewer than ${outstanding} requests under way, got one more; nothing was sent: wait for one to finish`,
    );
  }
}

/** When this is thrown, the client or node was closed; a request that was under way has an unknown outcome. */
export class ClosedError extends PBFTError {
  constructor() {
    super("ERR_CLOSED", "expected an open client, got a closed one; the outcome of a request under way is unknown");
  }
}

/** When this is thrown, the cluster executed the request, and it failed the same way on every replica. */
export class OperationFailedError extends PBFTError {
  constructor(reason: string) {
    super("ERR_OPERATION_FAILED", `the operation failed alike on all replicas: ${reason}`);
  }
}

/** When this is thrown, the request was not executed and never will be. `refusal` says why, for programs. */
export class RequestRefusedError extends PBFTError {
  /** Why it was refused. */
  readonly refusal: RefusalCode;

  constructor(refusal: RefusalCode, reason: string) {
    super("ERR_REQUEST_REFUSED", reason);
    this.refusal = refusal;
  }
}

/** When this is thrown, the request was executed, and its result is no longer kept (see `SESSION_RESULT_BYTES_MAX`). */
export class ResultForgottenError extends PBFTError {
  constructor(reason: string) {
    super("ERR_RESULT_FORGOTTEN", reason);
  }
}

/**
 * A state machine throws this from `apply` when the whole batch fails **the same way on every replica and changed
 * nothing**. Each of its requests gets the message as a failed result. Any other throw stops the replica.
 */
export class DeterministicFailure extends PBFTError {
  constructor(message: string) {
    super("ERR_DETERMINISTIC_FAILURE", message);
  }
}

/** When this is thrown, the replica's own disk or state contradicts what the cluster certified. It must not go on. */
export class InvariantError extends PBFTError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_PBFT_INVARIANT", message, options);
  }
}

/** When this is thrown, a durable record or checkpoint could not be read: it is of another version, or damaged. */
export class RecoveryError extends PBFTError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_PBFT_RECOVERY", message, options);
  }
}
