/**
 * Keeps the order of each peer's messages although `Wire.open` may answer late and out of turn.
 */
import type { PeerId, Verified } from "../brand.ts";
import type { Wire } from "../core.ts";
import { Fifo } from "../fifo.ts";

/** A frame on its way through `Wire.open`: undecided, then accepted or rejected. */
interface Opening<M> {
  state: "pending" | "accepted" | "rejected";
  message: Verified<M> | undefined;
}

/** What an {@link OpenOrder} stands on. */
export interface OpenOrderParts<M> {
  readonly wire: Wire<M>;
  /** Frames of one peer that may be undecided, or wait behind one that is. */
  readonly pendingMax: number;
  readonly accept: (from: PeerId, message: Verified<M>) => void;
  readonly reject: (from: PeerId, reason: string) => void;
}

/** Frames in, messages out, each peer's in the order of its frames. */
export class OpenOrder<M> {
  readonly #parts: OpenOrderParts<M>;
  readonly #queues = new Map<PeerId, Fifo<Opening<M>>>();
  pending = 0;

  constructor(parts: OpenOrderParts<M>) {
    this.#parts = parts;
  }

  /** False: too many frames of this peer are undecided, so this one is lost. */
  open(from: PeerId, frame: Uint8Array): boolean {
    const waiting = this.#queues.get(from);
    if (waiting && waiting.length >= this.#parts.pendingMax) return false;
    const opening: Opening<M> = { state: "pending", message: undefined };
    let inTurn = waiting === undefined;
    const accept = (message: Verified<M>): void => {
      if (opening.state !== "pending") return;
      opening.state = "accepted";
      opening.message = message;
      if (!inTurn) this.#advance(from);
    };
    const reject = (reason: string): void => {
      if (opening.state !== "pending") return;
      opening.state = "rejected";
      this.#parts.reject(from, reason);
      if (!inTurn) this.#advance(from);
    };
    try {
      this.#parts.wire.open(from, frame, accept, reject);
    } catch (error) {
      // `open` is total by contract. A frame that makes it throw is a stranger's doing, so it must not end this node.
      reject(`the wire threw: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (inTurn && opening.state !== "pending") {
      if (opening.message !== undefined) this.#parts.accept(from, opening.message);
      return true;
    }
    inTurn = false;
    this.#enqueue(from, opening);
    return true;
  }

  #enqueue(from: PeerId, opening: Opening<M>): void {
    let queue = this.#queues.get(from);
    if (!queue) this.#queues.set(from, (queue = new Fifo()));
    queue.push(opening);
    this.pending += 1;
  }

  #advance(from: PeerId): void {
    const queue = this.#queues.get(from);
    if (!queue) return;
    for (let head = queue.peek(); head && head.state !== "pending"; head = queue.peek()) {
      queue.shift();
      this.pending -= 1;
      if (queue.length === 0) this.#queues.delete(from);
      if (head.message !== undefined) this.#parts.accept(from, head.message);
    }
  }
}
