/** Types of Redis on the rows of a store, literally by "Rows of all types" in docs/format.md: for a test of that layout. */
import { type HLCVersionStore, HLCTimestamp } from "@void-system/hlc";

const LEVELS = 4;
const BLOCK_ITEMS_MAX = 64;
const BLOCK_BYTES_MAX = 4_096;
const MIDDLE = 2n ** 63n;
const TYPES = ["string", "hash", "set", "list", "sorted set"] as const;

type Type = (typeof TYPES)[number];
interface KeyRow {
  readonly type: Type;
  readonly generation: bigint;
  readonly count: bigint;
  readonly rest: Buffer;
}

const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const row = (...parts: readonly (number | bigint | string | Uint8Array)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : typeof part === "bigint" ? u64(part) : Buffer.from(part))));

export function scoreBytes(score: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(score + 0);
  const bits = bytes.readBigUInt64BE();
  bytes.writeBigUInt64BE(bits >> 63n === 1n ? ~bits & (2n ** 64n - 1n) : bits | MIDDLE);
  return bytes;
}

function levelOf(member: string): number {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(member)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & (2n ** 64n - 1n);
  let level = 0;
  while (level < LEVELS && (hash & (16n ** BigInt(level + 1) - 1n)) === 0n) level += 1;
  return level;
}

export class TypedRows {
  readonly #store: HLCVersionStore;
  #ms = 1;
  /** Rows written or deleted. */
  writes = 0;

  constructor(store: HLCVersionStore) {
    this.#store = store;
  }

  hset(key: string, field: string, value: string): void {
    const { generation, count } = this.#open(key, "hash");
    const at = row(2, generation, 1, field);
    this.#count(key, "hash", generation, count + BigInt(this.#get(at) ? 0 : 1));
    this.#put(at, Buffer.from(value));
  }

  hget(key: string, field: string): string | undefined {
    const open = this.#key(key);
    return open && this.#get(row(2, open.generation, 1, field))?.toString();
  }

  rpush(key: string, item: string): void {
    const { generation, count, rest } = this.#open(key, "list");
    let [first, last] = rest.length > 0 ? [rest.readBigUInt64BE(0), rest.readBigUInt64BE(8)] : [MIDDLE, MIDDLE];
    const items = this.#items(generation, last);
    const bytes = items.reduce((sum, one) => sum + 4 + one.length, 4 + item.length);
    if (items.length > 0 && (items.length === BLOCK_ITEMS_MAX || bytes > BLOCK_BYTES_MAX)) this.#putItems(generation, (last += 1n), [item]);
    else this.#putItems(generation, last, [...items, item]);
    for (let level = 1; level <= LEVELS; level++) this.#add(row(2, generation, 4, level, last >> BigInt(4 * level)), 1n);
    this.#count(key, "list", generation, count + 1n, row(first, last));
  }

  lpop(key: string): string | undefined {
    const open = this.#key(key);
    if (!open) return undefined;
    const [first, last] = [open.rest.readBigUInt64BE(0), open.rest.readBigUInt64BE(8)];
    const [item = "", ...left] = this.#items(open.generation, first);
    if (left.length > 0) this.#putItems(open.generation, first, left);
    else this.#delete(row(2, open.generation, 2, first));
    for (let level = 1; level <= LEVELS; level++) this.#add(row(2, open.generation, 4, level, first >> BigInt(4 * level)), -1n);
    if (open.count === 1n) this.#delete(this.#keyRow(key));
    else this.#count(key, "list", open.generation, open.count - 1n, row(left.length > 0 ? first : first + 1n, last));
    return item;
  }

