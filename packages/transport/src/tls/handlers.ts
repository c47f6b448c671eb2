import { type Cancel, HandlerTakenError, type LinkState, type PeerId } from "@void-system/effects";

interface LinkHandler {
  readonly handle: (peer: PeerId, state: LinkState) => void;
  /** False until it was told of the links that are up. */
  told: boolean;
}

/** Those who want to know of frames and links, until `clear`. */
export class Handlers {
  /** Frames that arrived while nobody handled frames. */
  unhandledFrames = 0;
  readonly #upNow: () => Iterable<PeerId>;
  readonly #links = new Set<LinkHandler>();
  #frame: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  #cleared = false;

  constructor(upNow: () => Iterable<PeerId>) {
    this.#upNow = upNow;
  }

  /** @throws HandlerTakenError while there is another one. */
  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    if (this.#frame !== undefined) throw new HandlerTakenError();
    if (!this.#cleared) this.#frame = handle;
    return () => {
      if (this.#frame === handle) this.#frame = undefined;
    };
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    const handler: LinkHandler = { handle, told: false };
    if (!this.#cleared) this.#links.add(handler);
    setImmediate(() => this.#tell(handler));
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
      // What is up now includes this change, unless it is one that leaves the link up.
      const said = !handler.told && state !== "writable";
      this.#tell(handler);
      if (!said) handler.handle(peer, state);
    }
  }

  #tell(handler: LinkHandler): void {
    if (handler.told) return;
    handler.told = true;
    for (const peer of this.#upNow()) if (this.#links.has(handler)) handler.handle(peer, "up");
  }

  /** Nobody is told anything any more. */
  clear(): void {
    this.#cleared = true;
    this.#frame = undefined;
    this.#links.clear();
  }
}
