import { compareRanges, copyRange } from "./record.ts";

/** Maximum length of a block with more than one key, in bytes. */
const BLOCK_BYTES_MAX = 2_048;
/** Neighbouring blocks that are together at most so long are joined. */
const JOIN_BYTES_MAX = BLOCK_BYTES_MAX / 2;
const FIRST_BYTES = 256;
/** Bytes of a key in a block before the key: its length, and 1 if it has a value now. */
const HEAD_BYTES = 3;

/** Keys in order: `u16 length | u8 live | key`. */
interface Block {
  bytes: Uint8Array;
  used: number;
  /** Number of keys that have a value now. */
  live: number;
}

/** A range of keys as bytes. */
export interface ByteRange {
  readonly from?: Uint8Array | undefined;
  readonly to?: Uint8Array | undefined;
  readonly reverse?: boolean | undefined;
}

/** A key of the order. */
export interface OrderedKey {
  readonly key: Uint8Array;
  /** True if the key has a value now. */
  readonly isLive: boolean;
}

const EMPTY = /* @__PURE__ */ new Uint8Array(0);

/** The keys of a store in the order of their bytes: those with a value, and those with a past only. */
export class KeyOrder {
  readonly #blocks: Block[] = [];
  #changes = 0;
  #block = 0;
  #at = 0;
  /** Memory of the keys, in bytes. */
  bytes = 0;

