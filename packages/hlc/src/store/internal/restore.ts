import { HLCTimestamp } from "../../timestamp/timestamp.ts";
import { InvalidSnapshotError, StoreFullError } from "../../errors.ts";
import { VALUE_BYTES_MAX } from "../limits.ts";
import { type Frame, framesOf } from "./digest-tree.ts";
import { decodeHeader } from "./header.ts";
import { DEPTH_MAX, PAGE_TAG, SLOTS } from "./page-table.ts";
import type { PageTrie } from "./page-trie.ts";
import {
  compareStamp,
  hashHigh,
  hashLow,
  keyAt,
  keyLength,
  readStamp,
  RECORD_HEAD_BYTES,
  recordLength,
  STAMP_AT,
  valueAt,
} from "./record.ts";
import { type PathHash, SipHash } from "./sip-hash.ts";
import { Versions, type VersionsOptions } from "./versions.ts";

/**
 * Makes the versions of a store from the chunks of a snapshot. Pages are adopted as they are, after one walk that checks them:
 * each state has one form, and no other is accepted.
 *
 * @throws {@link InvalidSnapshotError}, {@link StoreFullError}; an error of the iterable itself passes through.
 */
export function restored(chunks: Iterable<Uint8Array>, options: VersionsOptions): Versions {
  if (typeof Object(chunks)[Symbol.iterator] !== "function") throw new InvalidSnapshotError("chunks, one after another", chunks);
  let builder: Builder | undefined;
  for (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new InvalidSnapshotError("chunks that are Uint8Arrays", chunk);
    try {
      if (builder) builder.add(chunk);
      else builder = new Builder(chunk, options);
    } catch (cause) {
      throw refusal(chunk, cause);
    }
  }
  if (!builder) throw new InvalidSnapshotError("a header", "no chunk");
  try {
    return builder.finish();
  } catch (cause) {
    throw refusal(new Uint8Array(0), cause);
  }
}

