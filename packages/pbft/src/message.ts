/**
 * The messages, with the sections of Castro & Liskov 1999 that define them. Replicas name each other by index.
 * What a replica signs is written down in `signing.ts`, how it looks on the wire in `message-codec.ts`.
 */
import type { PeerId } from "@void-system/effects";
import type { Batch, Request } from "./batch.ts";
import type { CommitCertificate, PreparedCertificate, Proposal, StableCertificate } from "./certificate.ts";

/** ⟨PRE-PREPARE, v, n, d⟩ with the batch (§4.2). Signed by the primary of `view`; the signature covers the digest. */
export interface PrePrepare {
  readonly type: "pre-prepare";
  /** The view that it belongs to. */
  readonly view: number;
  /** The sequence number that it is about. */
  readonly sequence: number;
  /** What is proposed for this sequence number. */
  readonly batch: Batch;
  /** The primary's, over view, sequence and the batch's digest. */
  readonly signature: Uint8Array;
}

/** ⟨PREPARE, v, n, d, i⟩ or ⟨COMMIT, v, n, d, i⟩ (§4.2). */
export interface Vote {
  readonly type: "prepare" | "commit";
  /** The view that it belongs to. */
  readonly view: number;
  /** The sequence number that it is about. */
  readonly sequence: number;
  /** Digest of the batch. */
  readonly digest: Uint8Array;
  /** Index of the replica that sent it. */
  readonly sender: number;
  /** The sender's, over the statement in `signing.ts`. */
  readonly signature: Uint8Array;
}

/** ⟨CHECKPOINT, n, d, i⟩ (§4.3): `digest` is that of the manifest of the state after batch n. */
export interface CheckpointVote {
  readonly type: "checkpoint";
  /** The batch after which the checkpoint was taken. */
  readonly sequence: number;
  /** Digest of the manifest of the state. */
  readonly digest: Uint8Array;
  /** Index of the replica that sent it. */
  readonly sender: number;
  /** The sender's, over the statement in `signing.ts`. */
  readonly signature: Uint8Array;
}

/** ⟨VIEW-CHANGE, v+1, n, C, P, i⟩ (§4.4): n and C are in `stable`, P is `prepared`, in sequence order. */
export interface ViewChange {
  readonly type: "view-change";
  /** The view that the sender wants next. */
  readonly view: number;
  /** The sender's stable checkpoint, with its proof. */
  readonly stable: StableCertificate;
  /** What the sender has prepared beyond it, in sequence order. */
  readonly prepared: readonly PreparedCertificate[];
  /** Index of the replica that sent it. */
  readonly sender: number;
  /** The sender's, over the statement in `signing.ts`. */
  readonly signature: Uint8Array;
}

/** ⟨NEW-VIEW, v+1, V, O⟩ (§4.4): exactly a quorum of VIEW-CHANGEs, and the PRE-PREPAREs that follow from them. */
export interface NewView {
  readonly type: "new-view";
  /** The view that begins. */
  readonly view: number;
  /** A quorum of VIEW-CHANGEs for it, which prove that it may begin. */
  readonly viewChanges: readonly ViewChange[];
  /** What follows from them: the PRE-PREPAREs of the new view, without their batches. */
  readonly proposals: readonly Proposal[];
  /** The new primary's. */
  readonly signature: Uint8Array;
}

/** What became of a request. */
export const ReplyStatus = {
  /** Executed; the result is the state machine's. */
  ok: 0,
  /** Executed, and failed the same way everywhere; the result is a reason in UTF-8. */
  failed: 1,
  /** Not executed: the number is too old; the result is the highest executed number, eight bytes. */
  stale: 2,
  /** Executed earlier, but its result is no longer kept. */
  forgotten: 3,
  /** Not executed: the number runs too far ahead of the agreed time. */
  ahead: 4,
} as const;
/** One of the values of `ReplyStatus`. */
export type ReplyStatus = (typeof ReplyStatus)[keyof typeof ReplyStatus];

/** The reply to one request. */
export interface Result {
  /** The client's number of the request. */
  readonly number: number;
  /** What became of it. */
  readonly status: ReplyStatus;
  /** What the status says that it is. */
  readonly result: Uint8Array;
}

