import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  HLCTimestamp,
  HLCVersionStore,
  InvalidEntryError,
  InvalidOptionError,
  InvalidSnapshotError,
  InvalidTimestampError,
  KEY_BYTES_MAX,
  merkleDigest,
  NoDigestError,
  ReleasedError,
  SNAPSHOT_CHUNK_BYTES_MIN,
  type StoreEntry,
  StoreFullError,
  UnorderedStoreError,
  VALUE_BYTES_MAX,
  VersionPrunedError,
  WriteConflictError,
} from "../src/index.ts";
import { byTheBook } from "./by-the-book.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const digest = merkleDigest(hash);
const at = (physicalMs: number, nodeId = "a") => new HLCTimestamp(physicalMs, 0, nodeId);
const value = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const pairs = (entries: Iterable<StoreEntry>) => [...entries].map((entry) => `${entry.key}=${text(entry.value)}`).join(" ");

function filled(): HLCVersionStore {
  const store = new HLCVersionStore({ digest, ordered: true });
  store.put("b", value("1"), at(1));
  store.put("a", value("2"), at(2));
  store.put("b", value("3"), at(3));
  store.put("c", value("4"), at(4));
  store.delete("a", at(5));
  return store;
}

describe("reading", () => {
  test("works at every time, by key and by range", () => {
    const store = filled();
    expect([0, 1, 2, 3, 4, 5, 6].map((ms) => pairs(store.scan({}, at(ms))))).toEqual([
      "",
      "b=1",
      "a=2 b=1",
      "a=2 b=3",
      "a=2 b=3 c=4",
      "b=3 c=4",
      "b=3 c=4",
    ]);
    expect(pairs(store.scan())).toBe("b=3 c=4");
    expect(text(store.get("a", at(4)))).toBe("2");
    expect(store.get("a")).toBeUndefined();
    expect(store.getEntry("b", at(2))).toEqual({ key: "b", value: value("1"), at: at(1) });
    expect(store.getEntry("nothing")).toBeUndefined();
    expect([store.size, store.versions]).toEqual([2, 5]);
  });

  test("ranges include the first key, exclude the last, and run both ways", () => {
    const store = new HLCVersionStore({ digest, ordered: true });
    for (let index = 0; index < 2000; index++) store.put(`k${String(index * 7 % 2000).padStart(4, "0")}`, value(""), at(index + 1));
    const keys = (range: object) => [...store.scan(range)].map((entry) => entry.key);
    expect(keys({ from: "k0500", to: "k0503" })).toEqual(["k0500", "k0501", "k0502"]);
    expect(keys({ from: "k0500", to: "k0503", reverse: true })).toEqual(["k0502", "k0501", "k0500"]);
    expect(keys({ from: "k1998x" })).toEqual(["k1999"]);
    expect(keys({ reverse: true })).toEqual(keys({}).toReversed());
    expect(keys({}).length).toBe(2000);
    expect(keys({ from: "b", to: "a" })).toEqual([]);
    expect(keys({ to: "a", reverse: true })).toEqual([]);
  });

  test("a scan continues correctly while keys come and go", () => {
    const store = new HLCVersionStore({ digest, ordered: true });
    for (let index = 0; index < 1500; index++) store.put(`k${String(index).padStart(4, "0")}`, value(""), at(1));
    let count = 0;
    for (const { key } of store.scan()) {
      store.put(`${key}+`, value(""), at(2));
      count += 1;
    }
    expect([count, store.size]).toEqual([1500, 3000]);
    for (const { key } of store.scan({ reverse: true })) {
      store.put(`${key}+`, value(""), at(3));
      count += 1;
    }
    expect([count, store.size]).toEqual([4500, 6000 - 1500]);
  });

  test.each([["bytes", value("x")], ["a Buffer, whose slice is no copy", Buffer.from("x")]])("the store keeps a copy of %s", (_, bytes) => {
    const store = new HLCVersionStore({ ordered: true });
    const batch = store.begin(at(3));
    batch.put("batch", bytes);
    store.put("put", bytes, at(1));
    store.merge("merge", bytes, at(2));
    store.merge("past", value("y"), at(9));
    store.merge("past", bytes, at(2));
    bytes[0] = 0;
    batch.commit();
    expect(pairs(store.scan())).toBe("batch=x merge=x past=y put=x");
    expect(text(store.get("past", at(2)))).toBe("x");
    expect([...store.scan()].every((entry) => entry.value.constructor === Uint8Array)).toBe(true);
    store.get("put")?.fill(0);
    expect(text(store.get("put"))).toBe("x");
  });

  test("prefixes, limits, keys alone and counts select as ranges do", () => {
    const store = new HLCVersionStore({ ordered: true });
    const names = ["", "a", "a\uffff", "ab", "abc", "b", "é", "\uffff", "😀"];
    for (const [index, name] of names.entries()) store.put(name, value(name), at(index + 1));
    store.put("ab\u007f", value(""), at(20));
    store.delete("ab\u007f", at(21));
    const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const ranges = [{}, { prefix: "a" }, { prefix: "ab" }, { prefix: "\uffff" }, { prefix: "x" }, { prefix: "a", from: "ab" }, { prefix: "a", to: "ab" }, { prefix: "b", from: "a", to: "z" }];
    for (const range of ranges) {
      const { from = "", to, prefix = "" }: { from?: string; to?: string; prefix?: string } = range;
      const isIn = (name: string) => name.startsWith(prefix) && Buffer.compare(Buffer.from(name), Buffer.from(from)) >= 0 && (to === undefined || Buffer.compare(Buffer.from(name), Buffer.from(to)) < 0);
      for (const reverse of [false, true]) {
        const expected = reverse ? sorted.filter(isIn).toReversed() : sorted.filter(isIn);
        for (const limit of [0, 1, 3, 100]) {
          const asked = { ...range, reverse, limit };
          expect([...store.keys(asked)]).toEqual(expected.slice(0, limit));
          expect([...store.scan(asked)].map(({ key }) => key)).toEqual(expected.slice(0, limit));
          expect([...store.keys(asked, at(30))]).toEqual(expected.slice(0, limit));
          expect([store.count(asked), store.count(asked, at(30))]).toEqual([Math.min(limit, expected.length), Math.min(limit, expected.length)]);
        }
      }
    }
    expect([store.count({ prefix: "ab" }, at(20)), [...store.keys({ prefix: "ab" }, at(20))]]).toEqual([3, ["ab", "abc", "ab\u007f"]]);
  });

  test("keys alone do not show what is written during the iteration", () => {
    const store = new HLCVersionStore({ ordered: true });
    for (const name of ["a", "b", "c"]) store.put(name, value(name), at(1));
    const seen: string[] = [];
    for (const key of store.keys()) {
      seen.push(key);
      if (key !== "a") continue;
      store.delete("c", at(2));
      store.put("bb", value(""), at(3));
    }
    expect([seen, [...store.keys()]]).toEqual([["a", "b", "c"], ["a", "b", "bb"]]);
  });

  test("a store without an order yields everything that there is now, and refuses the rest by name", () => {
    const store = new HLCVersionStore({ digest });
    for (let index = 0; index < 3_000; index++) store.put(`key ${index}`, value(`${index}`), at(1));
    const seen = new Map([...store.scan()].map((entry) => [entry.key, text(entry.value)]));
    expect([seen.size, seen.get("key 77"), [...store.keys()].length, store.count(), store.count({ limit: 5 }), [...store.scan({ limit: 7 })].length]).toEqual([3_000, "77", 3_000, 3_000, 5, 7]);
    for (const ask of [() => store.scan({ from: "a" }), () => store.scan({ prefix: "a" }), () => store.scan({}, at(1)), () => store.scan({ reverse: true }), () => store.count({ prefix: "a" })]) {
      expect(ask).toThrow(UnorderedStoreError);
    }
    expect(() => [...store.keys({ to: "a" })]).toThrow(UnorderedStoreError);
    let count = 0;
    for (const { key } of store.scan()) {
      store.put(`${key}+`, value(""), at(2));
      store.put(key, value("later"), at(2));
      count += 1;
    }
    expect([count, store.size]).toEqual([3_000, 6_000]);
  });

  test("changes are the last ones of each key between two times", () => {
    const store = filled();
    const changes = (after: number, upTo?: number) => [...store.changes(at(after), upTo === undefined ? undefined : at(upTo))].map((change) => `${change.key}=${text(change.value) ?? "-"}@${change.at.physicalMs}`).join(" ");
    expect([changes(0), changes(2), changes(0, 2), changes(2, 3), changes(5)]).toEqual(["b=3@3 c=4@4 a=-@5", "b=3@3 c=4@4 a=-@5", "b=1@1 a=2@2", "b=3@3", ""]);
    store.merge("b", value("5"), at(4));
    store.merge("z", undefined, at(4));
    expect([changes(3), changes(3, 3), changes(4)]).toEqual(["c=4@4 a=-@5 b=5@4 z=-@4", "", "a=-@5"]);
    store.merge("b", value("4"), at(2));
    expect([changes(3), changes(1, 2)]).toEqual(["c=4@4 a=-@5 z=-@4 b=5@4", "a=2@2 b=4@2"]);
    store.prune(at(4));
    expect(changes(4)).toBe("a=-@5");
    expect(() => changes(3)).toThrow(VersionPrunedError);
  });

  test("rows are the entries by the bytes of their keys, and keys that are not text are refused as text only", () => {
    const store = new HLCVersionStore({ ordered: true, digest });
    const bytes = Buffer.from("..key value..");
    store.rows.put(bytes, 2, 5, bytes, 6, 11, at(1));
    expect(text(store.get("key"))).toBe("value");
    expect([store.rows.seek(Buffer.from("key"), 0, 3), store.rows.valueBytes, store.rows.at]).toEqual([true, 5, at(1)]);
    const copy = Buffer.from("<.....>");
    store.rows.copyValue(copy, 1);
    expect(String(copy)).toBe("<value>");
    const prefix = Buffer.from("k");
    expect([store.rows.count({ prefix }), [...store.rows.keys({ prefix, limit: 3 })].length, String(prefix)]).toEqual([1, 1, "k"]);
    const odd = Uint8Array.of(0xff, 0x00);
    store.rows.put(odd, 0, 2, odd, 0, 0, at(2));
    expect([[...store.rows.keys()], store.rows.count({ prefix: Uint8Array.of(0xff) })]).toEqual([[new Uint8Array(Buffer.from("key")), odd], 1]);
    expect([...store.rows.scan({ from: odd })]).toEqual([{ key: odd, value: new Uint8Array(0), at: at(2) }]);
    expect(() => [...store.scan()]).toThrow(InvalidEntryError);
    expect(() => store.rows.put(odd, 0, 2, odd, 0, 1, at(2))).toThrow(WriteConflictError);
    expect(() => store.rows.put(new Uint8Array(KEY_BYTES_MAX + 1), 0, KEY_BYTES_MAX + 1, odd, 0, 0, at(3))).toThrow(InvalidEntryError);
    expect(() => store.rows.put(odd, 0, 1, new Uint8Array(VALUE_BYTES_MAX + 1), 0, VALUE_BYTES_MAX + 1, at(3))).toThrow(InvalidEntryError);
    const other = new HLCVersionStore({ digest, ordered: true });
    other.restore(store.snapshot());
    expect([other.rows.delete(odd, 0, 2, at(3)), other.rows.delete(odd, 0, 2, at(4)), other.rows.seek(odd, 0, 2), other.rows.valueBytes, other.rows.at]).toEqual([true, false, false, 0, undefined]);
  });
});