  /** Enters a key as one with a value, or without. */
  mark(bytes: Uint8Array, start: number, end: number, isLive: boolean): void {
    this.#changes += 1;
    if (!this.#find(bytes, start, end)) this.#insert(bytes, start, end);
    const block = this.#blocks[this.#block];
    if (!block) return;
    block.live += Number(isLive) - (block.bytes[this.#at + 2] ?? 0);
    block.bytes[this.#at + 2] = Number(isLive);
    if (block.used > BLOCK_BYTES_MAX) this.#split(block);
  }

  /** Removes a key that has no value. */
  remove(bytes: Uint8Array, start: number, end: number): void {
    this.#changes += 1;
    if (!this.#find(bytes, start, end)) return;
    const block = this.#blocks[this.#block];
    if (!block) return;
    const length = HEAD_BYTES + end - start;
    block.bytes.copyWithin(this.#at, this.#at + length, block.used);
    block.used -= length;
    this.bytes -= length;
    const next = this.#blocks[this.#block + 1];
    if (block.used === 0) this.#blocks.splice(this.#block, 1);
    else if (next && block.used + next.used <= JOIN_BYTES_MAX) {
      this.#room(block, next.used);
      copyRange(next.bytes, 0, next.used, block.bytes, block.used);
      block.used += next.used;
      block.live += next.live;
      this.#blocks.splice(this.#block + 1, 1);
    }
  }

  /** Number of keys of a range that have a value now. Whole blocks are not read. */
  count({ from = EMPTY, to }: ByteRange): number {
    if (to && compareRanges(from, 0, from.length, to, 0, to.length) >= 0) return 0;
    return this.#countBefore(to) - this.#countBefore(from);
  }

  /**
   * Yields keys from `from` (included) to `to` (excluded), rising, or falling if `reverse`. Keys may come and go
   * meanwhile: it goes on behind the last key it yielded.
   */
  *range({ from = EMPTY, to, reverse = false }: ByteRange): Generator<OrderedKey, void, undefined> {
    let last: Uint8Array | undefined;
    for (;;) {
      const keys = reverse ? this.#keysBefore(last ?? to).toReversed() : this.#keysFrom(last ?? from, last !== undefined);
      if (keys.length === 0) return;
      const changes = this.#changes;
      for (const entry of keys) {
        const { key } = entry;
        if (reverse ? compareRanges(key, 0, key.length, from, 0, from.length) < 0 : to && compareRanges(key, 0, key.length, to, 0, to.length) >= 0) return;
        yield entry;
        last = key;
        if (changes !== this.#changes) break;
      }
    }
  }

  /** Keys of one block from a key on, or after it. */
  #keysFrom(key: Uint8Array, after: boolean): OrderedKey[] {
    const found = this.#find(key, 0, key.length);
    const at = found && after ? this.#at + HEAD_BYTES + key.length : this.#at;
    const here = keysOf(this.#blocks[this.#block], at, Infinity);
    return here.length > 0 ? here : keysOf(this.#blocks[this.#block + 1], 0, Infinity);
  }

  /** Keys of one block before a key, or the last ones. */
  #keysBefore(key: Uint8Array | undefined): OrderedKey[] {
    if (key) this.#find(key, 0, key.length);
    else {
      this.#block = Math.max(0, this.#blocks.length - 1);
      this.#at = Infinity;
    }
    const here = keysOf(this.#blocks[this.#block], 0, this.#at);
    return here.length > 0 ? here : keysOf(this.#blocks[this.#block - 1], 0, Infinity);
  }

  /** Number of keys with a value before a key, or of all. */
  #countBefore(key: Uint8Array | undefined): number {
    if (key) this.#find(key, 0, key.length);
    else this.#block = this.#blocks.length;
    let count = 0;
    for (let index = 0; index < this.#block; index++) count += this.#blocks[index]?.live ?? 0;
    if (!key) return count;
    return count + keysOf(this.#blocks[this.#block], 0, this.#at).filter(({ isLive }) => isLive).length;
  }

  /** Finds where a key is or belongs: in the last block that begins at or before it, or in the first. */
  #find(bytes: Uint8Array, start: number, end: number): boolean {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = this.#blocks[middle];
      if (block && compareRanges(block.bytes, HEAD_BYTES, HEAD_BYTES + lengthAt(block.bytes, 0), bytes, start, end) <= 0) low = middle + 1;
      else high = middle;
    }
    this.#block = Math.max(0, low - 1);
    this.#at = 0;
    const block = this.#blocks[this.#block];
    if (!block) return false;
    while (this.#at < block.used) {
      const length = lengthAt(block.bytes, this.#at);
      const key = this.#at + HEAD_BYTES;
      const order = compareRanges(block.bytes, key, key + length, bytes, start, end);
      if (order >= 0) return order === 0;
      this.#at = key + length;
    }
    return false;
  }

  #insert(bytes: Uint8Array, start: number, end: number): void {
    const length = HEAD_BYTES + end - start;
    let block = this.#blocks[this.#block];
    if (!block) {
      block = { bytes: new Uint8Array(FIRST_BYTES), used: 0, live: 0 };
      this.#blocks.push(block);
    }
    this.#room(block, length);
    block.bytes.copyWithin(this.#at + length, this.#at, block.used);
    block.bytes[this.#at] = (end - start) >>> 8;
    block.bytes[this.#at + 1] = end - start;
    block.bytes[this.#at + 2] = 0;
    copyRange(bytes, start, end, block.bytes, this.#at + HEAD_BYTES);
    block.used += length;
    this.bytes += length;
  }

  /** Cuts a block in half, at a key. */
  #split(block: Block): void {
    let cut = HEAD_BYTES + lengthAt(block.bytes, 0);
    // Keys that come in order fill whole blocks.
    const isAppended = this.#at + HEAD_BYTES + lengthAt(block.bytes, this.#at) === block.used && this.#block === this.#blocks.length - 1;
    const goal = isAppended ? this.#at : block.used / 2;
    while (cut < goal) cut += HEAD_BYTES + lengthAt(block.bytes, cut);
    if (cut >= block.used) return;
    const right: Block = { bytes: block.bytes.slice(cut, block.used), used: block.used - cut, live: 0 };
    for (let at = 0; at < right.used; at += HEAD_BYTES + lengthAt(right.bytes, at)) right.live += right.bytes[at + 2] ?? 0;
    block.used = cut;
    block.live -= right.live;
    block.bytes = block.bytes.slice(0, cut);
    this.#blocks.splice(this.#block + 1, 0, right);
  }

  #room(block: Block, more: number): void {
    if (block.used + more <= block.bytes.length) return;
    const larger = new Uint8Array(Math.max(Math.min(block.used * 2, BLOCK_BYTES_MAX + FIRST_BYTES), block.used + more));
    larger.set(block.bytes.subarray(0, block.used));
    block.bytes = larger;
  }
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The keys of a block between two offsets. */
function keysOf(block: Block | undefined, from: number, to: number): OrderedKey[] {
  const keys: OrderedKey[] = [];
  if (!block) return keys;
  for (let at = from; at < block.used && at < to; ) {
    const end = at + HEAD_BYTES + lengthAt(block.bytes, at);
    keys.push({ key: block.bytes.slice(at + HEAD_BYTES, end), isLive: block.bytes[at + 2] === 1 });
    at = end;
  }
  return keys;
}
