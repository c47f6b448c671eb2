import type { PeerId } from "@void-system/effects";
import type { MessageId } from "./brand.ts";
import type { PlumtreeLimits } from "./limits.ts";

/** A message that is kept for peers that miss it. */
export interface CachedMessage {
  readonly payload: Uint8Array;
  /** Hops behind it. */
  readonly round: number;
  /** When it was broadcast, by this node's monotonic clock; time on links is not counted. */
  readonly bornMs: number;
}

/**
 * The messages that can still be sent, bounded in age, count and bytes, and the ids that were seen, bounded in age and
 * count. Ids outlive messages by far, so that what nobody sends any more cannot be delivered again.
 */
export class MessageCache {
  readonly #limits: PlumtreeLimits;
  readonly #messages = new Map<MessageId, CachedMessage>();
  /** Whom an id came from first, and when; oldest first. */
  readonly #seen = new Map<MessageId, { readonly from: PeerId; readonly atMs: number }>();
  #bytes = 0;
  #evicted = 0;

  constructor(limits: PlumtreeLimits) {
    this.#limits = limits;
  }

  /** Who sent a message first: the node itself, for its own. Nothing if it has not been seen. */
  firstFrom(id: MessageId): PeerId | undefined {
    return this.#seen.get(id)?.from;
  }

  /** A message that is still to be had. */
  get(id: MessageId, nowMs: number): CachedMessage | undefined {
    const message = this.#messages.get(id);
    return message && nowMs - message.bornMs < this.#limits.cacheMs ? message : undefined;
  }

  /** Keeps a message; the oldest make room for it. */
  add(id: MessageId, message: CachedMessage, from: PeerId, nowMs: number): void {
    this.#seen.set(id, { from, atMs: nowMs });
    this.#messages.set(id, message);
    this.#bytes += message.payload.length;
    for (const oldest of this.#messages.keys()) {
      if (this.#messages.size <= this.#limits.cacheMessages && this.#bytes <= this.#limits.cacheBytes) break;
      this.#drop(oldest);
      this.#evicted += 1;
    }
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= this.#limits.seenIds) break;
      this.#seen.delete(oldest);
    }
  }

  /** Every message that is still to be had. */
  *ids(nowMs: number): Generator<MessageId, void, undefined> {
    for (const id of this.#messages.keys()) if (this.get(id, nowMs)) yield id;
  }

  /** Forgets what is too old. True if something is left that will be. */
  sweep(nowMs: number): boolean {
    for (const id of this.#messages.keys()) if (!this.get(id, nowMs)) this.#drop(id);
    for (const [id, { atMs }] of this.#seen) {
      // A message travels for at most `cacheMs`, time on links aside: three times that leaves room for slow links.
      if (nowMs - atMs < this.#limits.cacheMs * 3) break;
      this.#seen.delete(id);
    }
    return this.#seen.size > 0;
  }

  /** What is kept, and how many messages had to go before their time. */
  stats(): { readonly cached: number; readonly cachedBytes: number; readonly seen: number; readonly evicted: number } {
    return { cached: this.#messages.size, cachedBytes: this.#bytes, seen: this.#seen.size, evicted: this.#evicted };
  }

  #drop(id: MessageId): void {
    this.#bytes -= this.#messages.get(id)?.payload.length ?? 0;
    this.#messages.delete(id);
  }
}
