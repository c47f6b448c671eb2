/**
 * Hashes of the trie: of each page whole, of each group over its pages and groups. Only what is not clean is hashed. The
 * shape is that of the entries, so equal entries have equal hashes.
 *
 * A sum or XOR of the hashes of entries would be cheaper but unsafe: an attacker who can choose keys finds other sets with the
 * same sum (Wagner 2002, the generalised birthday problem). Here, other entries under the same root are a collision of the hash.
 */
import { readUint, uint } from "../../internal/bytes.ts";
import { HASH_BYTES, type Hash } from "../hash.ts";
import { GROUP, LEVELS, PAGE, SLOTS } from "./page-table.ts";
import type { PageTrie } from "./page-trie.ts";

/** First byte of each hashed input that is not a page, so that one kind cannot pass for another. */
const BRANCH_TAG = 0x02;
const STATE_TAG = 0x04;
const HEADER_TAG = 0x05;
/** Bytes of a page in a chunk before it: its length and its depth. */
const FRAME_BYTES = 5;

/** A child of a node at most {@link LEVELS} levels below it. */
export interface Item {
  /** Levels below the node. */
  readonly below: number;
  readonly hash: Uint8Array;
}

/** A node of the trie: a page, or neighbouring slots of a group. */
export interface TrieNode {
  /** Row of a page, or negative row of a group. */
  readonly node: number;
  readonly slot: number;
  readonly span: number;
}

/** Hashes of one trie, kept in its rows. */
export class DigestTree {
  readonly #trie: PageTrie;
  readonly #hash: Hash;
  readonly #scratch = new Uint8Array(1 + SLOTS * (1 + HASH_BYTES));
  #left = 0;

  constructor(trie: PageTrie, hash: Hash) {
    this.#trie = trie;
    this.#hash = hash;
  }

  /** Hashes what is not clean under a node, at most so many pages and groups. Returns true if all is clean. */
  settle(node: number, max: number = Infinity): boolean {
    this.#left = max;
    return this.#settle(node);
  }

