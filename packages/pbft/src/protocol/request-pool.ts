/**
 * The requests that this replica knows of and has not executed. A primary proposes from it, from each client in turn;
 * a backup watches its oldest entry, and changes the view when it grows too old (§4.4). Bounded in count and bytes, and
 * each client in what its session window allows.
 */
import type { PeerId } from "@void-system/effects";
import { requestBytes, type Request } from "../codec/batch.ts";
import { PENDING_BYTES_CLIENT_MAX, PENDING_BYTES_MAX, PENDING_REQUESTS_MAX, SESSION_WINDOW } from "../limits.ts";

interface Entry {
  readonly request: Request;
  /** Monotonic time from which the replica's timeout counts. */
  sinceMs: number;
  /** Monotonic time at which the primary was given it, over a link that was up; its age counts from there. */
  passedAtMs: number | undefined;
  /** Sequence number up to which this replica must have executed before it blames the primary, if it was behind when the age was over. */
  judgedFrom: number | undefined;
}

/** A request that the primary was given. */
interface Passed {
  readonly passedAtMs: number;
  readonly judgedFrom: number | undefined;
}

/** Waiting requests of one client. */
interface Share {
  requests: number;
  bytes: number;
  /** Those that may still be proposed, in order: first what backups have passed on, then the others. */
  readonly overdue: Set<Entry>;
  readonly waiting: Set<Entry>;
}

/** Requests that wait, oldest first. */
export class RequestPool {
  readonly #entries = new Map<string, Entry>();
  /** Whose turn it is comes first. */
  readonly #byClient = new Map<PeerId, Share>();
  /** Those that the primary was given, in the order of `passedAtMs`. */
  readonly #passed = new Set<Entry>();
  #bytes = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** False when it is known already or there is no room. A second operation under the same number is ignored. */
  add(request: Request, nowMs: number): boolean {
    const entry = this.#enter(request, nowMs);
    if (entry !== undefined) this.#byClient.get(request.client)?.waiting.add(entry);
    return entry !== undefined;
  }

  /**
   * Adds what a backup passes on, to be proposed before what its client has sent here. If the client has used up its share, its
   * newest requests that were not proposed make room. Else whoever keeps its share full at the primary could make the
   * backups wait for what they alone were sent, and they would blame the primary.
   */
  addOverdue(request: Request, nowMs: number): boolean {
    const { client } = request;
    for (const newest of [...(this.#byClient.get(client)?.waiting ?? [])].toReversed()) {
      if (this.#hasShare(request)) break;
      this.delete(client, newest.request.number);
    }
    const entry = this.#enter(request, nowMs);
    const share = this.#byClient.get(client);
    if (entry !== undefined) share?.overdue.add(entry);
    return entry !== undefined;
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
    this.#passed.delete(entry);
    const { length } = entry.request.operation;
    this.#bytes -= length;
    const share = this.#byClient.get(client);
    if (share !== undefined) {
      share.requests -= 1;
      share.bytes -= length;
      share.overdue.delete(entry);
      share.waiting.delete(entry);
      if (share.requests === 0) this.#byClient.delete(client);
    }
  }

  /** When the oldest began to wait, or undefined. */
  oldestSinceMs(): number | undefined {
    for (const entry of this.#entries.values()) return entry.sinceMs;
    return undefined;
  }

  /** Notes that the primary was given a request, the first time in this view: its age counts from now on. */
  markPassed({ client, number }: Request, nowMs: number): void {
    const entry = this.#entries.get(keyOf(client, number));
    if (entry === undefined || entry.passedAtMs !== undefined) return;
    entry.passedAtMs = nowMs;
    this.#passed.add(entry);
  }

  /** Request that the primary has had for longest, and since when, or undefined. */
  oldestPassed(): Passed | undefined {
    for (const { passedAtMs, judgedFrom } of this.#passed) return passedAtMs === undefined ? undefined : { passedAtMs, judgedFrom };
    return undefined;
  }

  /** Puts off the judgement of what the primary has had for longest, once, until this replica has executed so much. */
  putOff(judgedFrom: number): void {
    const [oldest] = this.#passed;
    if (oldest !== undefined) oldest.judgedFrom ??= judgedFrom;
  }

  /** Those that have waited since `sinceMs` or longer, oldest first. */
  *waitingSince(sinceMs: number): IterableIterator<Request> {
    for (const entry of this.#entries.values()) if (entry.sinceMs <= sinceMs) yield entry.request;
  }

  /** The next requests to propose together; at least one if there is any. */
  take(countMax: number, bytesMax: number): Request[] {
    const taken: Request[] = [];
    let bytes = 0;
    // A client that was served goes to the end, where this loop meets it again.
    for (const [client, share] of this.#byClient) {
      const queue = share.overdue.size > 0 ? share.overdue : share.waiting;
      const [entry] = queue;
      if (entry === undefined) continue;
      const size = requestBytes(entry.request);
      if (taken.length >= countMax || (taken.length > 0 && bytes + size > bytesMax)) break;
      queue.delete(entry);
      bytes += size;
      taken.push(entry.request);
      this.#byClient.delete(client);
      this.#byClient.set(client, share);
    }
    return taken;
  }

  /** A new view begins: nothing counts as proposed or as passed on, and the timeouts begin again. */
  restart(nowMs: number): void {
    for (const share of this.#byClient.values()) {
      share.overdue.clear();
      share.waiting.clear();
    }
    this.#passed.clear();
    for (const entry of this.#entries.values()) {
      entry.sinceMs = nowMs;
      entry.passedAtMs = undefined;
      entry.judgedFrom = undefined;
      this.#byClient.get(entry.request.client)?.waiting.add(entry);
    }
  }

  /** The timeouts begin again; what was proposed stays so, and so does the age of what the primary was given. */
  restartTimeouts(nowMs: number): void {
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

  #enter(request: Request, nowMs: number): Entry | undefined {
    const key = keyOf(request.client, request.number);
    const { length } = request.operation;
    if (this.#entries.has(key) || !this.#hasShare(request)) return undefined;
    if (this.#entries.size >= PENDING_REQUESTS_MAX || this.#bytes + length > PENDING_BYTES_MAX) return undefined;
    const share = this.#byClient.get(request.client) ?? { requests: 0, bytes: 0, overdue: new Set(), waiting: new Set() };
    const entry = { request, sinceMs: nowMs, passedAtMs: undefined, judgedFrom: undefined };
    this.#entries.set(key, entry);
    share.requests += 1;
    share.bytes += length;
    this.#byClient.set(request.client, share);
    this.#bytes += length;
    return entry;
  }

  #hasShare({ client, operation }: Request): boolean {
    const share = this.#byClient.get(client) ?? { requests: 0, bytes: 0 };
    return share.requests < SESSION_WINDOW && share.bytes + operation.length <= PENDING_BYTES_CLIENT_MAX;
  }
}

function keyOf(client: PeerId, number: number): string {
  return `${number} ${client}`;
}
