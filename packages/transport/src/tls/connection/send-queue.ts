import type { Writable } from "node:stream";
import { BLOCK_BYTES, giveBlock, takeBlock, unfilled } from "./block-pool.ts";
import { CONTROL_BIT } from "./frame-reader.ts";
import { FRAME_CREDIT, HEADER_BYTES } from "../limits.ts";

/** A frame up to here is copied into the open block at once; a longer one waits as it is. */
const PACKED_BYTES_MAX = 16 * 1024;
/** So that what a block costs of the credit is far below half of the smallest window (see `WINDOW_BYTES_MIN`). */
const BLOCK_FRAMES_MAX = 4_096;

/** Frames that leave in one write, or a single long frame without its length. */
interface Parcel {
  /** Block with `length` bytes of frames and their lengths, or a long frame. */
  readonly bytes: Uint8Array;
  /** Bytes on the wire. */
  readonly length: number;
  readonly frames: number;
  readonly long: boolean;
}

/** Batch that is being written. */
interface Batch {
  readonly block: Uint8Array;
  readonly length: number;
  readonly frames: number;
}

/**
 * Queue of frames for a socket. It gathers them during one turn of the event loop and writes them in batches, one batch at a
 * time, never more than `bytesMax` in memory, and never more in flight than the other side has granted.
 *
 * Short frames are written behind each other into an open block, with their lengths, when they are offered: a frame
 * costs one copy and no object.
 */
export class SendQueue {
  readonly #socket: Writable;
  readonly #bytesMax: number;
  readonly #writable: () => void;
  #control: Uint8Array[] = [];
  /** Full blocks and long frames, oldest first. The open block is younger than all of them. */
  readonly #parcels: Parcel[] = [];
  #open: Uint8Array | undefined;
  #openBytes = 0;
  #openFrames = 0;
  /** Bytes of all frames with their lengths, the batch that is being written included. */
  #bytes = 0;
  /** Frames that no batch has taken. */
  #frames = 0;
  #writing: Batch | undefined;
  /** Credit that is left, each frame at its length and `FRAME_CREDIT`; and the most that there can be. */
  #credit = 0;
  #creditMax = 0;
  #due = false;
  #full = false;
  #stopped = false;
  #drained: (() => void) | undefined;

  /** `writable` is called from the event loop, once, when half of the room is free after an `offer` did not fit. */
  constructor(socket: Writable, bytesMax: number, writable: () => void) {
    this.#socket = socket;
    this.#bytesMax = bytesMax;
    this.#writable = writable;
  }

  /** Bytes in memory, framing included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True while a write is in progress. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** Frames that no write has taken. */
  get frames(): number {
    return this.#frames;
  }

  /** Credit that is left, in bytes. */
  get credit(): number {
    return this.#credit;
  }

  /** Sets the other side's window. */
  begin(window: number): void {
    this.#credit = window;
    this.#creditMax = window;
  }

  /** Adds credit that the other side gave back; false if it exceeds the window. */
  grant(bytes: number): boolean {
    if (this.#credit + bytes > this.#creditMax) return false;
    this.#credit += bytes;
    this.#wake();
    return true;
  }

  /** Queues a frame; false if it does not fit. */
  offer(frame: Uint8Array): boolean {
    const { length } = frame;
    if (this.#bytes + length + HEADER_BYTES > this.#bytesMax) {
      this.#full = true;
      return false;
    }
    this.#bytes += length + HEADER_BYTES;
    this.#frames += 1;
    if (length > PACKED_BYTES_MAX) this.#pushLong(frame, length);
    else this.#pack(frame, length);
    if (!this.#due && this.#writing === undefined) this.#wake();
    return true;
  }

  /** Queues a control frame before all other frames. */
  control(bytes: Uint8Array): void {
    this.#control.push(bytes);
    this.#wake();
  }

  /** Calls `drained` when the queue is empty; at once, if it is. */
  drain(drained: () => void): void {
    this.#drained = drained;
    this.#settle();
  }

  /** Stops writing, and calls nothing from here on. */
  stop(): void {
    this.#stopped = true;
  }

  #pack(frame: Uint8Array, length: number): void {
    let at = this.#openBytes;
    if (at + HEADER_BYTES + length > BLOCK_BYTES || this.#openFrames === BLOCK_FRAMES_MAX) {
      this.#seal();
      at = 0;
    }
    const block = (this.#open ??= takeBlock());
    putLength(block, at, length);
    block.set(frame, at + HEADER_BYTES);
    this.#openBytes = at + HEADER_BYTES + length;
    this.#openFrames += 1;
  }

  /** Closes the open block. One that is far from full is copied, so that queued frames take little more than their size. */
  #seal(): void {
    if (this.#open === undefined || this.#openFrames === 0) return;
    const isNearlyFull = this.#openBytes + PACKED_BYTES_MAX >= BLOCK_BYTES;
    const bytes = isNearlyFull ? this.#open : this.#open.slice(0, this.#openBytes);
    this.#parcels.push({ bytes, length: this.#openBytes, frames: this.#openFrames, long: false });
    if (isNearlyFull) this.#open = undefined;
    this.#openBytes = 0;
    this.#openFrames = 0;
  }

  #pushLong(frame: Uint8Array, length: number): void {
    this.#seal();
    this.#parcels.push({ bytes: frame, length: length + HEADER_BYTES, frames: 1, long: true });
  }

  #clearOpen(): void {
    this.#open = undefined;
    this.#openBytes = 0;
    this.#openFrames = 0;
  }

