/** Computes digests, chunks and their hashes literally as docs/format.md says: slowly, from all entries, with bigints. */
import { createHash } from "node:crypto";
import { encodeTimestamp, type HLCVersionStore } from "../src/index.ts";

const PAGE_BYTES_MAX = 4_096;
const MASK = (1n << 64n) - 1n;

const sha = (...parts: Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const turn = (word: bigint, bits: bigint) => ((word << bits) | (word >> (64n - bits))) & MASK;
const number = (value: number | bigint, bytes: number): Buffer => Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");

/** SipHash with so many rounds a word and at the end. */
export function sipHash(key: Uint8Array, message: Uint8Array, rounds = 1, finalRounds = 3): bigint {
  const [k0, k1] = [Buffer.from(key).readBigUInt64LE(0), Buffer.from(key).readBigUInt64LE(8)];
  let [v0, v1, v2, v3] = [k0 ^ 0x736f6d6570736575n, k1 ^ 0x646f72616e646f6dn, k0 ^ 0x6c7967656e657261n, k1 ^ 0x7465646279746573n];
  const round = () => {
    v0 = (v0 + v1) & MASK;
    v1 = turn(v1, 13n) ^ v0;
    v0 = turn(v0, 32n);
    v2 = (v2 + v3) & MASK;
    v3 = turn(v3, 16n) ^ v2;
    v0 = (v0 + v3) & MASK;
    v3 = turn(v3, 21n) ^ v0;
    v2 = (v2 + v1) & MASK;
    v1 = turn(v1, 17n) ^ v2;
    v2 = turn(v2, 32n);
  };
  const padded = Buffer.alloc((message.length >> 3) * 8 + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const word = padded.readBigUInt64LE(at);
    v3 ^= word;
    for (let index = 0; index < rounds; index++) round();
    v0 ^= word;
  }
  v2 ^= 0xffn;
  for (let index = 0; index < finalRounds; index++) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

interface Entry {
  /** 128 bits. */
  readonly path: bigint;
  readonly record: Buffer;
}

export interface Book {
  readonly digest: string;
  readonly chunks: readonly string[];
  readonly hashes: readonly string[];
}

export function byTheBook(store: HLCVersionStore, chunkBytes: number, hashKey: Uint8Array = new Uint8Array(16)): Book {
  const second = Buffer.concat([0, 1].map((half) => number(sipHash(hashKey, Uint8Array.of(half)), 8)));
  const entries: Entry[] = [...store.scan()].map(({ key, value, at }) => {
    const name = Buffer.from(key);
    const hash = sipHash(hashKey, name);
    const stamp = encodeTimestamp(at);
    const head = Buffer.concat([stamp.subarray(0, 8), Uint8Array.of(stamp.length - 8), stamp.subarray(8)]);
    const length = 8 + 4 + 2 + head.length + name.length + value.length;
    const record = Buffer.concat([number(hash, 8), number(length, 4), number(name.length, 2), head, name, value]);
    return { path: (hash << 64n) | sipHash(second, name), record };
  });
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  const bytesOf = (some: readonly Entry[]) => some.reduce((sum, { record }) => sum + record.length, 0);
  const isPage = (some: readonly Entry[]) => some.length <= 1 || 1 + bytesOf(some) <= PAGE_BYTES_MAX;
  const page = (some: readonly Entry[]) => (some.length === 0 ? Buffer.alloc(0) : Buffer.concat([Uint8Array.of(1), ...some.map(({ record }) => record)]));
  const halves = (some: readonly Entry[], depth: number) => [0n, 1n].map((bit) => some.filter(({ path }) => ((path >> BigInt(127 - depth)) & 1n) === bit));
  const hashOf = (some: readonly Entry[], depth: number): Buffer => {
    if (some.length === 0) return Buffer.alloc(32);
    return isPage(some) ? sha(page(some)) : sha(Uint8Array.of(2), ...halves(some, depth).flatMap((half) => items(half, depth + 1, depth)));
  };
  const items = (some: readonly Entry[], depth: number, from: number): Buffer[] => {
    if (isPage(some) || depth % 4 === 0) return [Buffer.concat([Uint8Array.of(depth - from), hashOf(some, depth)])];
    return halves(some, depth).flatMap((half) => items(half, depth + 1, from));
  };
  const frames = (some: readonly Entry[], depth: number): Buffer => {
    if (!isPage(some)) return Buffer.concat(halves(some, depth).map((half) => frames(half, depth + 1)));
    return Buffer.concat([number(page(some).length, 4), Uint8Array.of(depth), page(some)]);
  };
  const chunks = (some: readonly Entry[], depth: number): { bytes: Buffer; hash: Buffer }[] => {
    const bytes = frames(some, depth);
    if (isPage(some) || bytes.length <= chunkBytes) return [{ bytes, hash: hashOf(some, depth) }];
    return halves(some, depth).flatMap((half) => chunks(half, depth + 1));
  };
  const newest = store.newest ? encodeTimestamp(store.newest) : new Uint8Array(0);
  const header = Buffer.concat([Buffer.from("56485303", "hex"), hashKey, number(entries.length, 6), number(bytesOf(entries), 6), Uint8Array.of(newest.length), newest]);
  const all = [{ bytes: header, hash: sha(Uint8Array.of(5), header) }, ...chunks(entries, 0)];
  return {
    digest: sha(Uint8Array.of(4), hashOf(entries, 0), header).toString("hex"),
    chunks: all.map(({ bytes }) => bytes.toString("hex")),
    hashes: all.map(({ hash }) => hash.toString("hex")),
  };
}
