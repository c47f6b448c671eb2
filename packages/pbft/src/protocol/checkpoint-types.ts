/**
 * Checkpoints that a replica holds: those that it took, and one that it fetches from others.
 */
import type { AgreedTime } from "./agreed-time.ts";
import type { StableCertificate } from "../codec/certificate.ts";
import type { Manifest } from "../codec/manifest.ts";
import type { Snapshot } from "./state-machine.ts";

/** A checkpoint that this replica took: its state after a batch. */
export interface TakenCheckpoint {
  readonly sequence: number;
  readonly digest: Uint8Array;
  readonly manifest: Uint8Array;
  readonly time: AgreedTime;
  readonly sessionChunks: readonly Uint8Array[];
  readonly snapshot: Snapshot;
  /** Of the sessions and the state machine together. */
  readonly chunks: number;
}

/** A transfer under way. */
export interface Transfer {
  readonly certificate: StableCertificate;
  readonly manifest: Manifest;
  /** Chunks that have arrived, by index. */
  readonly chunks: Map<number, Uint8Array>;
  /** Whom each missing chunk was asked of since the last tick. */
  readonly asked: Map<number, number>;
  /** Who owes an answer for a missing chunk, each once for each time that he was asked: a hash costs more than a lie. */
  readonly owed: Map<number, Set<number>>;
  nextPeer: number;
}
