import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  encodeTimestamp,
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
  VALUE_BYTES_MAX,
  VersionPrunedError,
  WriteConflictError,
} from "../src/index.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const digest = merkleDigest(hash);
const at = (physicalMs: number, nodeId = "a") => new HLCTimestamp(physicalMs, 0, nodeId);
const value = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const pairs = (entries: Iterable<StoreEntry>) => [...entries].map((entry) => `${entry.key}=${text(entry.value)}`).join(" ");

function filled(): HLCVersionStore {
  const store = new HLCVersionStore({ digest });
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
    const store = new HLCVersionStore({ digest });
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
    const store = new HLCVersionStore({ digest });
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
    const store = new HLCVersionStore();
    const batch = store.begin(at(3));
    batch.put("batch", bytes);
    store.put("put", bytes, at(1));
    store.merge("merge", bytes, at(2));
    bytes[0] = 0;
    batch.commit();
    expect(pairs(store.scan())).toBe("batch=x merge=x put=x");
    expect([...store.scan()].every((entry) => entry.value.constructor === Uint8Array)).toBe(true);
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
  // Computed from docs/format.md by another program, in another language.
  test("frozen vectors", () => {
    expect(hex(new HLCVersionStore({ digest }).digest())).toBe("ca928c969916d5b6f0df93c6de94d85419f839404fbd63343e9c29984968f563");
    expect(hex(filled().digest())).toBe("4e29bc423778b9ffc6cffd2b699b11c939ca808ac4337fccfa0478e13d9ea5b3");
    const large = new HLCVersionStore({ digest });
    for (let index = 0; index < 100; index++) large.put(`key ${index}`, value(`value ${index}`), at(index + 1, "node_a"));
    expect(hex(large.digest())).toBe("9c5cd996e8f2613942613897360abe7980c1fe712eadb24da53bd028174c0d2d");
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
    const plain = new HLCVersionStore();
    const other = filled();
    for (const entry of other.scan()) plain.put(entry.key, entry.value, entry.at);
    plain.delete("c", at(9));
    const release = plain.pin(at(9));
    expect([pairs(plain.scan()), pairs(plain.scan({}, at(4))), plain.stats().digestBytes]).toEqual(["b=3", "b=3 c=4", 0]);
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

/** The snapshot of `filled()`: its header, and its entries. */
const HEADER = "564853020900000000000500006100000002";
const C = "0000000163090000000000040000610000000134";
const B = "0000000162090000000000030000610000000133";

/** Computes the digest and the chunk hashes literally as docs/format.md says. */
function byTheBook(store: HLCVersionStore, chunkBytes: number): { digest: string; chunks: string[] } {
  const tagged = (tag: number, ...parts: Uint8Array[]) => hash(Buffer.concat([Uint8Array.of(tag), ...parts]));
  const entries = [...store.scan()].map((found) => {
    const [key, stamp] = [Buffer.from(found.key), encodeTimestamp(found.at)];
    const bytes = Buffer.concat([u32(key.length), key, Uint8Array.of(stamp.length), stamp, u32(found.value.length), found.value]);
    const path = Buffer.from(tagged(3, key));
    return { path: path.toString("hex"), length: bytes.length, row: Buffer.concat([path, tagged(0, bytes), u32(bytes.length)]) };
  });
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  type Entries = typeof entries;
  const children = (some: Entries, depth: number) =>
    [..."0123456789abcdef"].map((digit) => some.filter(({ path }) => path[depth] === digit));
  const node = (some: Entries, depth: number): Uint8Array => {
    if (some.length === 0) return new Uint8Array(32);
    if (some.length <= 16) return tagged(1, ...some.map(({ row }) => row));
    const parts = children(some, depth);
    const full = parts.filter((part) => part.length > 0);
    return full.length === 1 ? node(some, depth + 1) : tagged(2, ...parts.map((part) => node(part, depth + 1)));
  };
  const total = (some: Entries) => some.reduce((sum, { length }) => sum + length, 0);
  const cut = (some: Entries, depth: number): Entries[] => {
    if (some.length === 0) return [];
    if (total(some) <= chunkBytes) return [some];
    if (some.length > 16) return children(some, depth).flatMap((part) => cut(part, depth + 1));
    let end = 1;
    while (end < some.length && total(some.slice(0, end + 1)) <= chunkBytes) end += 1;
    return [some.slice(0, end), ...cutLeaf(some.slice(end))];
  };
  const cutLeaf = (some: Entries): Entries[] => (some.length === 0 ? [] : total(some) <= chunkBytes ? [some] : cut(some, 64));
  const newest = store.newest ? encodeTimestamp(store.newest) : new Uint8Array(0);
  const header = Buffer.concat([Buffer.from("56485302", "hex"), Uint8Array.of(newest.length), newest, u32(entries.length)]);
  const chunks = [tagged(5, header), ...cut(entries, 0).map((some) => node(some, 0))];
  return { digest: hex(tagged(4, node(entries, 0), header)), chunks: chunks.map(hex) };
}

const u32 = (number: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
};

describe("snapshot", () => {
  test("digest and chunks are those of docs/format.md; the hash of a chunk is found from the chunk; chunks have bounds", () => {
    for (const keys of [0, 1, 16, 17, 40, 400, 2_000]) {
      for (const valueBytes of [0, 30, 200, 1_500]) {
        if (keys * valueBytes > 100_000) continue;
        const store = new HLCVersionStore({ digest: merkleDigest(hash, { chunkBytes: 1_024 }) });
        for (let index = 0; index < keys; index++) store.put(`key ${index}`, new Uint8Array((index * 7) % (valueBytes + 1)), at(index + 1));
        for (const rewritten of [0, 1]) {
          for (let index = 0; index < keys * rewritten; index += 3) store.put(`key ${index}`, value("new"), at(5_000 + index));
          for (let index = 1; index < keys * rewritten; index += 3) store.delete(`key ${index}`, at(5_000 + index));
          const snapshot = store.snapshot();
          const book = byTheBook(store, 1_024);
          expect(hex(store.digest())).toBe(book.digest);
          expect(Array.from({ length: snapshot.chunks }, (_, index) => hex(snapshot.chunkHash(index)))).toEqual(book.chunks);
          expect([...snapshot].map((chunk) => hex(store.chunkHash(chunk)))).toEqual(book.chunks);
          const long = [...snapshot].filter((chunk) => chunk.length > 1_024);
          expect(long.every((chunk) => chunk.length > 1_024 && keys > 0 && valueBytes > 1_000)).toBe(true);
          const other = new HLCVersionStore({ digest: merkleDigest(hash, { chunkBytes: 1_024 }) });
          other.restore(snapshot);
          snapshot.release();
          expect(hex(other.digest())).toBe(book.digest);
        }
      }
    }
  });

  test("bytes that are not a chunk are refused, and another chunk has another hash", () => {
    const snapshot = filled().snapshot();
    const chunk = snapshot.chunk(1);
    const store = new HLCVersionStore({ digest });
    for (let offset = 0; offset < chunk.length; offset++) {
      // The first of its two entries alone is a chunk as well, another one.
      const cut = () => hex(store.chunkHash(chunk.subarray(0, offset)));
      if (offset === chunk.length / 2) expect(cut()).not.toBe(hex(snapshot.chunkHash(1)));
      else expect(cut).toThrow(InvalidSnapshotError);
      const other = chunk.slice();
      other[offset] = (other[offset] ?? 0) ^ 1;
      let found: string | undefined;
      try {
        found = hex(store.chunkHash(other));
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidSnapshotError);
      }
      expect(found).not.toBe(hex(snapshot.chunkHash(1)));
    }
  });

  test("frozen vector", () => {
    const snapshot = filled().snapshot();
    expect([...snapshot].map(hex)).toEqual([HEADER, C + B]);
    expect(hex(snapshot.chunkHash(0))).toBe("1e5139e109410e32a2874daeff3966bc7c7a9d4b300a12af2029b00c8f8c8319");
    expect(hex(snapshot.chunkHash(1))).toBe("cfd6ac5e98bf3584cd76e7e4d7a8ed561d137c3ea4c4e90f7a6e3dd4c0c8f3d5");
    expect([...new HLCVersionStore({ digest }).snapshot()].map(hex)).toEqual(["564853020000000000"]);
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

  test("closes the time up to it while it is open", () => {
    const store = filled();
    const snapshot = store.snapshot();
    expect(() => store.put("new", value(""), at(5))).toThrow(WriteConflictError);
    snapshot.release();
    snapshot.release();
    store.put("new", value(""), at(5));
    expect(() => snapshot.chunk(0)).toThrow(ReleasedError);
    for (const index of [-1, 0.5, 2]) expect(() => store.snapshot().chunk(index)).toThrow(InvalidOptionError);
  });

  test("versions that only snapshots needed are dropped with the last of them", () => {
    const store = filled();
    const [first, second] = [store.snapshot(), store.snapshot()];
    store.delete("b", at(6));
    store.delete("c", at(6));
    store.prune(at(7));
    first.release();
    expect(store.versions).toBeGreaterThan(0);
    second.release();
    expect([store.versions, store.bytes]).toEqual([0, 0]);
  });
});

const good = Buffer.concat([...filled().snapshot()]);
const head = (count: number) => `56485302090000000000050000610000000${count}`;
const entry = (key: string, stamp = "000000000003000061") => `00000001${key}09${stamp}0000000133`;

function* broken(): Generator<Uint8Array> {
  yield good.subarray(0, 30);
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
    expect(good.toString("hex")).toBe(head(2) + entry("63", "000000000004000061").replace(/33$/, "34") + entry("62"));
  });

  test.each([
    ["nothing", ""],
    ["another version", `564853010000000000`],
    ["a cut header", "5648530209"],
    ["entries without a time", `564853020000000001${entry("62")}`],
    ["fewer entries than said", head(2) + entry("62")],
    ["more entries than said", head(1) + entry("63") + entry("62")],
    ["paths out of order", head(2) + entry("62") + entry("63")],
    ["a key twice", head(2) + entry("62") + entry("62")],
    ["a key that is not UTF-8", head(1) + entry("ff")],
    ["an entry newer than the snapshot", head(1) + entry("62", "000000000006000061")],
    ["a timestamp that is none", head(1) + entry("62", "000000000003000020")],
    ["a key that is too long", `${head(1)}00010000`],
    ["a value that is too long", `${head(1)}00000001620900000000000300006100100001`],
  ])("%s is refused, and nothing changes", (_, bytes) => {
    const store = filled();
    const unchanged = store.digest();
    const chunks = bytes === "" ? [] : [new Uint8Array(Buffer.from(bytes, "hex"))];
    expect(() => store.restore(chunks)).toThrow(InvalidSnapshotError);
    expect(store.digest()).toEqual(unchanged);
    expect(text(store.get("a", at(4)))).toBe("2");
  });

  test("every truncation and every trailing byte is refused, and chunks may be cut anywhere", () => {
    const store = new HLCVersionStore({ digest });
    for (let end = 0; end < good.length; end++) {
      expect(() => store.restore([good.subarray(0, end), good.subarray(0, 0)])).toThrow(InvalidSnapshotError);
    }
    expect(() => store.restore([good, Uint8Array.of(0)])).toThrow(InvalidSnapshotError);
    store.restore([...good].map((byte) => Uint8Array.of(byte)));
    expect(store.digest()).toEqual(filled().digest());
  });

  test.each([
    ["a key", `${head(1)}00010000`],
    ["a value", `${head(1)}00000001620900000000000300006100100001`],
  ])("the length of %s that is too large is refused before its bytes are waited for", (_, bytes) => {
    let asked = 0;
    function* flood(): Generator<Uint8Array> {
      yield new Uint8Array(Buffer.from(bytes, "hex"));
      for (; asked < 100; asked++) yield new Uint8Array(8);
    }
    expect(() => new HLCVersionStore({ digest }).restore(flood())).toThrow(InvalidSnapshotError);
    expect(asked).toBe(0);
  });

  test("an endless source of empty chunks is refused and closed; an error of the source passes through", () => {
    let closed = false;
    function* endless(): Generator<Uint8Array> {
      try {
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
});

describe("a bound on memory", () => {
  const all = (store: HLCVersionStore) => [hex(store.digest()), pairs(store.scan()), store.stats()];

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
    expect(store.stats()).toEqual({ keys: 7, liveBytes: store.stats().liveBytes, versions: store.versions, bytes: store.bytes, digestBytes: 2_800, pins: 0 });
    const before = all(store);
    expect(() => store.merge("other", undefined, at(ms))).toThrow(StoreFullError);
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
    for (const key of ["a", "b", "c", "d"]) batch.put(key, new Uint8Array(100));
    const before = all(store);
    expect(() => batch.commit()).toThrow(StoreFullError);
    expect(all(store)).toEqual(before);
    const full = store.begin(at(3));
    full.put("a", new Uint8Array(2_000 - store.bytes - 328 - 176 - 2));
    full.commit();
    expect(store.bytes).toBe(2_000);
    const empty = store.begin(at(4));
    empty.delete("a");
    empty.delete("gone");
    empty.commit();
    store.prune(at(4));
    store.digest();
    expect(store.stats()).toEqual({ keys: 0, liveBytes: 0, versions: 0, bytes: 0, digestBytes: 0, pins: 0 });
  });

  test("a snapshot that is too large for a store does not replace its state", () => {
    const large = new HLCVersionStore({ digest });
    for (let index = 0; index < 9; index++) large.put(`key ${index}`, value("1"), at(index + 1));
    const pinned = large.snapshot();
    expect(large.stats().pins).toBe(1);
    const small = new HLCVersionStore({ digest, maxBytes: 4_000 });
    small.put("a", value("1"), at(1));
    const before = all(small);
    expect(() => small.restore(pinned)).toThrow(StoreFullError);
    expect(all(small)).toEqual(before);
    pinned.release();
    expect(large.stats().pins).toBe(0);
    for (const maxBytes of [-1, Number.NaN]) expect(() => new HLCVersionStore({ digest, maxBytes })).toThrow(InvalidOptionError);
  });
});
