/**
 * The messages, with the sections of Castro & Liskov 1999 that define them. Replicas name each other by index.
 * The signed bytes are written down in `signing.ts`, the layouts in `message-codec.ts`.
 */
import type { CommittedBatch } from "@void-system/crypto";
import type { PeerId } from "@void-system/effects";
import type { Batch, Request } from "./batch.ts";
import type { CommitCertificate, ComplaintCertificate, PreparedCertificate, Proposal, StableCertificate } from "./certificate.ts";

/** ⟨PRE-PREPARE, v, n, d⟩ with the batch (§4.2). Signed by the primary of `view`; the signature covers the digest. */
export interface PrePrepare {
  readonly type: "pre-prepare";
  /** The view. */
  readonly view: number;
  /** The sequence number. */
  readonly sequence: number;
  /** The batch itself. */
  readonly batch: Batch;
  /** The signature over all of it, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** ⟨PREPARE, v, n, d, i⟩ or ⟨COMMIT, v, n, d, i⟩ (§4.2). */
export interface Vote {
  readonly type: "prepare" | "commit";
  /** The view. */
  readonly view: number;
  /** The sequence number. */
  readonly sequence: number;
  /** The digest of the batch. */
  readonly digest: Uint8Array;
  /** Index of the replica that says so. */
  readonly sender: number;
  /** The signature over all of it, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** ⟨CHECKPOINT, n, d, i⟩ (§4.3): `digest` is that of the manifest of the state after batch n. */
export interface CheckpointVote {
  readonly type: "checkpoint";
  /** The sequence number. */
  readonly sequence: number;
  /** The digest of the batch. */
  readonly digest: Uint8Array;
  /** Index of the replica that says so. */
  readonly sender: number;
  /** The signature over all of it, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** ⟨VIEW-CHANGE, v+1, n, C, P, i⟩ (§4.4): n and C are in `stable`, P is `prepared`, in sequence order. */
export interface ViewChange {
  readonly type: "view-change";
  /** The view. */
  readonly view: number;
  /** Its last stable checkpoint with its proof: n and C. */
  readonly stable: StableCertificate;
  /** P: what it has prepared above that checkpoint, in sequence order. */
  readonly prepared: readonly PreparedCertificate[];
  /** Index of the replica that says so. */
  readonly sender: number;
  /** The signature over all of it, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** ⟨NEW-VIEW, v+1, V, O⟩ (§4.4): exactly a quorum of VIEW-CHANGEs, and the PRE-PREPAREs that follow from them. */
export interface NewView {
  readonly type: "new-view";
  /** The view. */
  readonly view: number;
  /** V: a quorum of VIEW-CHANGEs to this view, in the order of their senders. */
  readonly viewChanges: readonly ViewChange[];
  /** O: a proposal for each sequence number that V calls for. */
  readonly proposals: readonly Proposal[];
  /** The signature over all of it, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** ⟨COMPLAINT, v, i⟩: a request, or the beginning of v itself, has waited for too long. It binds nobody. */
export interface Complaint {
  readonly type: "complaint";
  /** The view. */
  readonly view: number;
  /** Index of the replica that says so. */
  readonly sender: number;
  /** The signature over all of it, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** The proof with which a view is left: who sees it follows at once. */
export interface Departure {
  readonly type: "departure";
  /** f+1 complaints of the view that is left. */
  readonly certificate: ComplaintCertificate;
}

/** Fate of a request that was executed. */
export const ReplyStatus = {
  /** The result is the state machine's. */
  ok: 0,
  /** It failed the same way everywhere; the result is a reason in UTF-8. */
  failed: 1,
} as const;
/** One of the values of `ReplyStatus`. */
export type ReplyStatus = (typeof ReplyStatus)[keyof typeof ReplyStatus];

/** The result of one request, a leaf of the tree of its batch. */
export interface Result {
  /** The client's number of the request. */
  readonly number: number;
  /** SHA-256 of the statement of the request that was executed under this number. */
  readonly request: Uint8Array;
  /** Fate of the request. */
  readonly status: ReplyStatus;
  /** The state machine's result, or what the status says. */
  readonly result: Uint8Array;
  /** The path to the root of the results of its batch. */
  readonly path: Uint8Array;
}

/**
 * ⟨REPLY, n, t, d, r, i⟩ (§4.1), for the requests that one client had in a batch. The signature covers the batch and the root of
 * its results, so one serves all clients of the batch, and f+1 of them prove each result.
 */
export interface Reply {
  readonly type: "reply";
  /** The view of the sender, unsigned: a hint for its client. */
  readonly view: number;
  /** The client. */
  readonly client: PeerId;
  /** The batch: its place, its agreed time, its digest, the root of its results. */
  readonly executed: CommittedBatch;
  /** Results of the client's requests in that batch. */
  readonly results: readonly Result[];
  /** Index of the replica that says so. */
  readonly sender: number;
  /** The signature over the batch, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** Reasons of a replica not to order a request, or to have no result of one. */
export const HintReason = {
  /** The number is too old. */
  stale: 0,
  /** A request was executed under this number, and its result is no longer kept. */
  forgotten: 1,
  /** The number runs too far ahead of the agreed time. */
  ahead: 2,
  /** The agreed time is behind the request's `notAfterMs`: it is not executed, now or ever. */
  expired: 3,
  /** The sender has no room for it now. */
  busy: 4,
} as const;
/** One of the values of `HintReason`. */
export type HintReason = (typeof HintReason)[keyof typeof HintReason];

/**
 * The word of one replica about a request, from its own state: a hint, which binds nobody and is not signed. It reports the
 * agreed time and the highest number executed for the client, from which the client goes on, whatever its clock.
 */
export interface Hint {
  readonly type: "hint";
  /** The view of the sender. */
  readonly view: number;
  /** The client. */
  readonly client: PeerId;
  /** The client's number of the request. */
  readonly number: number;
  /** Why there is no result. */
  readonly reason: HintReason;
  /** The agreed time of the last batch that the sender has executed, in milliseconds since 1970. */
  readonly agreedMs: number;
  /** The highest number of the client that was executed, or below which no new session begins. */
  readonly highest: number;
}

/** State of a slot at a replica, as a STATUS reports it. */
export const SlotState = {
  /** It has not voted for a proposal in this view. */
  nothing: 0,
  /** It has voted for one. */
  proposed: 1,
  /** It has prepared it. */
  prepared: 2,
  /** It holds a commit certificate and the batch. */
  committed: 3,
} as const;

/**
 * Standing of a replica: peers send what it lacks (the status messages of Castro & Liskov 2002). `slots` describes one
 * by one those after `lastExecuted`, as values of {@link SlotState}.
 */
export interface Status {
  readonly type: "status";
  /** The view. */
  readonly view: number;
  /** It has left its view and waits for `view` to begin. */
  readonly changing: boolean;
  /** Its timeout for the primary of `view` is over. Not a vote: it may be taken back. */
  readonly complaining: boolean;
  /** Sequence number of its last stable checkpoint. */
  readonly stable: number;
  /** The last batch that it has executed. */
  readonly lastExecuted: number;
  /** States of the slots after `lastExecuted`. */
  readonly slots: readonly number[];
  /** Index of the replica that says so. */
  readonly sender: number;
  /** The signature over all of it, see `docs/format.md`. */
  readonly signature: Uint8Array;
}

/** Asks for the batch with this digest: a certificate named it, and it was not seen. */
export interface FetchBatch {
  readonly type: "fetch-batch";
  /** The sequence number. */
  readonly sequence: number;
  /** The digest of the batch. */
  readonly digest: Uint8Array;
}

/** A batch that was asked for; it proves itself by its digest. */
export interface BatchAnswer {
  readonly type: "batch";
  /** The sequence number. */
  readonly sequence: number;
  /** The batch itself. */
  readonly batch: Batch;
}

/** Asks for committed batches from a sequence number on; `from` 0 asks for the stable checkpoint with its manifest. */
export interface FetchSlots {
  readonly type: "fetch-slots";
  /** The first sequence number. */
  readonly from: number;
}

/** A committed batch with the COMMITs that prove it. */
export interface CommittedSlot {
  /** The certificate. */
  readonly certificate: CommitCertificate;
  /** The batch itself. */
  readonly batch: Batch;
}

/** Committed batches in sequence. */
export interface Slots {
  readonly type: "slots";
  /** The slots, in sequence order. */
  readonly slots: readonly CommittedSlot[];
}

/** A stable checkpoint with its proof, and, for one who must transfer it, the manifest that its digest commits to. */
export interface StableAnswer {
  readonly type: "stable";
  /** The certificate. */
  readonly certificate: StableCertificate;
  /** The manifest of the state, encoded. */
  readonly manifest?: Uint8Array;
}

/** Asks for a chunk of the state of a stable checkpoint. */
export interface FetchChunk {
  readonly type: "fetch-chunk";
  /** The sequence number. */
  readonly sequence: number;
  /** Index of the chunk. */
  readonly index: number;
}

/** A chunk; the manifest proves it. */
export interface ChunkAnswer {
  readonly type: "chunk";
  /** The sequence number. */
  readonly sequence: number;
  /** Index of the chunk. */
  readonly index: number;
  /** The bytes. */
  readonly bytes: Uint8Array;
}

/** The configuration of a replica, shown to each other one when their link is up. */
export interface Hello {
  readonly type: "hello";
  /** The record of the configuration, encoded. */
  readonly configuration: Uint8Array;
}

/** Everything that replicas and clients say to each other. */
export type Message =
  | Request
  | PrePrepare
  | Vote
  | CheckpointVote
  | ViewChange
  | NewView
  | Complaint
  | Departure
  | Reply
  | Hint
  | Status
  | FetchBatch
  | BatchAnswer
  | FetchSlots
  | Slots
  | StableAnswer
  | FetchChunk
  | ChunkAnswer
  | Hello;
