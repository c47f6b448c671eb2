import { unfilled } from "./block-pool.ts";
import { HEADER_BYTES } from "./limits.ts";

/** The bit of a length that marks a frame of the link's own: a hello, a refusal, a sign of life. */
export const CONTROL_BIT = 0x8000_0000;
/** Longest control frame. */
export const CONTROL_BYTES_MAX = 256;

/** What is done with a frame; false stops the reading. */
export type TakeFrame = (control: boolean, bytes: Uint8Array) => boolean;

/**
 * Cuts a stream into frames: `length u32 | bytes`, the highest bit of the length marking control frames. A frame that
 * lies whole in a chunk is handed over as a view of it; one that does not is copied once. Memory: one frame.
 */
export class FrameReader {
  /** Longest frame that is taken, control frames apart. 0 until the other side has said who it is. */
  frameBytesMax = 0;
  readonly #take: TakeFrame;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #partial: Uint8Array | undefined;
  #partialBytes = 0;
  #partialControl = false;

  constructor(take: TakeFrame) {
    this.#take = take;
  }

  /** Reads on. `stopped`: a frame was not welcome; `too-long`: the length of one was beyond its bound. */
  push(chunk: Uint8Array): "more" | "stopped" | "too-long" {
    let at = 0;
    if (this.#partial !== undefined) {
      at = this.#fill(this.#partial, chunk, 0);
      if (this.#partialBytes < this.#partial.length) return "more";
      const whole = this.#partial;
      this.#partial = undefined;
      if (!this.#take(this.#partialControl, whole)) return "stopped";
    }
    const { buffer, byteOffset } = chunk; // read once: these are calls, and there may be a thousand frames
    const view = new DataView(buffer, byteOffset, chunk.length);
    while (at < chunk.length) {
      let word: number;
      if (this.#headerBytes === 0 && chunk.length - at >= HEADER_BYTES) {
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
      if (chunk.length - at < length) {
        this.#partial = unfilled(length);
        this.#partialBytes = 0;
        this.#partialControl = control;
        this.#fill(this.#partial, chunk, at);
        return "more";
      }
      // A plain Uint8Array, whatever the chunk is: `slice` of a Buffer would not copy.
      if (!this.#take(control, new Uint8Array(buffer, byteOffset + at, length))) return "stopped";
      at += length;
    }
    return "more";
  }

  #fill(partial: Uint8Array, chunk: Uint8Array, from: number): number {
    const part = chunk.subarray(from, from + partial.length - this.#partialBytes);
    partial.set(part, this.#partialBytes);
    this.#partialBytes += part.length;
    return from + part.length;
  }
}
