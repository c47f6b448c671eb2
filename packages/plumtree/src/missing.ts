import type { PeerId } from "@void-system/effects";
import type { MessageId } from "./brand.ts";
import { ANNOUNCED_IDS_MAX } from "./limits.ts";
import type { Neighbour } from "./neighbour.ts";

interface Missing {
  /** Peers that have announced it and were not yet asked, in the order they did. */
  readonly announcers: Neighbour[];
  dueMs: number;
}

/** Whom to ask for what, and when to look again. */
interface Asks {
  readonly asks: ReadonlyMap<PeerId, readonly MessageId[]>;
  readonly nextMs: number;
}

/** Messages that peers have and this node has not: asked for when the tree has not brought them in time. */
export class MissingMessages {
  readonly #missing = new Map<MessageId, Missing>();

  /** How many there are. */
  get size(): number {
    return this.#missing.size;
  }

  /** A peer has announced a message that is not here. False if it has announced too many already. */
  announced(id: MessageId, by: Neighbour, dueMs: number): boolean {
    const known = this.#missing.get(id);
    if (known?.announcers.includes(by)) return true;
    if (by.announced >= ANNOUNCED_IDS_MAX) return false;
    by.announced += 1;
    if (known) known.announcers.push(by);
    else this.#missing.set(id, { announcers: [by], dueMs });
    return true;
  }

  /** It has come. */
  arrived(id: MessageId): void {
    for (const by of this.#missing.get(id)?.announcers ?? []) by.announced -= 1;
    this.#missing.delete(id);
  }

  /** A peer is gone: nothing can be asked of it. */
  gone(peer: Neighbour): void {
    for (const { announcers } of this.#missing.values()) {
      const index = announcers.indexOf(peer);
      if (index >= 0) announcers.splice(index, 1);
    }
  }

  /** Takes what is due; a message that nobody is left to ask for is given up. */
  takeDue(nowMs: number, retryMs: number): Asks {
    const asks = new Map<PeerId, MessageId[]>();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, missing] of this.#missing) {
      if (missing.dueMs <= nowMs) {
        const next = missing.announcers.shift();
        if (!next) {
          this.#missing.delete(id);
          continue;
        }
        next.announced -= 1;
        missing.dueMs = nowMs + retryMs;
        const asked = asks.get(next.peer);
        if (asked) asked.push(id);
        else asks.set(next.peer, [id]);
      }
      nextMs = Math.min(nextMs, missing.dueMs);
    }
    return { asks, nextMs };
  }
}
