import { unfilled } from "./block-pool.ts";
import { HEADER_BYTES } from "../limits.ts";
import { CONTROL_BYTES_MAX } from "./control.ts";

/** Bit of a length that marks a control frame. */
export const CONTROL_BIT = 0x8000_0000;
/** Pieces of a frame that are kept as they came. For a frame in more pieces, its memory is allocated and they are copied. */
const PARTS_MAX = 64;

/** Takes a frame. Returning false stops the reading. */
export type TakeFrame = (control: boolean, bytes: Uint8Array) => boolean;

/**
 * Cuts a stream into frames: `length u32 | bytes`, the highest bit of the length marking control frames. A frame that
 * lies whole in a chunk is handed over as a view of it; one that does not is copied once. Memory: one frame, and not before
 * its bytes come: a length alone costs nothing.
 */
export class FrameReader {
  /** Longest frame that is taken, control frames apart. 0 until the other side's hello has come. */
  frameBytesMax = 0;
  readonly #take: TakeFrame;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  /** Parts of a frame that is not complete, their bytes, and the bytes of the whole frame. */
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #wantedBytes = 0;
  #isControl = false;
  /** Buffer of a frame that came in too many parts. */
  #joined: Uint8Array | undefined;

  constructor(take: TakeFrame) {
    this.#take = take;
  }

  /** Reads a chunk. Returns `stopped` if a frame was not taken, `too-long` if a length was beyond its bound. */
  push(chunk: Uint8Array): "more" | "stopped" | "too-long" {
    const { buffer, byteOffset, length: chunkBytes } = chunk; // read once: these are calls, and there may be a thousand frames
    let at = 0;
    if (this.#wantedBytes > 0) {
      at = Math.min(this.#wantedBytes - this.#partsBytes, chunkBytes);
      this.#keep(new Uint8Array(buffer, byteOffset, at));
      if (this.#partsBytes < this.#wantedBytes) return "more";
      if (!this.#take(this.#isControl, this.#whole())) return "stopped";
    }
    const view = new DataView(buffer, byteOffset, chunkBytes);
    while (at < chunkBytes) {
      let word: number;
      if (this.#headerBytes === 0 && chunkBytes - at >= HEADER_BYTES) {
        word = view.getUint32(at);
        at += HEADER_BYTES;
      } else {
        const part = chunk.subarray(at, at + HEADER_BYTES - this.#headerBytes);
        this.#header.set(part, this.#headerBytes);
        this.#headerBytes += part.length;
        at += part.length;
        if (this.#headerBytes < HEADER_BYTES) return "more";
        this.#headerBytes = 0;
        word = new DataView(this.#header.buffer).getUint32(0);
      }
      const control = word >= CONTROL_BIT;
      const length = control ? word - CONTROL_BIT : word;
      if (length > (control ? CONTROL_BYTES_MAX : this.frameBytesMax)) return "too-long";
      if (chunkBytes - at < length) {
        this.#wantedBytes = length;
        this.#isControl = control;
        this.#keep(new Uint8Array(buffer, byteOffset + at, chunkBytes - at));
        return "more";
      }
      // A plain Uint8Array, whatever the chunk is: `slice` of a Buffer would not copy.
      if (!this.#take(control, new Uint8Array(buffer, byteOffset + at, length))) return "stopped";
      at += length;
    }
    return "more";
  }

  #keep(part: Uint8Array): void {
    if (this.#joined === undefined) this.#parts.push(part);
    else this.#joined.set(part, this.#partsBytes);
    this.#partsBytes += part.length;
    if (this.#parts.length === PARTS_MAX) this.#joined = this.#join();
  }

  #join(): Uint8Array {
    const joined = unfilled(this.#wantedBytes);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    return joined;
  }

  #whole(): Uint8Array {
    const whole = this.#joined ?? this.#join();
    this.#joined = undefined;
    this.#partsBytes = 0;
    this.#wantedBytes = 0;
    return whole;
  }
}