describe("writing", () => {
  test("a write that is not newer than the newest version is a conflict, and writes nothing", () => {
    const store = filled();
    const before = [store.digest(), store.versions, store.bytes];
    for (const write of [() => store.put("b", value("x"), at(3)), () => store.put("b", value("x"), at(2)), () => store.delete("a", at(5))]) {
      expect(write).toThrow(WriteConflictError);
    }
    expect([store.digest(), store.versions, store.bytes]).toEqual(before);
    store.put("b", value("x"), at(3, "b"));
    store.put("d", value("an older stamp on another key"), at(1));
  });

  test("deleting an absent key writes nothing", () => {
    const store = filled();
    expect([store.delete("nothing", at(9)), store.delete("a", at(9)), store.delete("b", at(9))]).toEqual([false, false, true]);
    expect([store.versions, store.size]).toEqual([6, 1]);
  });

  test("keys and values have limits", () => {
    const store = new HLCVersionStore({ digest });
    store.put("k".repeat(KEY_BYTES_MAX), new Uint8Array(VALUE_BYTES_MAX), at(1));
    store.put("", new Uint8Array(0), at(1));
    expect(() => store.put("k".repeat(KEY_BYTES_MAX + 1), value(""), at(2))).toThrow(InvalidEntryError);
    expect(() => store.put("é".repeat(KEY_BYTES_MAX / 2 + 1), value(""), at(2))).toThrow(InvalidEntryError);
    expect(() => store.put("\ud800", value(""), at(2))).toThrow(/lone surrogates/);
    expect(() => store.put("k", new Uint8Array(VALUE_BYTES_MAX + 1), at(2))).toThrow(InvalidEntryError);
    expect(() => store.put("k", value(""), { physicalMs: 1, logical: -1, nodeId: "a" })).toThrow(InvalidTimestampError);
    expect(() => store.get("k", { physicalMs: Number.NaN, logical: 0, nodeId: "a" })).toThrow(InvalidTimestampError);
    expect(store.size).toBe(2);
  });

  test("a transaction makes one version per key, all or nothing", () => {
    const store = filled();
    const batch = store.begin(at(6));
    batch.put("a", value("5"));
    expect(text(batch.get("a"))).toBe("5");
    batch.put("a", value("6"));
    expect([batch.delete("b"), batch.delete("b"), text(batch.get("c"))]).toEqual([true, false, "4"]);
    expect(pairs(store.scan())).toBe("b=3 c=4");
    batch.commit();
    expect([pairs(store.scan()), store.versions]).toEqual(["a=6 c=4", 7]);
    expect(() => batch.get("a")).toThrow(ReleasedError);

    const late = store.begin(at(7));
    late.put("x", value("1"));
    late.put("a", value("1"));
    store.put("a", value("7"), at(7, "b"));
    const unchanged = store.digest();
    expect(() => late.commit()).toThrow(WriteConflictError);
    expect(store.digest()).toEqual(unchanged);
    expect(() => store.begin(at(6)).put("a", value(""))).toThrow(WriteConflictError);
    late.rollback();
    expect(() => late.commit()).toThrow(ReleasedError);
  });
});

