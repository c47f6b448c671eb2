/**
 * One log in its folder: batches of records in segments, one write and one sync at a time.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import { join } from "node:path";
import type { Lsn } from "../brand.ts";
import type { DurableLog } from "../world.ts";
import { writeCheckpoint } from "./checkpoint-file.ts";
import { DiskPathError } from "../errors.ts";
import { syncDirectory, writeWhole } from "./files.ts";
import { BatchWriter, SEGMENT_HEADER_BYTES, segmentHeader, segmentName } from "./log-format.ts";
import type { FoundLog, Segment } from "./log-recovery.ts";

/** Default size from which a segment gets no further batch. */
export const SEGMENT_BYTES_MAX: number = 16 * 1024 * 1024;

type Done = (failure?: Error) => void;

/** A {@link DurableLog} on files. After its first failure every call fails. */
export class DirectoryLog implements DurableLog {
  readonly #folder: string;
  readonly #segmentBytesMax: number;
  readonly #segments: Segment[];
  #fd: number | undefined;
  /** The batch for appends. It swaps with the batch that is being written. */
  #filling = new BatchWriter();
  #writing = new BatchWriter();
  #last: number;
  #waiting: Done[] = [];
  #busy = false;
  #checkpointing = false;
  #rotate = false;
  #failure: Error | undefined;
  #closed: (() => void) | undefined;

  constructor(folder: string, found: FoundLog, segmentBytesMax: number) {
    this.#folder = folder;
    this.#segments = [...found.segments];
    this.#segmentBytesMax = segmentBytesMax;
    this.#last = found.last;
  }

  append(record: Uint8Array): void {
    if (this.#closed) return;
    this.#filling.add(record);
  }

  sync(done: Done): void {
    if (this.#closed) return;
    this.#waiting.push(done);
    if (!this.#busy) this.#begin();
  }

  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: Done): void {
    if (this.#closed) return;
    // The records are synced first, so that positions have no gap after a crash at any moment.
    this.sync((failure) => {
      if (failure) {
        done(failure);
        return;
      }
      this.#checkpointing = true;
      writeCheckpoint(this.#folder, upTo, chunks, (cause) => {
        if (cause) this.#failure = new DiskPathError("write a checkpoint in", this.#folder, cause);
        const finish = (): void => {
          this.#checkpointing = false;
          if (!this.#finishClosing()) done(this.#failure);
        };
        if (cause) finish();
        else this.#dropUpTo(upTo, finish);
      });
    });
  }

  /** Closes the log. No earlier callback runs afterwards. `closed` is called once no write is in flight. */
  close(closed: () => void): void {
    this.#closed = closed;
    this.#waiting = [];
    this.#finishClosing();
  }

  // ── one write and one sync at a time ──

  #begin(): void {
    this.#busy = true;
    const callbacks = this.#waiting;
    this.#waiting = [];
    if (this.#failure || this.#filling.count === 0) {
      setImmediate(() => this.#end(callbacks, this.#failure));
      return;
    }
    const batch = this.#filling;
    this.#filling = this.#writing;
    this.#writing = batch;
    this.#withSegment((failure, fd, segment) => {
      if (failure || fd === undefined || !segment) this.#end(callbacks, failure ?? new Error("no segment"));
      else this.#write(fd, segment, batch, callbacks);
    });
  }

  #write(fd: number, segment: Segment, batch: BatchWriter, callbacks: readonly Done[]): void {
    const bytes = batch.finish(this.#last + 1, segment.salt);
    writeWhole(fd, bytes, segment.bytes, (writing) => {
      if (writing) {
        this.#end(callbacks, new DiskPathError("write to", segment.path, writing));
        return;
      }
      fs.fdatasync(fd, (syncing) => {
        if (syncing) {
          this.#end(callbacks, new DiskPathError("sync", segment.path, syncing));
          return;
        }
        segment.bytes += bytes.length;
        this.#last += batch.count;
        segment.last = this.#last;
        batch.clear();
        this.#end(callbacks, undefined);
      });
    });
  }

  #end(callbacks: readonly Done[], failure: Error | undefined): void {
    this.#busy = false;
    this.#failure ??= failure;
    if (this.#finishClosing()) return;
    // The next write begins before these callbacks run, so that the disk does not idle.
    if (this.#waiting.length > 0) this.#begin();
    for (const done of callbacks) if (!this.#closed) done(this.#failure);
  }

  // ── segments ──

  /** Opens the segment for the next batch: the last one, or a new one if that is large or was checkpointed. */
  #withSegment(use: (failure: Error | undefined, fd?: number, segment?: Segment) => void): void {
    const current = this.#segments.at(-1);
    if (current && current.bytes < this.#segmentBytesMax && !this.#rotate) {
      if (this.#fd !== undefined) {
        use(undefined, this.#fd, current);
        return;
      }
      fs.open(current.path, "r+", (failure, fd) => {
        if (failure) {
          use(new DiskPathError("open", current.path, failure));
          return;
        }
        this.#fd = fd;
        use(undefined, fd, current);
      });
      return;
    }
    this.#rotate = false;
    if (this.#fd === undefined) {
      this.#createSegment(use);
      return;
    }
    fs.close(this.#fd, () => this.#createSegment(use));
    this.#fd = undefined;
  }

  /**
   * Creates a segment. Its name and header are durable before its first batch is written, so a damaged header in front of
   * batches is damage and not a torn write.
   */
  #createSegment(use: (failure: Error | undefined, fd?: number, segment?: Segment) => void): void {
    const first = this.#last + 1;
    const path = join(this.#folder, segmentName(first));
    const salt = randomBytes(4).readUInt32LE();
    const failed = (cause: Error): void => use(new DiskPathError("create", path, cause));
    fs.open(path, "w", 0o600, (opening, fd) => {
      if (opening) {
        failed(opening);
        return;
      }
      this.#fd = fd;
      const segment: Segment = { path, first, salt, bytes: SEGMENT_HEADER_BYTES, last: first - 1 };
      writeWhole(fd, segmentHeader(first, salt), 0, (writing) => {
        if (writing) {
          failed(writing);
          return;
        }
        fs.fsync(fd, (syncing) => {
          if (syncing) {
            failed(syncing);
            return;
          }
          syncDirectory(this.#folder, (naming) => {
            if (naming) {
              failed(naming);
              return;
            }
            this.#segments.push(segment);
            use(undefined, fd, segment);
          });
        });
      });
    });
  }

  /**
   * Removes the segments whose records are all replaced up to `upTo`, except the one in use, which the next batch leaves.
   * The removal is part of the checkpoint, so a closed log removes nothing while its successor runs.
   */
  #dropUpTo(upTo: number, dropped: () => void): void {
    const gone: string[] = [];
    while (this.#segments.length > 1 && (this.#segments[0]?.last ?? Infinity) <= upTo) {
      const segment = this.#segments.shift();
      if (segment) gone.push(segment.path);
    }
    // A segment without records already has the name that a new one would get.
    const current = this.#segments.at(-1);
    this.#rotate = current !== undefined && current.last >= current.first;
    const removeNext = (): void => {
      const path = gone.shift();
      if (path === undefined) dropped();
      // If the removal fails, the next open removes the file.
      else fs.unlink(path, removeNext);
    };
    removeNext();
  }

  #finishClosing(): boolean {
    if (!this.#closed) return false;
    if (this.#busy || this.#checkpointing) return true;
    const closed = this.#closed;
    this.#closed = () => undefined;
    if (this.#fd === undefined) setImmediate(closed);
    else fs.close(this.#fd, closed);
    this.#fd = undefined;
    return true;
  }
}
