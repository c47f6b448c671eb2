/**
 * The live entries of a store: pages of records in a binary trie over the bits of their keys' hashes.
 *
 * Invariants:
 * - A node is a page if its records have at most `PAGE_BYTES_MAX` bytes or are at most one. Any other node has two children.
 *   So the shape is a function of the entries, whatever the history, and so is everything that is hashed.
 * - The records of a page rise by hash, second hash and key.
 * - Four levels of the trie are one group of 16 slots. A page at a lesser depth fills neighbouring slots, so that one look
 *   a group finds it.
 * - A page or group that is not clean (its hash is not known) has no clean ancestor.
 * - What was born in an epoch up to that of the newest capture is shared with it and never changes. Its copy is made
 *   together with those of all its ancestors.
 */
import { compareRanges, copyRange, hashHigh, hashLow, keyAt, keyLength, recordLength } from "./record.ts";
import { DEPTH_MAX, GROUP, LEVELS, PAGE, PageTable, SLOTS } from "./page-table.ts";
import type { PathHash } from "./sip-hash.ts";

/** Bits of the first hash. */
const HASH_BITS = 64;

/** Pages and groups of one store, and a cursor on the entry that was looked for last. */
export class PageTrie extends PageTable {
  /** The root: the row of a page, or the negative row of a group. */
  root: number;
  /** Number of entries. */
  entries = 0;

  /** Upper half of the hash of the cursor's key. */
  high = 0;
  /** Lower half of the hash of the cursor's key. */
  low = 0;
  /** True if the key has an entry. */
  found = false;
  /** Length of the cursor's record, 0 if there is none. */
  length = 0;
  /** Offset of the cursor in the records of its page. */
  #at = 0;
  #page = 0;
  /** Place of the cursor's page. */
  #place = 0;

  readonly #hash: PathHash;
  readonly #second: PathHash;
  #secondHigh = 0;
  #secondLow = 0;
  /** Groups from the root to the cursor's page. */
  readonly #path = new Int32Array(DEPTH_MAX / LEVELS);
  #levels = 0;

  /** @param second - Orders and separates keys whose first hashes are equal. */
  constructor(hash: PathHash, second: PathHash) {
    super();
    this.#hash = hash;
    this.#second = second;
    this.root = this.add(0);
  }