describe("prune", () => {
  test("keeps what later reads can see, and refuses earlier ones", () => {
    const store = filled();
    expect(store.prune(at(4))).toBe(1);
    expect([4, 5, 9].map((ms) => pairs(store.scan({}, at(ms))))).toEqual(["a=2 b=3 c=4", "b=3 c=4", "b=3 c=4"]);
    expect(() => store.get("b", at(3))).toThrow(VersionPrunedError);
    expect(() => store.scan({}, at(3))).toThrow(VersionPrunedError);
    expect(() => store.put("new", value(""), at(4))).toThrow(WriteConflictError);
    expect(store.prune(at(1))).toBe(0);
    expect(store.horizon).toEqual(at(4));
  });

  test("a deletion is pruned together with everything before it", () => {
    const store = filled();
    expect(store.prune(at(100))).toBe(3);
    expect([store.versions, pairs(store.scan())]).toEqual([2, "b=3 c=4"]);
    store.delete("b", at(101));
    store.delete("c", at(101));
    store.prune(at(102));
    expect([store.versions, store.bytes, store.size]).toEqual([0, 0, 0]);
  });

  test("a scan overtaken by a prune throws instead of returning wrong entries", () => {
    const store = filled();
    const scan = store.scan({}, at(3));
    expect(scan.next().value).toMatchObject({ key: "a" });
    store.prune(at(9));
    expect(() => scan.next()).toThrow(VersionPrunedError);
  });
});

