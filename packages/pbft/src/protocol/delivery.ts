/** Deliveries of a replica to the program around it. */
import type { PeerId } from "@void-system/effects";
import type { CommitCertificate } from "../codec/certificate.ts";
import type { Hint, Reply, ReplyStatus } from "../codec/message.ts";
import type { Agreed } from "./state-machine.ts";

/** One request that a batch executed. */
export interface ExecutedRequest {
  /** The client that signed it. */
  readonly client: PeerId;
  /** Its number. */
  readonly number: number;
  /** Operation that the state machine was given. */
  readonly operation: Uint8Array;
  /** Fate of the request. */
  readonly status: ReplyStatus;
  /** The state machine's result. */
  readonly result: Uint8Array;
}

/** A batch was executed. Requests that were executed before, or refused, are not in it. */
export interface Executed {
  readonly type: "executed";
  /** Place, time and random bytes. */
  readonly agreed: Agreed;
  /** The requests that were executed, in order. */
  readonly requests: readonly ExecutedRequest[];
  /** Proves to anyone with the replicas' keys that this batch stands at this place. */
  readonly certificate: CommitCertificate;
}

/** The state jumped to that of a stable checkpoint: the batches up to `sequence` are in it and are not delivered. */
export interface Restored {
  readonly type: "restored";
  /** The sequence number of the checkpoint. */
  readonly sequence: number;
  /** The state machine's root there. */
  readonly root: Uint8Array;
}

/** A reply to the client that lives on this very node. */
export interface OwnReply {
  readonly type: "reply";
  /** The signed reply, or a hint. */
  readonly reply: Reply | Hint;
}

/** A delivery of `ReplicaCore`. */
export type ReplicaDelivery = Executed | Restored | OwnReply;
