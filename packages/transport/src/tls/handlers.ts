import { type Cancel, HandlerTakenError, type LinkState, type PeerId } from "@void-system/effects";

interface LinkHandler {
  readonly handle: (peer: PeerId, state: LinkState) => void;
  /** False until it was called with the links that are up. */
  isCurrent: boolean;
}

/** Listeners of frames and links, until `clear`. */
export class Handlers {
  /** Frames that arrived while there was no frame handler. */
  unhandledFrames = 0;
  readonly #upNow: () => Iterable<PeerId>;
  readonly #links = new Set<LinkHandler>();
  #frame: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  #cleared = false;

  constructor(upNow: () => Iterable<PeerId>) {
    this.#upNow = upNow;
  }

  /** Sets the frame handler. @throws HandlerTakenError while there is another one. */
  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    if (this.#frame !== undefined) throw new HandlerTakenError();
    if (!this.#cleared) this.#frame = handle;
    return () => {
      if (this.#frame === handle) this.#frame = undefined;
    };
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    const handler: LinkHandler = { handle, isCurrent: false };
    if (!this.#cleared) this.#links.add(handler);
    setImmediate(() => this.#catchUp(handler));
    return () => void this.#links.delete(handler);
  }

  /** Called from the event loop only. */
  frame(from: PeerId, frame: Uint8Array): void {
    if (this.#frame === undefined) this.unhandledFrames += 1;
    else this.#frame(from, frame);
  }

  /** Called from the event loop only. */
  link(peer: PeerId, state: LinkState): void {
    for (const handler of this.#links) {
      // The links that are up include this change, unless it leaves the link up.
      const isCovered = !handler.isCurrent && (state === "up" || state === "down");
      this.#catchUp(handler);
      if (!isCovered) handler.handle(peer, state);
    }
  }

  #catchUp(handler: LinkHandler): void {
    if (handler.isCurrent) return;
    handler.isCurrent = true;
    for (const peer of this.#upNow()) if (this.#links.has(handler)) handler.handle(peer, "up");
  }

  /** Removes all listeners. Nothing is called from here on. */
  clear(): void {
    this.#cleared = true;
    this.#frame = undefined;
    this.#links.clear();
  }
}
