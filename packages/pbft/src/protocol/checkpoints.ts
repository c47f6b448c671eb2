/**
 * The checkpoints that a replica holds: those that wait to become stable, the newest two that it serves, the one that is
 * being written, and for each peer the one that it transfers. A snapshot is released when it is none of these.
 */
import { LEASE_BYTES_PER_MS, LEASE_GRACE_MS, LEASE_MS_MAX } from "../limits.ts";
import type { AgreedTime } from "./agreed-time.ts";
import type { Snapshot } from "./state-machine.ts";

/** A checkpoint: the state of this replica after a batch. */
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

/** A checkpoint that is kept for a peer while the peer transfers it. */
interface Lease {
  readonly taken: TakenCheckpoint;
  readonly sinceMs: number;
  bytes: number;
}

/** The checkpoints held, owned. */
export class Checkpoints {
  /** Not stable yet, by sequence number. */
  readonly #taken = new Map<number, TakenCheckpoint>();
  /** Newest first. */
  #served: readonly TakenCheckpoint[] = [];
  #toWrite: TakenCheckpoint | undefined;
  /** Its chunks are read until it is written. */
  #writing: TakenCheckpoint | undefined;
  /** No longer served to all, to be released when they are neither leased nor being written. */
  #retired: TakenCheckpoint[] = [];
  /** By peer. */
  readonly #leases = new Map<number, Lease>();

  /** The newest that is served. */
  get newest(): TakenCheckpoint | undefined {
    return this.#served[0];
  }

  /** One that is served to a peer, by its sequence number. */
  at(sequence: number, peer: number): TakenCheckpoint | undefined {
    const leased = this.#leases.get(peer)?.taken;
    return leased?.sequence === sequence ? leased : this.#served.find((taken) => taken.sequence === sequence);
  }

  /** Keeps a checkpoint for a peer that takes a chunk of it; of each peer the one that it took a chunk of last. */
  lease(peer: number, taken: TakenCheckpoint, bytes: number, nowMs: number): void {
    const lease = this.#leases.get(peer);
    if (lease?.taken === taken) lease.bytes += bytes;
    else {
      this.#leases.set(peer, { taken, sinceMs: nowMs, bytes });
      this.#release();
    }
  }

  /** Ends the leases of peers that are too slow, or have theirs for too long. */
  expire(nowMs: number): void {
    for (const [peer, { sinceMs, bytes }] of this.#leases) {
      const forMs = nowMs - sinceMs;
      const isSlow = bytes < (forMs - LEASE_GRACE_MS) * LEASE_BYTES_PER_MS;
      if (isSlow || forMs > LEASE_MS_MAX) this.#leases.delete(peer);
    }
    this.#release();
  }

  /** Those that are not stable yet. */
  unstable(): IterableIterator<TakenCheckpoint> {
    return this.#taken.values();
  }

  /** Keeps one until it is stable. */
  add(taken: TakenCheckpoint): void {
    this.#taken.set(taken.sequence, taken);
  }

  /** Drops those below a stable checkpoint, and returns this replica's own of the same sequence number. */
  claim(sequence: number): TakenCheckpoint | undefined {
    const own = this.#taken.get(sequence);
    this.#taken.delete(sequence);
    this.#drop((taken) => taken.sequence < sequence);
    return own;
  }

  /** Drops all that are not stable: their state was replaced. */
  dropUnstable(): void {
    this.#drop(() => true);
  }

  /** Serves a certified state. */
  serve(taken: TakenCheckpoint): void {
    const [newest, ...older] = this.#served;
    this.#retired.push(...older);
    this.#served = newest === undefined ? [taken] : [taken, newest];
    this.#release();
  }

  /** Notes that a certified state is to be written. */
  toWrite(taken: TakenCheckpoint): void {
    this.#toWrite = taken;
  }

  /** Returns the state to write now, which must be that of `sequence`; none while another is being written. */
  beginWrite(sequence: number): TakenCheckpoint | undefined {
    const taken = this.#toWrite;
    if (taken === undefined || this.#writing !== undefined || taken.sequence !== sequence) return undefined;
    this.#toWrite = undefined;
    this.#writing = taken;
    return taken;
  }

  /** Notes that the one being written is on disk. */
  written(): void {
    this.#writing = undefined;
    this.#release();
  }

  #drop(isOld: (taken: TakenCheckpoint) => boolean): void {
    for (const taken of this.#taken.values()) {
      if (!isOld(taken)) continue;
      this.#taken.delete(taken.sequence);
      taken.snapshot.release();
    }
  }

  #release(): void {
    const leased = new Set([...this.#leases.values()].map(({ taken }) => taken));
    this.#retired = this.#retired.filter((taken) => {
      if (taken === this.#writing || leased.has(taken)) return true;
      taken.snapshot.release();
      return false;
    });
  }
}