describe("digest", () => {
  test("frozen vectors", () => {
    expect(hex(new HLCVersionStore({ digest }).digest())).toBe("96b35a2420ea0b670dc078a37df04d6e9e74481ab6aab59cfad13dc1f5cda6f7");
    expect(hex(filled().digest())).toBe("3110d669eb599a43f9bb93e1ec419817577ae540b567e1b22bfe0fc1b19abff6");
    const large = new HLCVersionStore({ digest });
    for (let index = 0; index < 100; index++) large.put(`key ${index}`, value(`value ${index}`), at(index + 1, "node_a"));
    expect(hex(large.digest())).toBe("75d2446f771d693fe380cb206697a0a6d5d34e3e5cc26c1adb862cd0d9b0f511");
    const keyed = new HLCVersionStore({ digest, hashKey: Uint8Array.from({ length: 16 }, (_, index) => index) });
    for (let index = 0; index < 100; index++) keyed.put(`key ${index}`, value(`value ${index}`), at(index + 1, "node_a"));
    expect(hex(keyed.digest())).toBe("592df7f7e6af3fa740864849363afa7d7b6b31180a38ca1c6232ced931050ba6");
  });

  test("history does not count, the stamps and the latest time do", () => {
    const store = filled();
    const taken = store.digest();
    store.prune(at(5));
    expect(store.digest()).toEqual(taken);
    const other = new HLCVersionStore({ digest });
    other.put("b", value("3"), at(3));
    other.put("c", value("4"), at(4));
    expect(other.digest()).not.toEqual(taken);
    other.put("z", value(""), at(4));
    other.delete("z", at(5));
    expect(other.digest()).toEqual(taken);
    other.put("b", value("3"), at(5));
    expect(other.digest()).not.toEqual(taken);
  });

  test("a change costs a path, not the state", () => {
    let hashed = 0;
    const counting = (bytes: Uint8Array) => {
      hashed += bytes.length;
      return hash(bytes);
    };
    const store = new HLCVersionStore({ digest: merkleDigest(counting) });
    for (let index = 0; index < 20_000; index++) store.put(`key ${index}`, value("v"), at(1));
    store.digest();
    hashed = 0;
    store.digest();
    expect(hashed).toBeLessThan(200);
    store.put("key 7", value("w"), at(2));
    hashed = 0;
    store.digest();
    expect(hashed).toBeLessThan(5_000);
  });

  test("a hash that is not a function, or returns another length, hex or a promise, is refused", () => {
    // @ts-expect-error The hash itself.
    expect(() => new HLCVersionStore({ digest: hash })).toThrow(InvalidOptionError);
    const md5hex = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
    for (const bad of [undefined, hash(value("")), () => new Uint8Array(20), md5hex, async () => new Uint8Array(32)]) {
      // @ts-expect-error Most do not have the type of a hash either.
      expect(() => merkleDigest(bad)).toThrow(InvalidOptionError);
    }
    for (const chunkBytes of [100, 2_000.5, Number.NaN]) {
      expect(() => merkleDigest(hash, { chunkBytes })).toThrow(InvalidOptionError);
    }
  });

  test("one merkleDigest serves many stores, and a store without it has everything that does not depend on it", () => {
    const plain = new HLCVersionStore({ ordered: true });
    const other = filled();
    for (const entry of other.scan()) plain.put(entry.key, entry.value, entry.at);
    plain.delete("c", at(9));
    const release = plain.pin(at(9));
    expect([pairs(plain.scan()), pairs(plain.scan({}, at(4)))]).toEqual(["b=3", "b=3 c=4"]);
    const [chunk = value("")] = other.snapshot();
    for (const ask of [() => plain.digest(), () => plain.snapshot(), () => plain.restore([chunk]), () => plain.chunkHash(chunk)]) {
      expect(ask).toThrow(NoDigestError);
      expect(ask).toThrow("merkleDigest(hash)");
    }
    release();
    plain.prune(at(9));
    expect([plain.versions, pairs(plain.scan())]).toEqual([1, "b=3"]);
    expect(other.digest()).toEqual(filled().digest());
  });
});

