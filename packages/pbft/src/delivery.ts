/** What a replica tells the program around it. */
import type { PeerId } from "@void-system/effects";
import type { CommitCertificate } from "./certificate.ts";
import type { Reply, ReplyStatus } from "./message.ts";
import type { Agreed } from "./state-machine.ts";

/** One request that a batch executed. */
export interface ExecutedRequest {
  /** Who asked. */
  readonly client: PeerId;
  /** The client's number of it. */
  readonly number: number;
  /** What was asked. */
  readonly operation: Uint8Array;
  /** What became of it. */
  readonly status: ReplyStatus;
  /** What the status says that it is. */
  readonly result: Uint8Array;
}

/** A batch was executed. Requests that were executed before, or refused, are not in it. */
export interface Executed {
  readonly type: "executed";
  /** The batch's place and time, the same on every replica. */
  readonly agreed: Agreed;
  /** In the order of execution. */
  readonly requests: readonly ExecutedRequest[];
  /** Proves to anyone with the replicas' keys that this batch stands at this place. */
  readonly certificate: CommitCertificate;
}

/** The state jumped to that of a stable checkpoint: the batches up to `sequence` are in it and are not delivered. */
export interface Restored {
  readonly type: "restored";
  /** The last batch that the state holds. */
  readonly sequence: number;
  /** The state machine's root at it. */
  readonly root: Uint8Array;
}

/** A reply to the client that lives on this very node. */
export interface OwnReply {
  readonly type: "reply";
  /** As the replica has signed it. */
  readonly reply: Reply;
}

/** A delivery of `ReplicaCore`. */
export type ReplicaDelivery = Executed | Restored | OwnReply;
