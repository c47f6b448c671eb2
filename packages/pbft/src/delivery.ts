/** What a replica tells the program around it. */
import type { PeerId } from "@void-system/effects";
import type { CommitCertificate } from "./certificate.ts";
import type { Reply, ReplyStatus } from "./message.ts";
import type { Agreed } from "./state-machine.ts";

/** One request that a batch executed. */
export interface ExecutedRequest {
  readonly client: PeerId;
  readonly number: number;
  readonly operation: Uint8Array;
  readonly status: ReplyStatus;
  readonly result: Uint8Array;
}

/** A batch was executed. Requests that were executed before, or refused, are not in it. */
export interface Executed {
  readonly type: "executed";
  readonly agreed: Agreed;
  readonly requests: readonly ExecutedRequest[];
  /** Proves to anyone with the replicas' keys that this batch stands at this place. */
  readonly certificate: CommitCertificate;
}

/** The state jumped to that of a stable checkpoint: the batches up to `sequence` are in it and are not delivered. */
export interface Restored {
  readonly type: "restored";
  readonly sequence: number;
  readonly root: Uint8Array;
}

/** A reply to the client that lives on this very node. */
export interface OwnReply {
  readonly type: "reply";
  readonly reply: Reply;
}

/** A delivery of `ReplicaCore`. */
export type ReplicaDelivery = Executed | Restored | OwnReply;
