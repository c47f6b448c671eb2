import type { Writable } from "node:stream";
import { CONTROL_BIT, unfilled } from "./frame-reader.ts";
import { HEADER_BYTES } from "./limits.ts";

/** Bytes that are gathered into one write; a larger frame is written by itself. */
const BATCH_BYTES_MAX = 128 * 1024;
/** Taken frames at the front of the list that are worth a copy of the rest. */
const COMPACT_AT = 8_192;
const TAKEN = new Uint8Array(0);

/**
 * Frames on their way into a socket: gathered during one turn of the event loop, written in batches, one batch at a
 * time, never more than `bytesMax` in memory.
 */
export class SendQueue {
  readonly #socket: Writable;
  readonly #bytesMax: number;
  readonly #writable: () => void;
  #control: Uint8Array[] = [];
  #frames: Uint8Array[] = [];
  /** The first of `#frames` that no batch has taken. */
  #next = 0;
  /** Bytes of the frames from `#next` on, with their headers. */
  #bytes = 0;
  /** Bytes of the batch that is being written. */
  #writing = 0;
  #due = false;
  #full = false;
  #stopped = false;
  #drained: (() => void) | undefined;
  /** Batches are built here, one after the other: the socket is done with one before the next is begun. */
  #scratch: Uint8Array | undefined;

  /** `writable` is called from the event loop, once, when half of the room is free after an `offer` did not fit. */
  constructor(socket: Writable, bytesMax: number, writable: () => void) {
    this.#socket = socket;
    this.#bytesMax = bytesMax;
    this.#writable = writable;
  }

  /** Bytes in memory, framing included. */
  get bytes(): number {
    return this.#bytes + this.#writing;
  }

  /** Frames that no batch has taken. */
  get frames(): number {
    return this.#frames.length - this.#next;
  }

  /** Takes a frame, unless it does not fit. */
  offer(frame: Uint8Array): boolean {
    const bytes = frame.length + HEADER_BYTES;
    if (this.bytes + bytes > this.#bytesMax) {
      this.#full = true;
      return false;
    }
    this.#frames.push(frame);
    this.#bytes += bytes;
    this.#wake();
    return true;
  }

  /** Puts a control frame before the frames that wait. */
  control(bytes: Uint8Array): void {
    this.#control.push(bytes);
    this.#wake();
  }

  /** Calls `drained` when all that was offered has been written: at once, if it has. */
  drain(drained: () => void): void {
    this.#drained = drained;
    this.#settle();
  }

  /** Writes no more and calls nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  #wake(): void {
    if (this.#due || this.#writing > 0) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      this.#write();
    });
  }

  #write(): void {
    if (this.#stopped || this.#writing > 0 || (this.#control.length === 0 && this.frames === 0)) return;
    const batch = this.#control.length > 0 ? this.#controlBatch() : this.#frameBatch();
    this.#writing = batch.length;
    this.#socket.write(batch, () => this.#written());
  }

  #written(): void {
    this.#writing = 0;
    if (this.#stopped) return;
    this.#write();
    if (this.#full && this.bytes * 2 <= this.#bytesMax) {
      this.#full = false;
      this.#writable();
    }
    this.#settle();
  }

  #settle(): void {
    if (this.#drained === undefined || this.#writing > 0 || this.frames > 0 || this.#control.length > 0) return;
    const drained = this.#drained;
    this.#drained = undefined;
    drained();
  }

  #controlBatch(): Uint8Array {
    const batch = new Uint8Array(this.#control.reduce((sum, bytes) => sum + HEADER_BYTES + bytes.length, 0));
    let at = 0;
    for (const bytes of this.#control) at = put(batch, at, CONTROL_BIT + bytes.length, bytes);
    this.#control = [];
    return batch;
  }

  #frameBatch(): Uint8Array {
    const frames = this.#frames;
    let end = this.#next;
    let bytes = 0;
    do {
      bytes += HEADER_BYTES + (frames[end]?.length ?? 0);
      end += 1;
    } while (end < frames.length && bytes + HEADER_BYTES + (frames[end]?.length ?? 0) <= BATCH_BYTES_MAX);
    const batch = this.#room(bytes);
    let at = 0;
    for (let index = this.#next; index < end; index += 1) {
      const frame = frames[index] ?? TAKEN;
      at = put(batch, at, frame.length, frame);
      frames[index] = TAKEN; // its memory is free from here on
    }
    this.#bytes -= bytes;
    this.#next = end;
    if (end === frames.length || end > COMPACT_AT) {
      this.#frames = frames.slice(end);
      this.#next = 0;
    }
    return batch;
  }

  #room(bytes: number): Uint8Array {
    if (bytes > BATCH_BYTES_MAX) return unfilled(bytes);
    this.#scratch ??= unfilled(BATCH_BYTES_MAX);
    return this.#scratch.subarray(0, bytes);
  }
}

function put(batch: Uint8Array, at: number, word: number, bytes: Uint8Array): number {
  batch[at] = word >>> 24;
  batch[at + 1] = word >>> 16;
  batch[at + 2] = word >>> 8;
  batch[at + 3] = word;
  batch.set(bytes, at + HEADER_BYTES);
  return at + HEADER_BYTES + bytes.length;
}