function refusal(chunk: Uint8Array, cause: unknown): unknown {
  if (cause instanceof StoreFullError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvalidSnapshotError(`the header and pages of version 3 (${reason})`, chunk, { cause });
}

/** A trie that is built page by page, from left to right. */
class Builder {
  readonly #header;
  readonly #versions: Versions;
  readonly #hash: PathHash;
  readonly #pages: Generator<void, void, Frame>;
  #isDone = false;
  /** The last node's name that was checked. */
  #node: string | undefined;

  constructor(header: Uint8Array, options: VersionsOptions) {
    this.#header = decodeHeader(header);
    this.#versions = new Versions({ ...options, hashKey: this.#header.hashKey });
    const { pathHash = (key: Uint8Array) => new SipHash(key) } = options;
    this.#hash = pathHash(this.#header.hashKey);
    this.#pages = this.#build();
    this.#pages.next();
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) throw new RangeError("a chunk is empty");
    for (const frame of framesOf(chunk)) {
      if (this.#isDone) throw new RangeError("there are pages behind the last");
      this.#isDone = this.#pages.next(frame).done === true;
    }
    const { maxBytes } = this.#versions.options;
    if (this.#versions.trie.bytes > maxBytes) throw new StoreFullError(maxBytes, this.#versions.trie.bytes);
  }

  finish(): Versions {
    const versions = this.#versions;
    const { trie } = versions;
    const { newest, entries, bytes } = this.#header;
    if (!this.#isDone) throw new RangeError("pages are missing");
    if (trie.entries !== entries || trie.bytes !== bytes) throw new RangeError("the header counts other entries");
    trie.eachPage(trie.root, (page) => {
      if (!trie.isPlace(page)) throw new RangeError("a page is not where its keys lead");
    });
    versions.adopt(newest);
    versions.checkRoom(0);
    return versions;
  }

  /** Receives the pages of the whole trie. */
  *#build(): Generator<void, void, Frame> {
    const { trie } = this.#versions;
    const empty = trie.root;
    const first = yield;
    if (first.depth === 0) {
      trie.root = this.#adopt(first);
    } else {
      const group = trie.addGroup();
      trie.root = -group;
      const ahead = { frame: first as Frame | undefined };
      yield* this.#fill(group, 0, SLOTS / 2, 1, ahead);
      yield* this.#fill(group, SLOTS / 2, SLOTS / 2, 1, ahead);
      this.#checkPair(group, 0, SLOTS / 2);
    }
    trie.pages.remove(empty);
  }

  /** Fills neighbouring slots of a group with the node at a depth. */
  *#fill(group: number, slot: number, span: number, depth: number, ahead: { frame: Frame | undefined }): Generator<void, void, Frame> {
    const { trie } = this.#versions;
    const frame = ahead.frame ?? (yield);
    ahead.frame = undefined;
    if (frame.depth === depth) {
      trie.groups.fill(group, this.#adopt(frame), slot, slot + span);
      return;
    }
    if (frame.depth < depth || frame.depth > DEPTH_MAX) throw new RangeError("the pages are not those of one node");
    ahead.frame = frame;
    let [parent, first, half] = [group, slot, span / 2];
    if (span === 1) {
      parent = trie.addGroup();
      trie.groups.set(group, slot, -parent);
      [first, half] = [0, SLOTS / 2];
    }
    yield* this.#fill(parent, first, half, depth + 1, ahead);
    yield* this.#fill(parent, first + half, half, depth + 1, ahead);
    this.#checkPair(parent, first, half);
  }

  /** Refuses siblings that a store would hold as one page. */
  #checkPair(group: number, slot: number, span: number): void {
    const { trie } = this.#versions;
    const [left, right] = [trie.groups.get(group, slot), trie.groups.get(group, slot + span)];
    const isPair = left > 0 && right > 0 && trie.span(left) === span && trie.span(right) === span;
    if (isPair && trie.mustJoin(left, right)) throw new RangeError("two pages are not joined");
  }

  /** Checks a page's records, and enters it. */
  #adopt({ page, depth }: Frame): number {
    const { trie } = this.#versions;
    if (page.length > 0 && page[0] !== PAGE_TAG) throw new RangeError("a page has another tag");
    if (page.length === 1) throw new RangeError("a page has a tag alone");
    const adopted = trie.adopt(page.subarray(1), depth);
    this.#checkRecords(trie, page);
    if (trie.mustSplit(adopted)) throw new RangeError("a page is too large");
    return adopted;
  }

  #checkRecords(trie: PageTrie, page: Uint8Array): void {
    const view = new DataView(page.buffer, page.byteOffset, page.length);
    let last = 0;
    for (let at = 1; at < page.length; ) {
      if (at + RECORD_HEAD_BYTES > page.length) throw new RangeError("a record is cut off");
      const end = at + recordLength(view, at);
      const value = valueAt(view, at);
      if (end > page.length || value > end || end - value > VALUE_BYTES_MAX) throw new RangeError("a record has another length");
      const key = keyAt(view, at);
      this.#hash.update(page, key, value);
      if (hashHigh(view, at) !== this.#hash.high || hashLow(view, at) !== this.#hash.low) throw new RangeError("a record has another hash");
      if (last > 0 && trie.compareRecords(page, view, last, at) >= 0) throw new RangeError("records are out of order");
      this.#checkStamp(view, at, page);
      this.#versions.order?.mark(page, key, key + keyLength(view, at), true);
      trie.entries += 1;
      last = at;
      at = end;
    }
  }

  #checkStamp(view: DataView, at: number, page: Uint8Array): void {
    const { newest } = this.#header;
    const { nodeId, physicalMs, logical } = readStamp(view, at + STAMP_AT);
    if (nodeId !== this.#node) new HLCTimestamp(physicalMs, logical, nodeId);
    this.#node = nodeId;
    if (!newest || compareStamp(view, at + STAMP_AT, newest) > 0) throw new RangeError(`a record of ${page.length} bytes is later than the snapshot`);
  }
}