  /** View of the memory of the cursor's record. */
  get view(): DataView {
    return this.slabs.view(this.#place);
  }

  /** Memory of the cursor's record. */
  get memory(): Uint8Array {
    return this.slabs.bytes(this.#place);
  }

  /** Offset of the cursor's record in its memory. */
  get at(): number {
    return this.slabs.offset(this.#place) + 1 + this.#at;
  }

  /** Puts the cursor on the entry of the key `bytes[start..end)`, or where it belongs. Returns true if there is one. */
  locate(bytes: Uint8Array, start: number, end: number): boolean {
    this.#hash.update(bytes, start, end);
    const { high, low } = this.#hash;
    this.high = high;
    this.low = low;
    let node = this.root;
    for (let depth = 0; node < 0; depth += LEVELS) {
      if (depth === HASH_BITS) this.#hashAgain(bytes, start, end);
      node = this.groups.get(-node, this.#nibble(depth));
    }
    this.#page = node;
    const records = this.pages.get(node, PAGE.length);
    this.found = false;
    this.length = 0;
    this.#at = 0;
    if (records === 0) return false;
    const place = this.pages.get(node, PAGE.place);
    this.#place = place;
    const view = this.slabs.view(place);
    const base = this.slabs.offset(place) + 1;
    const last = base + records;
    let at = base;
    while (at < last) {
      const other = view.getInt32(at);
      if (other === high) {
        const order = this.#order(view, at, bytes, start, end);
        if (order >= 0) {
          this.found = order === 0;
          if (this.found) this.length = recordLength(view, at);
          break;
        }
      } else if (other >>> 0 > high >>> 0) break;
      at += recordLength(view, at);
    }
    this.#at = at - base;
    return this.found;
  }

  /**
   * Makes the cursor's record one of `length` bytes, or removes it if that is 0. The caller writes the record at `at`, then
   * calls `reshape`.
   */
  splice(length: number): void {
    const borrowed = this.#own();
    const { pages, slabs } = this;
    const page = this.#page;
    const at = this.#at;
    const before = pages.get(page, PAGE.length);
    const after = before + length - this.length;
    const place = pages.get(page, PAGE.place);
    const unitsBefore = pages.get(page, PAGE.units);
    const tail = at + this.length;
    const units = after === 0 ? 0 : slabs.unitsFor(after + 1, unitsBefore);
    if (units === unitsBefore && !borrowed) {
      if (length !== this.length) {
        const base = slabs.offset(place) + 1;
        slabs.bytes(place).copyWithin(base + at + length, base + tail, base + before);
      }
    } else {
      const moved = units === 0 ? 0 : this.block(units);
      if (units > 0 && unitsBefore > 0) {
        const [from, base] = [slabs.bytes(place), slabs.offset(place) + 1];
        const [to, target] = [slabs.bytes(moved), slabs.offset(moved) + 1];
        copyRange(from, base, base + at, to, target);
        copyRange(from, base + tail, base + before, to, target + at + length);
      }
      if (unitsBefore > 0 && !borrowed) slabs.release(place, unitsBefore);
      pages.set(page, PAGE.place, moved);
      pages.set(page, PAGE.units, units);
      this.#place = moved;
    }
    pages.set(page, PAGE.length, after);
    this.entries += +(length > 0) - +this.found;
    this.bytes += length - this.length;
    this.#shrunk = length < this.length;
    this.found = length > 0;
    this.length = length;
  }

  #shrunk = false;

  /** Restores the shape after a splice. The cursor is lost. */
  reshape(): void {
    const page = this.#page;
    if (this.mustSplit(page)) {
      this.#trace();
      const group = this.#path[this.#levels - 1] ?? 0;
      this.#split(page, this.#levels === 0 ? 0 : group, this.#firstSlot(page));
    } else if (this.#shrunk && this.pages.get(page, PAGE.depth) > 0) {
      this.#trace();
      this.#join(page);
    }
  }

  /** Keeps the state as it is now readable from the root until the capture is released. */
  capture(): { readonly root: number; release(): void } {
    return { root: this.root, release: this.captures.open() };
  }

  /** Returns the page in which records of a hash are, or the group of all that have it, and how many bits of the hash lead there. */
  nodeOf(high: number, low: number): { readonly node: number; readonly bits: number } {
    this.high = high;
    this.low = low;
    let node = this.root;
    for (let depth = 0; node < 0 && depth < HASH_BITS; depth += LEVELS) node = this.groups.get(-node, this.#nibble(depth));
    return { node, bits: node > 0 ? Math.min(this.pages.get(node, PAGE.depth), HASH_BITS) : HASH_BITS };
  }

  /** Calls a function for each page under a node, in order. */
  eachPage(node: number, visit: (page: number) => void): void {
    if (node > 0) return visit(node);
    for (let slot = 0; slot < SLOTS; ) {
      const child = this.groups.get(-node, slot);
      this.eachPage(child, visit);
      slot += child < 0 ? 1 : this.span(child);
    }
  }

  /** Adds a group without children, for a trie that is being built. */
  addGroup(): number {
    const group = this.groups.add();
    this.groups.fill(group, 0, 0, GROUP.width);
    this.groups.set(group, GROUP.birth, this.captures.epoch);
    return group;
  }

  /** True if the keys of a page lead to it: the first and the last do, and all others lie between. */
  isPlace(page: number): boolean {
    const records = this.recordsOf(page);
    const view = new DataView(records.buffer, records.byteOffset, records.length);
    let last = 0;
    for (let at = 0; at < records.length; at += recordLength(view, at)) last = at;
    return records.length === 0 || [0, last].every((at) => {
      const key = keyAt(view, at);
      this.locate(records, key, key + keyLength(view, at));
      return this.#page === page;
    });
  }

  /** Compares two records by hash, second hash and key. */
  compareRecords(memory: Uint8Array, view: DataView, a: number, b: number): number {
    const order = (hashHigh(view, a) >>> 0) - (hashHigh(view, b) >>> 0) || (hashLow(view, a) >>> 0) - (hashLow(view, b) >>> 0);
    if (order !== 0) return order;
    const [one, other] = [keyAt(view, a), keyAt(view, b)];
    return this.#compareKeys(memory, one, one + keyLength(view, a), memory, other, other + keyLength(view, b));
  }

  /** Orders the record at `at`, whose upper hash is the cursor's, against the cursor's key. */
  #order(view: DataView, at: number, bytes: Uint8Array, start: number, end: number): number {
    const low = hashLow(view, at);
    if (low !== this.low) return low >>> 0 < this.low >>> 0 ? -1 : 1;
    const key = keyAt(view, at);
    return this.#compareKeys(this.memory, key, key + keyLength(view, at), bytes, start, end);
  }

  /** Compares two keys of one hash by their second hashes, then by their bytes. */
  #compareKeys(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
    const order = compareRanges(a, aStart, aEnd, b, bStart, bEnd);
    if (order === 0) return 0;
    this.#hashAgain(a, aStart, aEnd);
    const [high, low] = [this.#secondHigh >>> 0, this.#secondLow >>> 0];
    this.#hashAgain(b, bStart, bEnd);
    return high - (this.#secondHigh >>> 0) || low - (this.#secondLow >>> 0) || order;
  }

  #hashAgain(bytes: Uint8Array, start: number, end: number): void {
    this.#second.update(bytes, start, end);
    this.#secondHigh = this.#second.high;
    this.#secondLow = this.#second.low;
  }

  /** The slot at a depth on the way to the cursor. */
  #nibble(depth: number): number {
    const word = depth < 32 ? this.high : depth < 64 ? this.low : depth < 96 ? this.#secondHigh : this.#secondLow;
    return (word >>> (28 - (depth & 31))) & 15;
  }

  /** Records the groups on the way to the cursor's page. */
  #trace(): void {
    this.#levels = 0;
    for (let node = this.root; node < 0; ) {
      this.#path[this.#levels] = -node;
      node = this.groups.get(-node, this.#nibble(this.#levels * LEVELS));
      this.#levels += 1;
    }
  }

  /** First slot that a page on the traced path fills in the last group. */
  #firstSlot(page: number): number {
    return this.#levels === 0 ? 0 : this.#nibble((this.#levels - 1) * LEVELS) & -this.span(page);
  }

  /**
   * Prepares the cursor's page and the groups above it for a change: none is clean or shared afterwards. Returns true if the
   * page's block still belongs to a capture.
   */
  #own(): boolean {
    const { pages, groups, captures } = this;
    const { newest } = captures;
    if (pages.get(this.#page, PAGE.clean) === 0 && pages.get(this.#page, PAGE.birth) > newest) return false;
    let parent = 0;
    let slot = 0;
    let node = this.root;
    for (let depth = 0; node < 0; depth += LEVELS) {
      let group = -node;
      if (groups.get(group, GROUP.birth) <= newest) {
        const copy = groups.add();
        groups.copy(group, copy);
        groups.set(copy, GROUP.birth, captures.epoch);
        captures.retire(-group);
        group = copy;
        this.#link(parent, slot, 1, -group);
      }
      groups.set(group, GROUP.clean, 0);
      parent = group;
      slot = this.#nibble(depth);
      node = groups.get(group, slot);
    }
    const borrowed = pages.get(node, PAGE.birth) <= newest;
    if (borrowed) {
      const copy = pages.add();
      pages.copy(node, copy);
      pages.set(copy, PAGE.birth, captures.epoch);
      captures.retire(node);
      this.#page = copy;
      const span = this.span(copy);
      this.#link(parent, slot & -span, span, copy);
    }
    pages.set(this.#page, PAGE.clean, 0);
    return borrowed;
  }

  /** Makes a node the child of a group, or the root. */
  #link(group: number, slot: number, span: number, node: number): void {
    if (group === 0) this.root = node;
    else this.groups.fill(group, node, slot, slot + span);
  }

  /** Splits a page until each part is one by itself. */
  #split(page: number, group: number, slot: number): void {
    const { pages, slabs } = this;
    const depth = pages.get(page, PAGE.depth);
    if (depth % LEVELS === 0) {
      const made = this.addGroup();
      this.#link(group, slot, 1, -made);
      group = made;
      slot = 0;
    }
    const records = this.recordsOf(page);
    const view = slabs.view(pages.get(page, PAGE.place));
    const base = slabs.offset(pages.get(page, PAGE.place)) + 1;
    let cut = 0;
    while (cut < records.length && !this.#bit(view, base + cut, depth)) cut += recordLength(view, base + cut);
    const span = 1 << (LEVELS - 1 - (depth % LEVELS));
    const right = this.#part(records.subarray(cut), depth + 1);
    const left = this.#part(records.subarray(0, cut), depth + 1);
    slabs.release(pages.get(page, PAGE.place), pages.get(page, PAGE.units));
    pages.remove(page);
    this.#link(group, slot, span, left);
    this.#link(group, slot + span, span, right);
    if (this.mustSplit(left)) this.#split(left, group, slot);
    if (this.mustSplit(right)) this.#split(right, group, slot + span);
  }

  /** Adds a page of records that are in the trie already. */
  #part(records: Uint8Array, depth: number): number {
    const page = this.adopt(records, depth);
    this.bytes -= records.length;
    return page;
  }

  /** Joins a page on the traced path with its sibling as long as both must be one. */
  #join(page: number): void {
    const { pages, groups, slabs } = this;
    for (;;) {
      const depth = pages.get(page, PAGE.depth);
      if (depth === 0) return;
      const group = this.#path[this.#levels - 1] ?? 0;
      const span = this.span(page);
      const first = this.#firstSlot(page);
      const sibling = groups.get(group, first ^ span);
      if (sibling < 0 || pages.get(sibling, PAGE.depth) !== depth || !this.mustJoin(page, sibling)) return;
      const length = pages.get(page, PAGE.length);
      const more = pages.get(sibling, PAGE.length);
      if (more > 0) {
        const units = slabs.unitsFor(length + more + 1);
        const place = this.block(units);
        const at = slabs.offset(place) + 1;
        const isLeft = (first & span) === 0;
        slabs.bytes(place).set(this.recordsOf(page), at + (isLeft ? 0 : more));
        slabs.bytes(place).set(this.recordsOf(sibling), at + (isLeft ? length : 0));
        if (length > 0) slabs.release(pages.get(page, PAGE.place), pages.get(page, PAGE.units));
        pages.set(page, PAGE.place, place);
        pages.set(page, PAGE.units, units);
        pages.set(page, PAGE.length, length + more);
      }
      this.retire(sibling);
      pages.set(page, PAGE.depth, depth - 1);
      if (span * 2 < SLOTS) {
        groups.fill(group, page, first & -(span * 2), (first & -(span * 2)) + span * 2);
        continue;
      }
      this.#levels -= 1;
      groups.remove(group);
      if (this.#levels === 0) this.root = page;
      else groups.set(this.#path[this.#levels - 1] ?? 0, this.#nibble((this.#levels - 1) * LEVELS), page);
    }
  }

  /** True if the record goes to the right child of a node at a depth. */
  #bit(view: DataView, at: number, depth: number): boolean {
    let word = depth < 32 ? hashHigh(view, at) : hashLow(view, at);
    if (depth >= HASH_BITS) {
      const key = keyAt(view, at);
      this.#second.update(new Uint8Array(view.buffer), key, key + keyLength(view, at));
      word = depth < 96 ? this.#second.high : this.#second.low;
    }
    return ((word >>> (31 - (depth & 31))) & 1) === 1;
  }

}