/** The snapshot of `filled()`: its header, and its page with two records. */
const HEADER = "564853030000000000000000000000000000000000000000000200000000003409000000000005000061";
const PAGE = "0000003500018b22cf2602fb60ce0000001a0001000000000003000001616233db3b6bfb952610720000001a0001000000000004000001616334";

describe("snapshot", () => {
  test("digest and chunks are those of docs/format.md; the hash of a chunk is found from the chunk; chunks have bounds", () => {
    for (const keys of [0, 1, 16, 40, 400, 1_000]) {
      for (const valueBytes of [0, 30, 200, 5_000]) {
        if (keys * valueBytes > 200_000) continue;
        for (const chunkBytes of [1_024, 10_000]) {
          const options = { digest: merkleDigest(hash, { chunkBytes }) };
          const store = new HLCVersionStore(options);
          for (let index = 0; index < keys; index++) store.put(`key ${index}`, new Uint8Array((index * 7) % (valueBytes + 1)), at(index + 1));
          for (const rewritten of [0, 1]) {
            for (let index = 0; index < keys * rewritten; index += 3) store.put(`key ${index}`, value("new"), at(5_000 + index));
            for (let index = 1; index < keys * rewritten; index += 3) store.delete(`key ${index}`, at(5_000 + index));
            const snapshot = store.snapshot();
            const book = byTheBook(store, chunkBytes);
            expect(hex(store.digest())).toBe(book.digest);
            expect([...snapshot].map(hex)).toEqual(book.chunks);
            expect(Array.from({ length: snapshot.chunks }, (_, index) => hex(snapshot.chunkHash(index)))).toEqual(book.hashes);
            expect([...snapshot].map((chunk) => hex(store.chunkHash(chunk)))).toEqual(book.hashes);
            const other = new HLCVersionStore(options);
            other.restore(snapshot);
            snapshot.release();
            expect(hex(other.digest())).toBe(book.digest);
          }
        }
      }
    }
  });

  test("bytes that are not a chunk are refused, and another chunk has another hash", () => {
    const snapshot = filled().snapshot();
    const chunk = snapshot.chunk(1);
    const store = new HLCVersionStore({ digest });
    for (let offset = 0; offset < chunk.length; offset++) {
      expect(() => store.chunkHash(chunk.subarray(0, offset))).toThrow(InvalidSnapshotError);
      const other = chunk.slice();
      other[offset] = (other[offset] ?? 0) ^ 1;
      let found: string | undefined;
      try {
        found = hex(store.chunkHash(other));
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidSnapshotError);
      }
      // The depth of a page that is a chunk by itself is in the hash of its parent, and is checked on restore.
      if (offset !== 4) expect(found).not.toBe(hex(snapshot.chunkHash(1)));
    }
    const two = Buffer.concat([chunk, chunk]);
    expect(() => store.chunkHash(two)).toThrow(InvalidSnapshotError);
  });

  test("frozen vector", () => {
    const snapshot = filled().snapshot();
    expect([...snapshot].map(hex)).toEqual([HEADER, PAGE]);
    expect(hex(snapshot.chunkHash(0))).toBe("147d97d20971093fd2ab5845479996238effda4d8f66e91425a649cfb1074517");
    expect(hex(snapshot.chunkHash(1))).toBe("5e36319a104d140fbb6e33e96d2616740cdb89ae4eed7fc8aefa3ea9c693d19e");
    expect([...new HLCVersionStore({ digest }).snapshot()].map(hex)).toEqual(["564853030000000000000000000000000000000000000000000000000000000000", "0000000000"]);
  });

  test("does not change while the store is written to and pruned, read chunk by chunk in any order", () => {
    const chunkBytes = SNAPSHOT_CHUNK_BYTES_MIN;
    const store = new HLCVersionStore({ digest: merkleDigest(hash, { chunkBytes }) });
    for (let index = 0; index < 300; index++) store.put(`key ${index}`, new Uint8Array(index * 20).fill(index), at(index + 1));
    const expected = [...store.snapshot()].map(hex);
    const taken = store.digest();
    const snapshot = store.snapshot();
    expect(Buffer.from(expected.join(""), "hex")).toHaveLength(snapshot.bytes);
    const middle = hex(snapshot.chunk(20));
    for (let index = 0; index < 300; index += 2) store.delete(`key ${index}`, at(1000 + index));
    store.put("key 1", value("changed"), at(2000));
    store.put("between", value(""), at(2000));
    store.prune(at(3000));
    expect(middle).toEqual(expected[20]);
    expect(hex(snapshot.chunk(3))).toEqual(expected[3]);
    expect([...snapshot].map(hex)).toEqual(expected);
    const other = new HLCVersionStore({ digest });
    other.restore(snapshot);
    expect([other.digest(), other.newest, other.horizon]).toEqual([taken, at(300), at(300)]);
  });

  test("is refused after its release, and for other chunks than it has", () => {
    const store = filled();
    const snapshot = store.snapshot();
    store.put("new", value(""), at(5));
    snapshot.release();
    snapshot.release();
    for (const ask of [() => snapshot.chunk(0), () => snapshot.chunks, () => snapshot.digest(), () => snapshot.hashSome(1)]) expect(ask).toThrow(ReleasedError);
    for (const index of [-1, 0.5, 2]) expect(() => store.snapshot().chunk(index)).toThrow(InvalidOptionError);
  });

  test("is hashed in steps of so many pages", () => {
    let hashed = 0;
    const counting = merkleDigest((bytes) => {
      hashed += 1;
      return hash(bytes);
    });
    const store = new HLCVersionStore({ digest: counting });
    for (let index = 0; index < 5_000; index++) store.put(`key ${index}`, new Uint8Array(50), at(1));
    const snapshot = store.snapshot();
    let steps = 0;
    for (let isDone = false; !isDone; steps++) {
      hashed = 0;
      isDone = snapshot.hashSome(10);
      expect(hashed).toBeLessThanOrEqual(10);
      store.put(`key ${steps}`, value("later"), at(2));
    }
    expect(steps).toBeGreaterThan(10);
    expect(snapshot.digest()).not.toEqual(store.digest());
  });

  test("gives the memory back that only it needed", () => {
    const store = new HLCVersionStore({ digest });
    const write = (ms: number) => {
      for (let index = 0; index < 2_000; index++) store.put(`key ${index}`, new Uint8Array(100), at(ms));
      store.prune(at(ms));
    };
    for (let ms = 1; ms < 4; ms++) write(ms);
    const memory: number[] = [];
    for (let ms = 4; ms < 40; ms++) {
      const snapshot = store.snapshot();
      write(ms);
      snapshot.release();
      memory.push(store.stats().memoryBytes);
    }
    expect(new Set(memory.slice(18)).size).toBe(1);
  });
});

