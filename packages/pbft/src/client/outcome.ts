/** Outcomes of a submission. */

/** Outcome of a submission. Programs tell outcomes apart by `type` and `code`; a reason is for people. */
export type Outcome =
  /** Executed. */
  | {
      readonly type: "ok";
      /** The state machine's result. */
      readonly result: Uint8Array;
      /** Proves the result to anyone who knows the replicas' keys (`verifyCommitProof` of `@void-system/crypto`), if it was asked for. */
      readonly proof?: Uint8Array;
    }
  /** Executed, and it failed the same way on every replica. */
  | {
      readonly type: "failed";
      /** Why, for people. */
      readonly reason: string;
      /** Proves it, if a proof was asked for. */
      readonly proof?: Uint8Array;
    }
  /** Not executed, now or ever. */
  | {
      readonly type: "refused";
      /** Why, for programs. */
      readonly code: RefusalCode;
      /** Why, for people. */
      readonly reason: string;
    }
  /** A request was executed under this number, and its result is no longer kept. */
  | {
      readonly type: "forgotten";
      /** Meaning, for people. */
      readonly reason: string;
    }
  /** Not known: executed, still to be, or never. */
  | {
      readonly type: "unknown";
      /** Why, for programs. */
      readonly code: UnknownCode;
      /** Number of replicas that had answered. */
      readonly replies: number;
      /** The agreed time, in milliseconds since 1970, behind which it is not executed if it was not before. */
      readonly notAfterMs: number;
      /** Difference between the client's configuration and that of the replicas, if the code is `other-configuration`. */
      readonly difference?: string;
    };

/** Reasons why a request was not executed and never will be. */
export type RefusalCode =
  /** The operation is longer than `OPERATION_BYTES_MAX`; it was not sent. */
  | "too-large"
  /** Its number is below the client's window. */
  | "stale"
  /** The agreed time has passed the time after which it may not be executed. */
  | "expired"
  /** Other requests were executed under its numbers. */
  | "number-taken"
  /** f+1 replicas have another configuration than the client; it was not sent. */
  | "other-configuration";

/** Reasons why it is not known what came of a request. */
export type UnknownCode =
  /** f+1 replicas have not answered alike in time. */
  | "no-quorum"
  /** Its number runs too far ahead of the agreed time, so somebody may repeat it later. */
  | "ahead"
  /** f+1 replicas have another configuration than the client, which was learned after the request was sent. */
  | "other-configuration";

/** The remedy for a client of another configuration; what differs follows. */
export const OTHER_CONFIGURATION = "the replicas have another configuration than this client, so give it theirs";

const REFUSALS: Readonly<Record<RefusalCode, string>> = {
  "too-large": "the operation is too long, so it was not sent",
  stale: "the request's number is below the client's window, so it was not executed: is another process using this client's name?",
  expired: "the request was not executed in its time, and never will be",
  "number-taken":
    "other requests were executed under this client's numbers, so this one was not: is another process using this client's name?",
  "other-configuration": OTHER_CONFIGURATION,
};

/** A refusal, with its reason in words and what it is about. */
export function refusedFor(code: RefusalCode, detail?: string): Outcome {
  return { type: "refused", code, reason: detail === undefined ? REFUSALS[code] : `${REFUSALS[code]}: ${detail}` };
}

/** The outcome of a request whose result is gone. */
export const FORGOTTEN: Outcome = {
  type: "forgotten",
  reason: "a request was executed under this number, but its result is no longer kept; read the state",
};
