import type { LinkCounters } from "../transport.ts";
import { HEADER_BYTES } from "./limits.ts";

/** Link of a node to itself. Frames arrive from the event loop, and are bounded like those to peers. */
export class SelfLink {
  readonly #bytesMax: number;
  readonly #counters: LinkCounters;
  readonly #frame: (frame: Uint8Array) => void;
  readonly #writable: () => void;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #full = false;
  #stopped = false;

  constructor(bytesMax: number, counters: LinkCounters, frame: (frame: Uint8Array) => void, writable: () => void) {
    this.#bytesMax = bytesMax;
    this.#counters = counters;
    this.#frame = frame;
    this.#writable = writable;
  }

  /** Bytes that are queued. */
  get queuedBytes(): number {
    return this.#bytes;
  }

  send(frame: Uint8Array): "sent" | "full" {
    const bytes = frame.length + HEADER_BYTES; // as if it went over a wire: empty frames are bounded too
    if (this.#bytes + bytes > this.#bytesMax) {
      this.#full = true;
      this.#counters.lostFull += 1;
      return "full";
    }
    this.#frames.push(frame);
    this.#bytes += bytes;
    this.#counters.sentFrames += 1;
    this.#counters.sentBytes += frame.length;
    if (this.#frames.length === 1) setImmediate(() => this.#deliver());
    return "sent";
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Delivers the frames that were sent before this turn. Frames that a handler sends now wait for the next turn. */
  #deliver(): void {
    const frames = this.#frames;
    this.#frames = [];
    let done = 0;
    try {
      for (const frame of frames) {
        done += 1;
        if (this.#stopped) return;
        this.#bytes -= frame.length + HEADER_BYTES;
        this.#counters.receivedFrames += 1;
        this.#counters.receivedBytes += frame.length;
        this.#frame(frame);
      }
    } finally {
      this.#resume(frames.slice(done));
    }
    if (this.#full && this.#bytes * 2 <= this.#bytesMax) {
      this.#full = false;
      this.#writable();
    }
  }

  /** Keeps the frames that are left when a handler throws. */
  #resume(left: Uint8Array[]): void {
    if (left.length === 0) return;
    if (this.#frames.length === 0) setImmediate(() => this.#deliver());
    this.#frames = [...left, ...this.#frames];
  }
}