const good = [...filled().snapshot()];
/** The records of `filled()`: that of b, then that of c. */
const RECORD_B = PAGE.slice(12, 12 + 52);
const RECORD_C = PAGE.slice(12 + 52);
const head = (count: number, bytes = count * 26) => `56485303${"00".repeat(16)}${count.toString(16).padStart(12, "0")}${bytes.toString(16).padStart(12, "0")}09000000000005000061`;
const frame = (records: string, depth = 0) => `${((records.length + 2) / 2).toString(16).padStart(8, "0")}${depth.toString(16).padStart(2, "0")}01${records}`;
const refusals: readonly (readonly [what: string, chunks: readonly string[], named: string])[] = [
  ["nothing", [], "a header"],
  ["a snapshot of version 2", ["564853020900000000000500006100000000"], "version 2"],
  ["a snapshot of a later version", [head(0).replace("56485303", "56485304"), "0000000000"], "version 4"],
  ["a cut header", [head(0).slice(0, -2)], "a snapshot with"],
  ["a header and more", [`${head(0)}00`, "0000000000"], "a snapshot with"],
  ["a header alone", [head(0)], "a snapshot with"],
  ["an empty chunk", [head(0), ""], "a snapshot with"],
  ["entries without a time", [`${head(1).slice(0, -20)}00`, frame(RECORD_B)], "a snapshot with"],
  ["fewer entries than said", [head(2), frame(RECORD_B)], "a snapshot with"],
  ["more entries than said", [head(1), frame(RECORD_B + RECORD_C)], "a snapshot with"],
  ["other bytes than said", [head(1, 25), frame(RECORD_B)], "a snapshot with"],
  ["hashes out of order", [head(2), frame(RECORD_C + RECORD_B)], "a snapshot with"],
  ["a key twice", [head(2), frame(RECORD_B + RECORD_B)], "a snapshot with"],
  ["a page and another", [head(2), frame(RECORD_B), frame(RECORD_C)], "a snapshot with"],
  ["pages that are not joined", [head(2), frame("", 1).replace("000000010101", "0000000001"), frame(RECORD_B + RECORD_C, 1)], "a snapshot with"],
  ["a page at a depth without its sibling", [head(1), frame(RECORD_B, 1)], "a snapshot with"],
  ["a page that is deeper than a hash", [head(1), frame(RECORD_B, 129)], "a snapshot with"],
  ["another tag", [head(1), frame(RECORD_B).replace("01", "02")], "a snapshot with"],
  ["a tag alone", [head(0), "000000010001"], "a snapshot with"],
  ["a record under another hash", [head(1), frame(`0${RECORD_B.slice(1)}`)], "a snapshot with"],
  ["a record that is cut", [head(1), frame(RECORD_B.slice(0, -2))], "a snapshot with"],
  ["a record that is too short", [head(1), frame(RECORD_B.replace("0000001a", "00000000"))], "a snapshot with"],
  ["an entry newer than the snapshot", [head(1), frame(RECORD_B.replace("0000000000030000", "0000000000060000"))], "a snapshot with"],
  ["a node's name that is none", [head(1), frame(RECORD_B.replace("0161", "0120"))], "a snapshot with"],
];

