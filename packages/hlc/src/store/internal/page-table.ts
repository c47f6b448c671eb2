import { Captures } from "./captures.ts";
import { recordLength } from "./record.ts";
import { Rows } from "./rows.ts";
import { Slabs } from "./slabs.ts";

/** Maximum length of a page with more than one entry: its tag and its records. */
export const PAGE_BYTES_MAX = 4_096;
/** First byte of each page, so that what is hashed as a page is nothing else. */
export const PAGE_TAG = 0x01;
/** Slots of a group. */
export const SLOTS = 16;
/** Levels of the trie in a group. */
export const LEVELS = 4;
/** Depth at which two hashes are used up. A page there may have any length. */
export const DEPTH_MAX = 128;

/** Words of a page's row: where its bytes are, without its tag, and what is known of it. */
export const PAGE = { place: 0, units: 1, length: 2, depth: 3, birth: 4, clean: 5, hash: 8, width: 16 } as const;
/** Words of a group's row after its slots. A slot holds the row of a page, or the negative row of a group. */
export const GROUP = { birth: 16, clean: 17, bytesHigh: 18, bytesLow: 19, hash: 24, width: 32 } as const;

/** The pages and groups of one store, in use or kept by captures, and the memory of their records. */
export class PageTable {
  readonly slabs: Slabs = new Slabs();
  readonly pages: Rows = new Rows(PAGE.width);
  readonly groups: Rows = new Rows(GROUP.width);
  readonly captures: Captures = new Captures(
    (node) => this.free(node),
    (node) => (node < 0 ? this.groups.get(-node, GROUP.birth) : this.pages.get(node, PAGE.birth)),
  );
  /** Length of all records. */
  bytes = 0;

  /** Number of slots that a page fills. */
  span(page: number): number {
    const depth = this.pages.get(page, PAGE.depth);
    return depth === 0 ? SLOTS : 1 << ((DEPTH_MAX - depth) % LEVELS);
  }

  /** The bytes of a page that are hashed. They are those of the store. */
  bytesOf(page: number): Uint8Array {
    const place = this.pages.get(page, PAGE.place);
    const base = this.slabs.offset(place);
    return this.slabs.bytes(place).subarray(base, base + 1 + this.pages.get(page, PAGE.length));
  }

  /** The records of a page. They are those of the store. */
  recordsOf(page: number): Uint8Array {
    return this.pages.get(page, PAGE.length) === 0 ? new Uint8Array(0) : this.bytesOf(page).subarray(1);
  }

  /** Adds a page of records that were checked, for a trie that is being built. */
  adopt(records: Uint8Array, depth: number): number {
    const page = this.add(depth);
    if (records.length === 0) return page;
    const units = this.slabs.unitsFor(records.length + 1);
    const place = this.block(units);
    this.slabs.bytes(place).set(records, this.slabs.offset(place) + 1);
    this.pages.set(page, PAGE.place, place);
    this.pages.set(page, PAGE.units, units);
    this.pages.set(page, PAGE.length, records.length);
    this.bytes += records.length;
    return page;
  }

  /** True if two sibling pages must be one. */
  mustJoin(one: number, other: number): boolean {
    const [a, b] = [this.pages.get(one, PAGE.length), this.pages.get(other, PAGE.length)];
    return a + b < PAGE_BYTES_MAX || (a === 0 && this.#single(other)) || (b === 0 && this.#single(one));
  }

  /** True if a page must be two. */
  mustSplit(page: number): boolean {
    return this.pages.get(page, PAGE.length) >= PAGE_BYTES_MAX && this.pages.get(page, PAGE.depth) < DEPTH_MAX && !this.#single(page);
  }

  /** True if a page has at most one record. */
  #single(page: number): boolean {
    const length = this.pages.get(page, PAGE.length);
    if (length === 0) return true;
    const place = this.pages.get(page, PAGE.place);
    return recordLength(this.slabs.view(place), this.slabs.offset(place) + 1) === length;
  }

  /** Allocates a block that begins with the tag of a page. */
  protected block(units: number): number {
    const place = this.slabs.allocate(units);
    this.slabs.bytes(place)[this.slabs.offset(place)] = PAGE_TAG;
    return place;
  }

  protected add(depth: number): number {
    const page = this.pages.add();
    this.pages.fill(page, 0, 0, PAGE.width);
    this.pages.set(page, PAGE.depth, depth);
    this.pages.set(page, PAGE.birth, this.captures.epoch);
    return page;
  }

  /** Gives a page back that the trie no longer has, now or when no capture needs it. */
  protected retire(page: number): void {
    if (this.pages.get(page, PAGE.birth) <= this.captures.newest) this.captures.retire(page);
    else this.free(page);
  }

  protected free(node: number): void {
    if (node < 0) return this.groups.remove(-node);
    const units = this.pages.get(node, PAGE.units);
    if (units > 0) this.slabs.release(this.pages.get(node, PAGE.place), units);
    this.pages.remove(node);
  }
}
