import { FRAME_CREDIT } from "../limits.ts";

/** Frames that are handed over in one turn of the event loop, after a hold. */
const FRAMES_PER_TURN = 1_024;

/** Callbacks of an inbox. */
export interface InboxHooks {
  /** A frame is handed over. */
  frame(frame: Uint8Array): void;
  /** Gives the other side credit back. */
  grant(credit: number): void;
}

/**
 * Receiving half of a link's flow control. Hands frames over as they come, or keeps them while they are held, never more
 * than the other side had credit for. Gives credit back for frames that were handed over, half a window at a time.
 */
export class Inbox {
  readonly #windowBytes: number;
  readonly #hooks: InboxHooks;
  /** Credit that the other side has spent and not been given back. */
  #spent = 0;
  /** Part of it whose frames were handed over. */
  #done = 0;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #held = false;
  #due = false;
  #discards = false;

  constructor(windowBytes: number, hooks: InboxHooks) {
    this.#windowBytes = windowBytes;
    this.#hooks = hooks;
  }

  /** Bytes of the frames that are kept. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Frames that are kept. */
  get keptFrames(): number {
    return this.#kept.length;
  }

  /** Takes a frame; false if the other side had no credit for it. */
  take(frame: Uint8Array): boolean {
    const cost = frame.length + FRAME_CREDIT;
    this.#spent += cost;
    if (this.#spent > this.#windowBytes) return false;
    if (!this.#discards && (this.#held || this.#kept.length > 0)) {
      this.#kept.push(new Uint8Array(frame)); // the view alone would keep all of its chunk
      this.#keptBytes += frame.length;
      return true;
    }
    this.#done += cost;
    if (!this.#discards) this.#hooks.frame(frame);
    return true;
  }

  /** Gives credit back if half of the window is due. Called when a chunk has been read. */
  settle(): void {
    if (this.#done * 2 < this.#windowBytes) return;
    const credit = this.#done;
    this.#done = 0;
    this.#spent -= credit;
    this.#hooks.grant(credit);
  }

  /** Starts a hold, or ends it: then the kept frames are handed over first, from the event loop. */
  hold(held: boolean): void {
    this.#held = held;
    this.#wake();
  }

  /** Drops every frame from here on, and gives credit back for it. */
  discard(): void {
    this.#discards = true;
  }

  #wake(): void {
    if (this.#held || this.#due || this.#discards || this.#kept.length === 0) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    let given = 0;
    try {
      while (!this.#held && !this.#discards && given < FRAMES_PER_TURN) {
        const frame = this.#kept[given];
        if (frame === undefined) break;
        given += 1;
        this.#keptBytes -= frame.length;
        this.#done += frame.length + FRAME_CREDIT;
        this.#hooks.frame(frame);
      }
    } finally {
      // A handler that throws ends its turn only.
      this.#kept.splice(0, given);
      this.settle();
      this.#wake();
    }
  }
}