function* broken(): Generator<Uint8Array> {
  yield* good.slice(0, 1);
  throw new Error("disk");
}

describe("restore", () => {
  test("carries the live state, not the history", () => {
    const store = new HLCVersionStore({ digest });
    store.put("old", value("gone"), at(50));
    store.digest();
    store.restore(filled().snapshot());
    expect(store.digest()).toEqual(filled().digest());
    expect([pairs(store.scan()), store.size, store.versions]).toEqual(["b=3 c=4", 2, 2]);
    expect(() => store.get("b", at(4))).toThrow(VersionPrunedError);
    expect(() => store.put("x", value(""), at(5))).toThrow(WriteConflictError);
    store.put("x", value(""), at(6));
  });

  test("accepts the valid parts that the invalid snapshots below are made of", () => {
    expect(good.map(hex)).toEqual([head(2), frame(RECORD_B + RECORD_C)]);
  });

  test.each(refusals)("%s is refused, and nothing changes", (_, chunks, named) => {
    const store = filled();
    const unchanged = store.digest();
    const restore = () => store.restore(chunks.map((chunk) => new Uint8Array(Buffer.from(chunk, "hex"))));
    expect(restore).toThrow(InvalidSnapshotError);
    expect(restore).toThrow(named);
    expect(store.digest()).toEqual(unchanged);
    expect(text(store.get("a", at(4)))).toBe("2");
  });

  test("every truncation and every trailing byte is refused, and chunks may be cut between pages", () => {
    const large = new HLCVersionStore({ digest: merkleDigest(hash, { chunkBytes: 20_000 }) });
    for (let index = 0; index < 300; index++) large.put(`key ${index}`, new Uint8Array(200), at(1));
    const [header = value(""), ...chunks] = large.snapshot();
    const pages = Buffer.concat(chunks);
    const store = new HLCVersionStore({ digest });
    for (let end = 0; end < pages.length; end += 37) expect(() => store.restore([header, pages.subarray(0, end)])).toThrow(InvalidSnapshotError);
    expect(() => store.restore([header, pages, Uint8Array.of(0)])).toThrow(InvalidSnapshotError);
    expect(() => store.restore([header, ...chunks.slice(1)])).toThrow(InvalidSnapshotError);
    store.restore([header, pages]);
    expect(store.digest()).toEqual(large.digest());
  });

  test("every page in another's place is refused", () => {
    const large = new HLCVersionStore({ digest: merkleDigest(hash, { chunkBytes: 1_024 }) });
    for (let index = 0; index < 60; index++) large.put(`key ${index}`, new Uint8Array(200), at(1));
    const [header = value(""), ...pages] = large.snapshot();
    for (let index = 1; index < pages.length; index++) {
      const swapped = pages.with(index - 1, pages[index] ?? value("")).with(index, pages[index - 1] ?? value(""));
      expect(() => new HLCVersionStore({ digest }).restore([header, ...swapped])).toThrow(InvalidSnapshotError);
    }
  });

  test("an endless source of empty chunks is refused and closed; an error of the source passes through", () => {
    let closed = false;
    function* endless(): Generator<Uint8Array> {
      try {
        yield* good.slice(0, 1);
        for (;;) yield new Uint8Array(0);
      } finally {
        closed = true;
      }
    }
    const store = filled();
    expect(() => store.restore(endless())).toThrow(InvalidSnapshotError);
    expect(closed).toBe(true);
    expect(() => store.restore(broken())).toThrow("disk");
    expect(pairs(store.scan())).toBe("b=3 c=4");
  });

  test("takes the hash key of the snapshot, and keeps an order", () => {
    const keyed = new HLCVersionStore({ digest, hashKey: new Uint8Array(16).fill(7) });
    for (let index = 0; index < 100; index++) keyed.put(`key ${index}`, new Uint8Array(100), at(1));
    const store = new HLCVersionStore({ digest, ordered: true });
    store.restore(keyed.snapshot());
    expect([store.digest(), store.count({ prefix: "key 1" }), text(store.get("key 7"))]).toEqual([keyed.digest(), 11, "\0".repeat(100)]);
    store.put("key 7", value("x"), at(2));
    keyed.put("key 7", value("x"), at(2));
    expect(store.digest()).toEqual(keyed.digest());
  });
});