  lindex(key: string, index: number): string | undefined {
    const open = this.#key(key);
    if (!open || BigInt(index) >= open.count) return undefined;
    let left = index;
    let block = 0n;
    for (let level = LEVELS; level >= 1; level--) {
      const prefix = row(2, open.generation, 4, level);
      for (const found of this.#store.rows.scan({ from: row(prefix, block), prefix })) {
        const count = Number(Buffer.from(found.value).readBigUInt64BE());
        block = Buffer.from(found.key).readBigUInt64BE(prefix.length);
        if (left < count) break;
        left -= count;
      }
      block *= 16n;
    }
    const prefix = row(2, open.generation, 2);
    for (const found of this.#store.rows.scan({ from: row(prefix, block), prefix })) {
      const items = this.#items(open.generation, Buffer.from(found.key).readBigUInt64BE(prefix.length));
      if (left < items.length) return items[left];
      left -= items.length;
    }
    return undefined;
  }

  zadd(key: string, member: string, score: number): void {
    const { generation, count } = this.#open(key, "sorted set");
    const at = row(2, generation, 1, member);
    const old = this.#get(at);
    if (old) this.#unpair(generation, old, member);
    this.#put(at, scoreBytes(score));
    this.#pair(generation, scoreBytes(score), member);
    this.#count(key, "sorted set", generation, count + BigInt(old ? 0 : 1));
  }

  zrank(key: string, member: string): number | undefined {
    const open = this.#key(key);
    const score = open && this.#get(row(2, open.generation, 1, member));
    if (!open || !score) return undefined;
    const place = row(score, member);
    let rank = 0;
    let from: Buffer = Buffer.alloc(0);
    for (let level = LEVELS; level >= 1; level--) {
      const prefix = row(2, open.generation, 4, level);
      let before: { readonly place: Buffer; readonly count: number } | undefined;
      for (const found of this.#store.rows.scan({ from: row(prefix, from), prefix })) {
        const anchor = Buffer.from(found.key.subarray(prefix.length));
        if (Buffer.compare(anchor, place) > 0) break;
        rank += before?.count ?? 0;
        before = { place: anchor, count: Number(Buffer.from(found.value).readBigUInt64BE()) };
      }
      from = before?.place ?? from;
    }
    const prefix = row(2, open.generation, 3);
    return rank + this.#store.rows.count({ prefix, from: row(prefix, from), to: row(prefix, place) });
  }

  del(key: string): void {
    const open = this.#key(key);
    if (!open) return;
    this.#delete(this.#keyRow(key));
    this.#put(row(4, open.generation), Buffer.alloc(0));
  }

  rename(key: string, to: string): void {
    const value = this.#get(this.#keyRow(key));
    if (!value) return;
    if (key !== to) this.del(to);
    this.#delete(this.#keyRow(key));
    this.#put(this.#keyRow(to), value);
  }

  flush(): void {
    const { database, next } = this.#database();
    this.#put(row(0), row(next, next + 1n));
    this.#put(row(4, database), Buffer.alloc(0));
  }

