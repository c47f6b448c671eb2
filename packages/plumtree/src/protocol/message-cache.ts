import { MESSAGE_OVERHEAD_BYTES, type PlumtreeLimits } from "../limits.ts";
import type { KeptMessage, Stream } from "./stream.ts";

interface Entry {
  readonly stream: Stream;
  readonly counter: number;
}

/** Passed entries that are dropped from the queue at once. */
const COMPACT_ENTRIES = 1_024;

/** Bounds the messages that are kept for peers, in age and bytes: this is the horizon of anti-entropy. */
export class MessageCache {
  readonly #limits: PlumtreeLimits;
  /** In the order in which they came. Those before `#first` are gone. */
  readonly #entries: Entry[] = [];
  #first = 0;
  #bytes = 0;
  #evicted = 0;

  constructor(limits: PlumtreeLimits) {
    this.#limits = limits;
  }

  /** Returns a message that peers can still have. */
  get(stream: Stream, counter: number, nowMs: number): KeptMessage | undefined {
    const message = stream.kept.get(counter);
    return message && nowMs - message.bornMs < this.#limits.cacheMs ? message : undefined;
  }

  /** Keeps a message. The oldest make room for it. */
  add(stream: Stream, counter: number, message: KeptMessage): void {
    stream.kept.set(counter, message);
    this.#entries.push({ stream, counter });
    this.#bytes += message.payload.length + MESSAGE_OVERHEAD_BYTES;
    while (this.#bytes > this.#limits.cacheBytes && this.#dropFirst()) this.#evicted += 1;
  }

  /** True if no message is kept. */
  get isEmpty(): boolean {
    return this.#first === this.#entries.length;
  }

  /** Drops messages that are too old. */
  sweep(nowMs: number): void {
    for (let entry = this.#entries[this.#first]; entry; entry = this.#entries[this.#first]) {
      if (this.get(entry.stream, entry.counter, nowMs)) return;
      this.#dropFirst();
    }
  }

  /** Drops the messages of an epoch that is forgotten. */
  forget(stream: Stream): void {
    for (const { payload } of stream.kept.values()) this.#bytes -= payload.length + MESSAGE_OVERHEAD_BYTES;
    stream.kept.clear();
  }

  /** Returns the number and bytes of kept messages, and how many had to go for lack of room. */
  stats(): { readonly cached: number; readonly cachedBytes: number; readonly evicted: number } {
    return { cached: this.#entries.length - this.#first, cachedBytes: this.#bytes, evicted: this.#evicted };
  }

  #dropFirst(): boolean {
    const entry = this.#entries[this.#first];
    if (!entry) return false;
    this.#first += 1;
    if (this.#first >= COMPACT_ENTRIES && this.#first * 2 >= this.#entries.length) {
      this.#entries.splice(0, this.#first);
      this.#first = 0;
    }
    const message = entry.stream.kept.get(entry.counter);
    if (!message) return true;
    entry.stream.kept.delete(entry.counter);
    entry.stream.keptFrom = Math.max(entry.stream.keptFrom, entry.counter + 1);
    this.#bytes -= message.payload.length + MESSAGE_OVERHEAD_BYTES;
    return true;
  }
}