describe("a bound on memory", () => {
  const all = (store: HLCVersionStore) => [hex(store.digest()), pairs(store.scan()), { ...store.stats(), memoryBytes: 0 }];

  test("a write beyond it is refused and changes nothing; a deletion and a prune make room", () => {
    const store = new HLCVersionStore({ digest, maxBytes: 20_000 });
    let ms = 1;
    let refused: unknown;
    for (; ms < 1_000 && !refused; ms++) {
      const before = all(store);
      try {
        store.put(`key ${ms % 7}`, new Uint8Array(100), at(ms));
      } catch (error) {
        refused = error;
        expect(all(store)).toEqual(before);
      }
      expect(store.bytes).toBeLessThanOrEqual(20_000);
    }
    expect(refused).toBeInstanceOf(StoreFullError);
    expect(refused).toMatchObject({ code: "ERR_HLC_STORE_FULL" });
    expect(store.stats()).toMatchObject({ keys: 7, liveBytes: 7 * (24 + 5 + 100), versions: store.versions, bytes: store.versions * (24 + 5 + 100 + 48), pins: 0 });
    const before = all(store);
    expect(() => store.merge("o".repeat(200), undefined, at(ms))).toThrow(StoreFullError);
    const batch = store.begin(at(ms));
    expect(() => batch.put("key 1", new Uint8Array(1_000))).toThrow(StoreFullError);
    batch.commit();
    expect(all(store)).toEqual(before);
    expect(store.delete("key 1", at(ms))).toBe(true);
    store.prune(at(ms));
    store.put("key 1", new Uint8Array(100), at(ms + 1));
  });

  test("a batch whose writes fit one by one but not together is refused as a whole, and deletions always pass", () => {
    const store = new HLCVersionStore({ digest, maxBytes: 2_000 });
    store.put("gone", value("1"), at(1));
    const batch = store.begin(at(2));
    for (const key of ["a", "b", "c", "d"]) batch.put(key, new Uint8Array(450));
    const before = all(store);
    expect(() => batch.commit()).toThrow(StoreFullError);
    expect(all(store)).toEqual(before);
    const full = store.begin(at(3));
    full.put("a", new Uint8Array(2_000 - store.bytes - 48 - 24 - 1));
    full.commit();
    expect(store.bytes).toBe(2_000);
    const empty = store.begin(at(4));
    empty.delete("a");
    empty.delete("gone");
    empty.commit();
    store.prune(at(4));
    store.digest();
    expect(store.stats()).toMatchObject({ keys: 0, liveBytes: 0, versions: 0, bytes: 0, pins: 0 });
  });

  test("a snapshot that is too large for a store does not replace its state", () => {
    const large = new HLCVersionStore({ digest });
    for (let index = 0; index < 9; index++) large.put(`key ${index}`, value("1"), at(index + 1));
    const taken = large.snapshot();
    const small = new HLCVersionStore({ digest, maxBytes: 700 });
    small.put("a", value("1"), at(1));
    const before = all(small);
    expect(() => small.restore(taken)).toThrow(StoreFullError);
    expect(all(small)).toEqual(before);
    taken.release();
    for (const maxBytes of [-1, Number.NaN]) expect(() => new HLCVersionStore({ digest, maxBytes })).toThrow(InvalidOptionError);
  });
});