  /** Returns the digest of a clean root and the header, which holds the rest of the state. */
  digest(root: number, header: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(1 + HASH_BYTES + header.length);
    bytes[0] = STATE_TAG;
    this.#readHash(root, bytes, 1);
    bytes.set(header, 1 + HASH_BYTES);
    return new Uint8Array(this.#hash(bytes));
  }

  /** Returns the hash of a clean node. */
  hashOf({ node, slot, span }: TrieNode): Uint8Array {
    const hash = new Uint8Array(HASH_BYTES);
    if (node < 0 && span < SLOTS) return branchHash(this.#hash, this.#items(-node, slot, span));
    this.#readHash(node, hash, 0);
    return hash;
  }

  /** Returns the maximal nodes under a clean root whose chunks have at most so many bytes, or are one page. */
  chunks(root: number, bytesMax: number): TrieNode[] {
    const nodes: TrieNode[] = [];
    const add = (node: number): void => {
      if (node > 0 || this.#frameBytes(node) <= bytesMax) nodes.push({ node, slot: 0, span: SLOTS });
      else cut(-node, 0, SLOTS);
    };
    const cut = (group: number, slot: number, span: number): void => {
      const child = this.#trie.groups.get(group, slot);
      if (span === 1 || (child > 0 && this.#trie.span(child) >= span)) return add(child);
      for (const half of [slot, slot + span / 2]) {
        let bytes = 0;
        this.#eachChild(group, half, span / 2, (node) => (bytes += this.#frameBytes(node)));
        const isWhole = span === 2 || this.#trie.groups.get(group, half) === this.#trie.groups.get(group, half + span / 2 - 1);
        if (bytes <= bytesMax && !isWhole) nodes.push({ node: -group, slot: half, span: span / 2 });
        else cut(group, half, span / 2);
      }
    };
    add(root);
    return nodes;
  }

  /** Returns the pages of a node as a chunk: `u32 length | u8 depth | page` for each, in order. */
  chunk({ node, slot, span }: TrieNode): Uint8Array {
    const { pages } = this.#trie;
    const parts: { readonly depth: number; readonly bytes: Uint8Array }[] = [];
    const add = (page: number): void => {
      const bytes = pages.get(page, PAGE.length) === 0 ? new Uint8Array(0) : this.#trie.bytesOf(page);
      parts.push({ depth: pages.get(page, PAGE.depth), bytes });
    };
    if (node > 0) add(node);
    else this.#eachChild(-node, slot, span, (child) => this.#trie.eachPage(child, add));
    const chunk = new Uint8Array(parts.reduce((sum, { bytes }) => sum + FRAME_BYTES + bytes.length, 0));
    let at = 0;
    for (const { depth, bytes } of parts) {
      uint(bytes.length, 4, chunk, at);
      chunk[at + 4] = depth;
      chunk.set(bytes, at + FRAME_BYTES);
      at += FRAME_BYTES + bytes.length;
    }
    return chunk;
  }

  /** Bytes of all frames under a clean node. */
  bytes(node: number): number {
    return this.#frameBytes(node);
  }

  #settle(node: number): boolean {
    const { pages, groups } = this.#trie;
    if (node > 0) {
      if (pages.get(node, PAGE.clean) === 1) return true;
      if (this.#left <= 0) return false;
      this.#left -= 1;
      if (pages.get(node, PAGE.length) === 0) pages.fill(node, 0, PAGE.hash, PAGE.hash + HASH_BYTES / 4);
      else pages.write(node, PAGE.hash, this.#hash(this.#trie.bytesOf(node)));
      pages.set(node, PAGE.clean, 1);
      return true;
    }
    const group = -node;
    if (groups.get(group, GROUP.clean) === 1) return true;
    let bytes = 0;
    for (let slot = 0; slot < SLOTS; ) {
      const child = groups.get(group, slot);
      if (!this.#settle(child)) return false;
      bytes += this.#frameBytes(child);
      slot += child < 0 ? 1 : this.#trie.span(child);
    }
    if (this.#left <= 0) return false;
    this.#left -= 1;
    groups.write(group, GROUP.hash, this.#groupHash(group));
    groups.set(group, GROUP.bytesHigh, Math.floor(bytes / 2 ** 31));
    groups.set(group, GROUP.bytesLow, bytes % 2 ** 31);
    groups.set(group, GROUP.clean, 1);
    return true;
  }

  /** Hash of a whole group of clean children, as {@link branchHash} computes it, without an object for each child. */
  #groupHash(group: number): Uint8Array {
    const bytes = this.#scratch;
    bytes[0] = BRANCH_TAG;
    let end = 1;
    for (let slot = 0; slot < SLOTS; ) {
      const child = this.#trie.groups.get(group, slot);
      bytes[end] = this.#below(child);
      this.#readHash(child, bytes, end + 1);
      end += 1 + HASH_BYTES;
      slot += child < 0 ? 1 : this.#trie.span(child);
    }
    return this.#hash(bytes.subarray(0, end));
  }

  /** Levels of a child below its group. */
  #below(child: number): number {
    return child < 0 ? LEVELS : ((this.#trie.pages.get(child, PAGE.depth) - 1) % LEVELS) + 1;
  }

  /** The clean children under neighbouring slots of a group, which are one node. */
  #items(group: number, slot: number, span: number): Item[] {
    const items: Item[] = [];
    // Levels of the node below the group.
    const level = Math.log2(SLOTS / span);
    this.#eachChild(group, slot, span, (child) => {
      const hash = new Uint8Array(HASH_BYTES);
      this.#readHash(child, hash, 0);
      items.push({ below: this.#below(child) - level, hash });
    });
    return items;
  }

  #eachChild(group: number, slot: number, span: number, visit: (node: number) => void): void {
    for (let at = slot; at < slot + span; ) {
      const child = this.#trie.groups.get(group, at);
      visit(child);
      at += child < 0 ? 1 : this.#trie.span(child);
    }
  }

  #frameBytes(node: number): number {
    const { pages, groups } = this.#trie;
    if (node < 0) return groups.get(-node, GROUP.bytesHigh) * 2 ** 31 + groups.get(-node, GROUP.bytesLow);
    const length = pages.get(node, PAGE.length);
    return FRAME_BYTES + (length === 0 ? 0 : length + 1);
  }

  #readHash(node: number, target: Uint8Array, at: number): void {
    if (node > 0) this.#trie.pages.read(node, PAGE.hash, HASH_BYTES, target, at);
    else this.#trie.groups.read(-node, GROUP.hash, HASH_BYTES, target, at);
  }
}

/** Hash of a node that is not a page: `u8 levels | hash` of each child. */
function branchHash(hash: Hash, items: readonly Item[]): Uint8Array {
  const bytes = new Uint8Array(1 + items.length * (1 + HASH_BYTES));
  bytes[0] = BRANCH_TAG;
  let at = 1;
  for (const item of items) {
    bytes[at] = item.below;
    bytes.set(item.hash, at + 1);
    at += 1 + HASH_BYTES;
  }
  return new Uint8Array(hash(bytes));
}

/** Hash of a snapshot's header, which precedes the pages. */
export function headerHash(hash: Hash, header: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + header.length);
  bytes[0] = HEADER_TAG;
  bytes.set(header, 1);
  return new Uint8Array(hash(bytes));
}

/** A page as a chunk has it. */
export interface Frame {
  readonly depth: number;
  readonly page: Uint8Array;
}

/** Yields the pages of a chunk. Throws for bytes that are not whole pages. */
export function* framesOf(chunk: Uint8Array): Generator<Frame, void, undefined> {
  for (let at = 0; at < chunk.length; ) {
    const end = at + FRAME_BYTES + readUint(chunk.subarray(at, at + 4));
    if (end > chunk.length || chunk.length - at < FRAME_BYTES) throw new RangeError("the last page is cut off");
    yield { depth: chunk[at + 4] ?? 0, page: chunk.subarray(at + FRAME_BYTES, end) };
    at = end;
  }
}

/** Returns the hash of the node whose pages a chunk has. Throws for bytes that are not one node. */
export function nodeHash(hash: Hash, chunk: Uint8Array): Uint8Array {
  const frames = [...framesOf(chunk)];
  let next = 0;
  const peek = (): number => frames[next]?.depth ?? -1;
  const pageHash = (): Uint8Array => {
    const page = frames[next++]?.page;
    return page && page.length > 0 ? new Uint8Array(hash(page)) : new Uint8Array(HASH_BYTES);
  };
  /** Children of the node `from` that lie between a depth and the next whole group. */
  const items = (from: number, depth: number, group: number): Item[] => {
    if (peek() < depth) throw new RangeError("the pages are not those of one node");
    if (peek() === depth) return [{ below: depth - from, hash: pageHash() }];
    if (depth === group) return [{ below: depth - from, hash: branch(depth) }];
    return [...items(from, depth + 1, group), ...items(from, depth + 1, group)];
  };
  const branch = (depth: number): Uint8Array => {
    const group = depth - (depth % LEVELS) + LEVELS;
    return branchHash(hash, [...items(depth, depth + 1, group), ...items(depth, depth + 1, group)]);
  };
  const depth = rootDepth(frames);
  const found = peek() === depth ? pageHash() : branch(depth);
  if (next !== frames.length) throw new RangeError("the pages are not those of one node");
  return found;
}

/** Returns the depth of the only node that has these pages. */
function rootDepth(frames: readonly Frame[]): number {
  const open: number[] = [];
  for (const frame of frames) {
    let { depth } = frame;
    while (depth > 0 && open.at(-1) === depth) {
      open.pop();
      depth -= 1;
    }
    open.push(depth);
  }
  const [depth, ...more] = open;
  if (depth === undefined || more.length > 0) throw new RangeError("the pages are not those of one node");
  return depth;
}