/** ⟨REPLY, v, t, c, i, r⟩ (§4.1), for all the requests that one client had in a batch: one signature serves them. */
export interface Reply {
  readonly type: "reply";
  /** The view that the sender is in: whom to ask next. */
  readonly view: number;
  /** Whose requests these were. */
  readonly client: PeerId;
  /** One for each of the client's requests in the batch. */
  readonly results: readonly Result[];
  /** Index of the replica that sent it. */
  readonly sender: number;
  /** The sender's, over the statement in `signing.ts`. */
  readonly signature: Uint8Array;
}

/** What a replica has of a slot, told in a STATUS. */
export const SlotState = { nothing: 0, proposed: 1, prepared: 2, committed: 3 } as const;

/**
 * Where a replica stands: peers send what it lacks (the status messages of Castro & Liskov 2002). `slots` tells one
 * by one of those after `lastExecuted`, as values of {@link SlotState}.
 */
export interface Status {
  readonly type: "status";
  /** The view that the sender is in. */
  readonly view: number;
  /** Whether it has left that view and waits for the next one. */
  readonly changing: boolean;
  /** It has lost patience with the primary of `view`. Not a vote: it may be taken back. */
  readonly complaining: boolean;
  /** Sequence number of its stable checkpoint. */
  readonly stable: number;
  /** Sequence number of the last batch that it executed. */
  readonly lastExecuted: number;
  /** What it has of the slots after that one. */
  readonly slots: readonly number[];
  /** Index of the replica that sent it. */
  readonly sender: number;
  /** The sender's, over the statement in `signing.ts`. */
  readonly signature: Uint8Array;
}

/** Asks for the batch with this digest: a certificate named it, and it was not seen. */
export interface FetchBatch {
  readonly type: "fetch-batch";
  /** The sequence number that it is about. */
  readonly sequence: number;
  /** Digest of the batch that is asked for. */
  readonly digest: Uint8Array;
}

/** A batch that was asked for; it proves itself by its digest. */
export interface BatchAnswer {
  readonly type: "batch";
  /** The sequence number that it is about. */
  readonly sequence: number;
  /** The batch itself. */
  readonly batch: Batch;
}

/** Asks for committed batches from a sequence number on; `from` 0 asks for the stable checkpoint with its manifest. */
export interface FetchSlots {
  readonly type: "fetch-slots";
  /** The first sequence number that is asked for; 0 for the stable checkpoint. */
  readonly from: number;
}

/** A committed batch with the COMMITs that prove it. */
export interface CommittedSlot {
  /** The COMMITs. */
  readonly certificate: CommitCertificate;
  /** What they commit. */
  readonly batch: Batch;
}

/** Committed batches in sequence. */
export interface Slots {
  readonly type: "slots";
  /** Each follows the one before it. */
  readonly slots: readonly CommittedSlot[];
}

/** A stable checkpoint with its proof, and, for one who must transfer it, the manifest that its digest commits to. */
export interface StableAnswer {
  readonly type: "stable";
  /** The CHECKPOINTs that prove it. */
  readonly certificate: StableCertificate;
  /** The digests of the chunks of the state. */
  readonly manifest?: Uint8Array;
}

/** Asks for a chunk of the state of a stable checkpoint. */
export interface FetchChunk {
  readonly type: "fetch-chunk";
  /** Of which stable checkpoint. */
  readonly sequence: number;
  /** Which chunk. */
  readonly index: number;
}

/** A chunk; the manifest proves it. */
export interface ChunkAnswer {
  readonly type: "chunk";
  /** Of which stable checkpoint. */
  readonly sequence: number;
  /** Which chunk. */
  readonly index: number;
  /** The chunk. */
  readonly bytes: Uint8Array;
}

/** Everything that replicas and clients say to each other. */
export type Message =
  | Request
  | PrePrepare
  | Vote
  | CheckpointVote
  | ViewChange
  | NewView
  | Reply
  | Status
  | FetchBatch
  | BatchAnswer
  | FetchSlots
  | Slots
  | StableAnswer
  | FetchChunk
  | ChunkAnswer;
