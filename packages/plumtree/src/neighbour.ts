import type { PeerId } from "@void-system/effects";
import type { MessageId } from "./brand.ts";
import { REPAIR_MS_MAX } from "./limits.ts";

/** Most ids that wait to be confirmed to one peer; a peer that is owed more asks again. */
const OWED_IDS_MAX = 16_384;

interface Unconfirmed {
  dueMs: number;
  pauseMs: number;
}

/** What a node knows of one peer that it has a link with. */
export class Neighbour {
  readonly peer: PeerId;
  /** Payloads are pushed to it; if not, they are announced. */
  eager: boolean;
  /** Ids that it has announced and that are missing here. */
  announced = 0;
  /** It has said something since the link came up, so it knows of this node. */
  heard = false;

  readonly #unconfirmed = new Map<MessageId, Unconfirmed>();
  readonly #owed = new Set<MessageId>();

  #helloMs: number;
  #helloPauseMs: number;

  constructor(peer: PeerId, eager: boolean, helloMs: number, helloPauseMs: number) {
    this.peer = peer;
    this.eager = eager;
    this.#helloMs = helloMs;
    this.#helloPauseMs = helloPauseMs;
  }

  /** Whether to greet it now, which is done ever more rarely until it is heard; and when next. */
  takeHello(nowMs: number): { readonly isDue: boolean; readonly nextMs: number } {
    if (this.heard) return { isDue: false, nextMs: Number.POSITIVE_INFINITY };
    const isDue = this.#helloMs <= nowMs;
    if (isDue) {
      this.#helloMs = nowMs + this.#helloPauseMs;
      this.#helloPauseMs = Math.min(this.#helloPauseMs * 2, REPAIR_MS_MAX);
    }
    return { isDue, nextMs: this.#helloMs };
  }

  /** Announces a message from `dueMs` on, ever more rarely, until the peer is known to have it. */
  announceFrom(id: MessageId, dueMs: number, pauseMs: number): void {
    this.#unconfirmed.set(id, { dueMs, pauseMs });
  }

  /** The peer has it. */
  confirmed(id: MessageId): void {
    this.#unconfirmed.delete(id);
  }

  /** The peer is to be told that a message has come. */
  owe(id: MessageId): void {
    if (this.#owed.size < OWED_IDS_MAX) this.#owed.add(id);
  }

  /** Takes what the peer is to be told. */
  takeOwed(): MessageId[] {
    const ids = [...this.#owed];
    this.#owed.clear();
    return ids;
  }

  /** Takes the ids to announce now; those that can no longer be had are forgotten. Then says when the next are due. */
  takeDue(nowMs: number, isKept: (id: MessageId) => boolean): { readonly ids: MessageId[]; readonly nextMs: number } {
    const ids: MessageId[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [id, wait] of this.#unconfirmed) {
      if (!isKept(id)) {
        this.#unconfirmed.delete(id);
        continue;
      }
      if (wait.dueMs <= nowMs) {
        ids.push(id);
        wait.dueMs = nowMs + wait.pauseMs;
        wait.pauseMs = Math.min(wait.pauseMs * 2, REPAIR_MS_MAX);
      }
      nextMs = Math.min(nextMs, wait.dueMs);
    }
    return { ids, nextMs };
  }
}
