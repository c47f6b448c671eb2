/**
 * The requests that this replica knows of and has not executed. A primary proposes from it; a backup watches its
 * oldest entry, and changes the view when it grows too old (§4.4). Bounded in count and bytes, and each client in
 * what its session window allows.
 */
import type { PeerId } from "@void-system/effects";
import { requestBytes, type Request } from "./batch.ts";
import { PENDING_BYTES_CLIENT_MAX, PENDING_BYTES_MAX, PENDING_REQUESTS_MAX, SESSION_WINDOW } from "./limits.ts";

interface Entry {
  readonly request: Request;
  /** Monotonic time from which the replica's patience counts. */
  sinceMs: number;
  proposed: boolean;
}

/** What one client has waiting. */
interface Share {
  requests: number;
  bytes: number;
}

/** Requests that wait, oldest first. */
export class RequestPool {
  readonly #entries = new Map<string, Entry>();
  readonly #byClient = new Map<PeerId, Share>();
  /** Entries that may still be proposed, in order; those executed meanwhile are skipped. */
  #queue: Entry[] = [];
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** False when it is known already or there is no room. A second operation under the same number is ignored. */
  add(request: Request, nowMs: number): boolean {
    const key = keyOf(request.client, request.number);
    const { length } = request.operation;
    const share = this.#byClient.get(request.client) ?? { requests: 0, bytes: 0 };
    if (this.#entries.has(key) || share.requests >= SESSION_WINDOW || share.bytes + length > PENDING_BYTES_CLIENT_MAX) return false;
    if (this.#entries.size >= PENDING_REQUESTS_MAX || this.#bytes + length > PENDING_BYTES_MAX) return false;
    const entry = { request, sinceMs: nowMs, proposed: false };
    this.#entries.set(key, entry);
    share.requests += 1;
    share.bytes += length;
    this.#byClient.set(request.client, share);
    this.#bytes += length;
    this.#queue.push(entry);
    return true;
  }

  has(client: PeerId, number: number): boolean {
    return this.#entries.has(keyOf(client, number));
  }

  /** It was executed, or will never be. */
  delete(client: PeerId, number: number): void {
    const key = keyOf(client, number);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    const { length } = entry.request.operation;
    this.#bytes -= length;
    const share = this.#byClient.get(client);
    if (share !== undefined) {
      share.requests -= 1;
      share.bytes -= length;
      if (share.requests === 0) this.#byClient.delete(client);
    }
    // So that the queue skips it.
    entry.proposed = true;
  }

  /** When the oldest began to wait, or undefined. */
  oldestSinceMs(): number | undefined {
    for (const entry of this.#entries.values()) return entry.sinceMs;
    return undefined;
  }

  /** The next requests to propose together; at least one if there is any. */
  take(countMax: number, bytesMax: number): Request[] {
    const taken: Request[] = [];
    let bytes = 0;
    let passed = 0;
    for (const entry of this.#queue) {
      if (!entry.proposed) {
        const size = requestBytes(entry.request);
        if (taken.length >= countMax || (taken.length > 0 && bytes + size > bytesMax)) break;
        entry.proposed = true;
        bytes += size;
        taken.push(entry.request);
      }
      passed += 1;
    }
    this.#queue = this.#queue.slice(passed);
    return taken;
  }

  /** A new view begins: nothing counts as proposed, and patience begins anew. */
  restart(nowMs: number): void {
    this.#queue = [...this.#entries.values()];
    for (const entry of this.#queue) {
      entry.proposed = false;
      entry.sinceMs = nowMs;
    }
  }

  /** Patience begins anew; what was proposed stays so. */
  restartPatience(nowMs: number): void {
    for (const entry of this.#entries.values()) entry.sinceMs = nowMs;
  }

  /** All requests, oldest first. */
  *[Symbol.iterator](): IterableIterator<Request> {
    for (const entry of this.#entries.values()) yield entry.request;
  }

  /** Drops what `isDone` says was executed: after a state transfer. */
  prune(isDone: (request: Request) => boolean): void {
    for (const request of this) if (isDone(request)) this.delete(request.client, request.number);
  }
}

function keyOf(client: PeerId, number: number): string {
  return `${number} ${client}`;
}