  /** Deletes at most so many rows of what is dropped. Returns false if nothing is left. */
  sweep(rowsMax: number): boolean {
    for (let left = rowsMax; left > 0; left--) {
      const [dropped] = [...this.#store.rows.keys({ prefix: row(4), limit: 1 })];
      if (!dropped) return false;
      const generation = Buffer.from(dropped).readBigUInt64BE(1);
      const under = row(2, generation);
      const [found] = [...this.#store.rows.keys({ prefix: under, limit: 1 })];
      const [key] = found ? [] : [...this.#store.rows.scan({ prefix: row(1, generation), limit: 1 })];
      if (key) this.#put(row(4, Buffer.from(key.value).readBigUInt64BE(9)), Buffer.alloc(0));
      this.#delete(Buffer.from(found ?? key?.key ?? dropped));
    }
    return true;
  }

  #pair(generation: bigint, score: Buffer, member: string): void {
    const place = row(score, member);
    this.#put(row(2, generation, 3, place), Buffer.alloc(0));
    for (let level = 1; level <= LEVELS; level++) {
      const before = this.#anchor(generation, level, place);
      if (levelOf(member) < level) {
        this.#add(row(2, generation, 4, level, before), 1n);
        continue;
      }
      const pairs = row(2, generation, 3);
      const ahead = BigInt(this.#store.rows.count({ prefix: pairs, from: row(pairs, before), to: row(pairs, place) }));
      const all = this.#get(row(2, generation, 4, level, before))?.readBigUInt64BE() ?? 0n;
      this.#put(row(2, generation, 4, level, place), u64(all + 1n - ahead));
      this.#put(row(2, generation, 4, level, before), u64(ahead));
    }
  }

  #unpair(generation: bigint, score: Buffer, member: string): void {
    const place = row(score, member);
    this.#delete(row(2, generation, 3, place));
    for (let level = 1; level <= LEVELS; level++) {
      const own = this.#get(row(2, generation, 4, level, place))?.readBigUInt64BE() ?? 0n;
      if (levelOf(member) >= level) this.#delete(row(2, generation, 4, level, place));
      this.#add(row(2, generation, 4, level, this.#anchor(generation, level, place)), levelOf(member) >= level ? own - 1n : -1n);
    }
  }

  /** The last anchor of a level before a place, or the empty one before all. */
  #anchor(generation: bigint, level: number, place: Buffer): Buffer {
    const prefix = row(2, generation, 4, level);
    const [found] = [...this.#store.rows.keys({ prefix, to: row(prefix, place), reverse: true, limit: 1 })];
    return found ? Buffer.from(found.subarray(prefix.length)) : Buffer.alloc(0);
  }

  #items(generation: bigint, block: bigint): string[] {
    const bytes = this.#get(row(2, generation, 2, block)) ?? Buffer.alloc(0);
    const items: string[] = [];
    for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) items.push(bytes.toString("utf8", at + 4, at + 4 + bytes.readUInt32BE(at)));
    return items;
  }

  #putItems(generation: bigint, block: bigint, items: readonly string[]): void {
    this.#put(row(2, generation, 2, block), row(...items.flatMap((item) => [u64(BigInt(Buffer.byteLength(item))).subarray(4), item])));
  }

  #add(at: Buffer, change: bigint): void {
    const sum = (this.#get(at)?.readBigUInt64BE() ?? 0n) + change;
    if (sum === 0n) this.#delete(at);
    else this.#put(at, u64(sum));
  }

  #database(): { readonly database: bigint; readonly next: bigint } {
    const value = this.#get(row(0)) ?? row(1n, 2n);
    return { database: value.readBigUInt64BE(0), next: value.readBigUInt64BE(8) };
  }

  #keyRow(key: string): Buffer {
    return row(1, this.#database().database, key);
  }

  #key(key: string): KeyRow | undefined {
    const value = this.#get(this.#keyRow(key));
    return value && { type: TYPES[value[0]!]!, generation: value.readBigUInt64BE(9), count: value.readBigUInt64BE(17), rest: value.subarray(25) };
  }

  #open(key: string, type: Type): KeyRow {
    const open = this.#key(key);
    if (open) return open;
    const { database, next } = this.#database();
    this.#put(row(0), row(database, next + 1n));
    return { type, generation: next, count: 0n, rest: Buffer.alloc(0) };
  }

  #count(key: string, type: Type, generation: bigint, count: bigint, rest: Buffer = Buffer.alloc(0)): void {
    this.#put(this.#keyRow(key), row(TYPES.indexOf(type), 0n, generation, count, rest));
  }

  #get(at: Buffer): Buffer | undefined {
    const { rows } = this.#store;
    if (!rows.seek(at, 0, at.length)) return undefined;
    const value = Buffer.alloc(rows.valueBytes);
    rows.copyValue(value, 0);
    return value;
  }

  #put(at: Buffer, value: Buffer): void {
    this.writes += 1;
    this.#store.rows.put(at, 0, at.length, value, 0, value.length, this.#now());
  }

  #delete(at: Buffer): void {
    this.writes += 1;
    this.#store.rows.delete(at, 0, at.length, this.#now());
  }

  #now(): HLCTimestamp {
    return new HLCTimestamp(this.#ms++, 0, "node0");
  }
}
