import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HLCTimestamp, merkleDigest } from "../src/index.ts";
import { MerkleState } from "../src/store/internal/merkle-state.ts";
import { PAGE, PAGE_BYTES_MAX, SLOTS } from "../src/store/internal/page-table.ts";
import { type PathHash, SipHash } from "../src/store/internal/sip-hash.ts";
import { Versions } from "../src/store/internal/versions.ts";
import { Dice } from "./dice.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const KEY = new Uint8Array(16);
const at = (physicalMs: number) => new HLCTimestamp(physicalMs, 0, "a");

/** Keeps the upper bits of a hash, so that keys collide as if they were chosen by who knows the key of the hash. */
class WeakHash implements PathHash {
  high = 0;
  low = 0;
  readonly #hash: SipHash;
  readonly #mask: number;

  constructor(key: Uint8Array, bits: number) {
    this.#hash = new SipHash(key);
    this.#mask = bits === 0 ? 0 : -1 << (32 - bits);
  }

  update(bytes: Uint8Array, start: number, end: number): void {
    this.#hash.update(bytes, start, end);
    this.high = this.#hash.high & this.#mask;
  }
}

/** Makes a store whose keys have first hashes of so many bits, and second hashes of as many or of all. */
function colliding(bits: number, isSecondWeak = false) {
  const pathHash = (key: Uint8Array): PathHash => (key.every((byte) => byte === 0) || isSecondWeak ? new WeakHash(key, bits) : new SipHash(key));
  const versions = new Versions({ hashKey: KEY, ordered: false, maxBytes: Infinity, pathHash });
  return { versions, state: new MerkleState(versions, hash, 10_000) };
}

function write({ versions }: ReturnType<typeof colliding>, key: string, valueBytes: number | undefined, ms: number): void {
  const bytes = Buffer.from(key);
  const had = versions.seek(bytes, 0, bytes.length);
  if (valueBytes !== undefined) versions.put(new Uint8Array(valueBytes), 0, valueBytes, at(ms));
  else if (had) versions.delete(at(ms));
}

/** Lengths of all pages, which must have the shape of the invariants. */
function lengths({ versions: { trie } }: ReturnType<typeof colliding>): number[] {
  const found: number[] = [];
  trie.eachPage(trie.root, (page) => {
    found.push(trie.pages.get(page, PAGE.length));
    expect(trie.isPlace(page)).toBe(true);
    expect(trie.mustSplit(page)).toBe(false);
  });
  const check = (node: number): void => {
    if (node > 0) return;
    const slots = Array.from({ length: SLOTS }, (_, slot) => trie.groups.get(-node, slot));
    for (let slot = 0; slot < SLOTS; slot++) {
      const child = slots[slot]!;
      const span = child < 0 ? 1 : trie.span(child);
      const sibling = slots[slot ^ span]!;
      const isPair = child > 0 && sibling > 0 && child !== sibling && trie.span(sibling) === span;
      if (isPair) expect(trie.mustJoin(child, sibling)).toBe(false);
      check(child);
    }
  };
  check(trie.root);
  return found;
}

test.each([
  ["one bit", 1, false],
  ["no bit", 0, false],
  ["seven bits", 7, false],
  ["no bit in both hashes", 0, true],
])("keys whose hashes have %s have equal digests and chunks whatever came before, and are restored", (_, bits, isSecondWeak) => {
  const dice = new Dice(bits + 1);
  const one = colliding(bits, isSecondWeak);
  const held = new Map<string, { readonly length: number; readonly ms: number }>();
  const snapshots: { release(): void }[] = [];
  for (let ms = 1; ms <= 3_000; ms++) {
    const key = `key ${dice.roll(ms < 1_500 ? 300 : 40)}`;
    const length = dice.roll(4) === 0 ? undefined : dice.roll(30) === 0 ? 6_000 : dice.roll(200);
    write(one, key, length, ms);
    if (length === undefined) held.delete(key);
    else held.set(key, { length, ms });
    if (ms % 200 === 0) snapshots.push(one.versions.trie.capture());
    if (ms % 350 === 0) snapshots.splice(dice.roll(snapshots.length), 1)[0]!.release();
    if (ms % 500 === 0) one.state.digest();
  }
  lengths(one);
  const other = colliding(bits, isSecondWeak);
  for (const [key, { length, ms }] of [...held].toReversed()) write(other, key, length, ms);
  write(other, "last", 1, 3_001);
  write(one, "last", 1, 3_001);
  expect(other.state.digest()).toEqual(one.state.digest());
  const chunks = [...one.state.snapshot()];
  expect(chunks).toEqual([...other.state.snapshot()]);
  const versions = one.state.restored(chunks);
  expect(merkleDigest(hash).of(versions).digest()).toEqual(one.state.digest());
  for (const [key, { length }] of held) {
    const bytes = Buffer.from(key);
    expect([versions.seek(bytes, 0, bytes.length), versions.read(undefined)?.value?.length]).toEqual([true, length]);
  }
});

test("keys with one first hash are in pages that are no longer than others", () => {
  const store = colliding(0);
  for (let index = 0; index < 2_000; index++) write(store, `key ${index}`, 20, index);
  const found = lengths(store);
  expect(Math.max(...found)).toBeLessThan(PAGE_BYTES_MAX);
  expect(found.filter((length) => length > 0).length).toBeGreaterThan(20);
  for (let index = 2_000; index-- > 0; ) write(store, `key ${index}`, undefined, 3_000);
  expect(lengths(store)).toEqual([0]);
});

test("pages and memory that nothing needs are used again", () => {
  const store = colliding(32);
  const fill = (ms: number) => {
    for (let index = 0; index < 500; index++) write(store, `key ${index}`, 100, ms);
    for (let index = 0; index < 500; index++) write(store, `key ${index}`, undefined, ms + 1);
    store.versions.prune(at(ms + 1));
  };
  const memory: number[] = [];
  for (let round = 0; round < 40; round++) {
    const captures = [store.versions.trie.capture(), store.versions.trie.capture()];
    fill(round * 2 + 1);
    for (const capture of round % 2 === 0 ? captures : captures.toReversed()) capture.release();
    memory.push(store.versions.trie.slabs.size + store.versions.trie.pages.bytes + store.versions.trie.groups.bytes);
  }
  expect(new Set(memory.slice(3)).size).toBe(1);
});