  #wake(): void {
    if (this.#due || this.#writing !== undefined) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      this.#write();
    });
  }

  #write(): void {
    if (this.#stopped || this.#writing !== undefined) return;
    const batch = this.#control.length > 0 ? this.#controlBatch() : this.#frameBatch();
    if (batch === undefined) return;
    this.#writing = batch;
    this.#frames -= batch.frames;
    const { block, length } = batch;
    this.#socket.write(block.length === length ? block : block.subarray(0, length), (failure) => {
      if (!failure) this.#written(batch); // else the socket reports its own end
    });
  }

  #written({ block, length, frames }: Batch): void {
    this.#writing = undefined;
    if (this.#stopped) return;
    if (frames > 0) this.#bytes -= length;
    if (block.length === BLOCK_BYTES) giveBlock(block);
    this.#write();
    if (this.#full && this.#bytes * 2 <= this.#bytesMax) {
      this.#full = false;
      this.#writable();
    }
    this.#settle();
  }

  #settle(): void {
    if (this.#drained === undefined || this.#writing !== undefined || this.#frames > 0 || this.#control.length > 0) return;
    const drained = this.#drained;
    this.#drained = undefined;
    drained();
  }

  #controlBatch(): Batch {
    const block = new Uint8Array(this.#control.reduce((sum, bytes) => sum + HEADER_BYTES + bytes.length, 0));
    let at = 0;
    for (const bytes of this.#control) {
      putLength(block, at, CONTROL_BIT + bytes.length);
      block.set(bytes, at + HEADER_BYTES);
      at += HEADER_BYTES + bytes.length;
    }
    this.#control = [];
    return { block, length: block.length, frames: 0 };
  }

  /** Returns the oldest frames, if there is credit for all of them. */
  #frameBatch(): Batch | undefined {
    const [oldest] = this.#parcels;
    if (oldest?.long === true) return this.#longBatch();
    const length = oldest?.length ?? this.#openBytes;
    const frames = oldest?.frames ?? this.#openFrames;
    const block = oldest?.bytes ?? this.#open;
    if (block === undefined || frames === 0 || !this.#spend(creditOf(length, frames))) return undefined;
    if (oldest === undefined) this.#clearOpen();
    else this.#parcels.shift();
    return { block, length, frames };
  }

  /** Returns the oldest long frame, and those right behind it as far as a block holds them. */
  #longBatch(): Batch | undefined {
    let [next] = this.#parcels;
    let batch: Batch | undefined;
    while (next?.long === true) {
      const at = batch?.length ?? 0;
      if (batch !== undefined && at + next.length > batch.block.length) break;
      if (!this.#spend(creditOf(next.length, 1))) break;
      const block: Uint8Array = batch?.block ?? (next.length > BLOCK_BYTES ? unfilled(next.length) : takeBlock());
      putLength(block, at, next.bytes.length);
      block.set(next.bytes, at + HEADER_BYTES);
      batch = { block, length: at + next.length, frames: (batch?.frames ?? 0) + 1 };
      this.#parcels.shift();
      [next] = this.#parcels;
    }
    return batch;
  }

  #spend(credit: number): boolean {
    if (credit > this.#credit) return false;
    this.#credit -= credit;
    return true;
  }
}

/** Returns the credit that `length` bytes of frames with their lengths cost. */
function creditOf(length: number, frames: number): number {
  return length + frames * (FRAME_CREDIT - HEADER_BYTES);
}

function putLength(block: Uint8Array, at: number, word: number): void {
  block[at] = word >>> 24;
  block[at + 1] = word >>> 16;
  block[at + 2] = word >>> 8;
  block[at + 3] = word;
}
