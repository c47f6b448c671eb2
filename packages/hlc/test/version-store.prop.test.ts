import { deepStrictEqual as deepEqual } from "node:assert";
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareTimestamps, HLCTimestamp, HLCVersionStore, InvalidSnapshotError, type StoreSnapshot, VersionPrunedError, WriteConflictError } from "../src/index.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
/** Most paths begin alike, so that few keys make a deep tree. */
const narrow = (bytes: Uint8Array): Uint8Array => hash(bytes).fill(0, 0, 3);
const at = (physicalMs: number) => new HLCTimestamp(physicalMs, 0, "a");

/** The same state, written down anew: the digest must not know how it came about. */
function rebuilt(store: HLCVersionStore, by: typeof hash): HLCVersionStore {
  const other = new HLCVersionStore({ hash: by });
  for (const entry of store.scan({ reverse: true })) other.put(entry.key, entry.value, entry.at);
  if (store.newest && (!other.newest || compareTimestamps(other.newest, store.newest) < 0)) {
    other.put("\0", new Uint8Array(0), at(0));
    other.delete("\0", store.newest);
  }
  return other;
}

/** Every write ever made, and a search through all of them. */
class Model {
  readonly writes: { readonly key: string; readonly ms: number; readonly value: number | undefined }[] = [];
  horizonMs = -1;
  closedMs = -1;

  read(key: string, ms: number): number | undefined {
    const visible = this.writes.filter((write) => write.key === key && write.ms <= ms);
    return visible.sort((a, b) => a.ms - b.ms).at(-1)?.value;
  }

  write(key: string, ms: number, value: number | undefined): "written" | "conflict" | "nothing" {
    if (ms <= this.closedMs || this.writes.some((write) => write.key === key && write.ms >= ms)) return "conflict";
    if (value === undefined && this.read(key, ms) === undefined) return "nothing";
    this.writes.push({ key, ms, value });
    return "written";
  }

  live(ms: number): [string, number][] {
    const keys = [...new Set(this.writes.map((write) => write.key))].sort();
    return keys.flatMap((key): [string, number][] => {
      const value = this.read(key, ms);
      return value === undefined ? [] : [[key, value]];
    });
  }
}

const key = fc.constantFrom("", "a", "b", "ba", "c", "é", "😀", "\uffff");
const ms = fc.nat({ max: 60 });
const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("put" as const), key, ms, value: fc.nat({ max: 255 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), key, ms }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), ms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("prune" as const), ms }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("snapshot" as const, "release" as const, "restore" as const, "digest" as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const outcome = <T>(attempt: () => T): T | "conflict" | "pruned" => {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof WriteConflictError) return "conflict";
    if (error instanceof VersionPrunedError) return "pruned";
    throw error;
  }
};

/** A store and its model, side by side. */
class Pair {
  readonly store: HLCVersionStore = new HLCVersionStore({ hash: narrow });
  readonly model = new Model();
  readonly snapshots: { readonly snapshot: StoreSnapshot; readonly ms: number; readonly bytes: Uint8Array; readonly digest: Uint8Array }[] = [];

  run(operation: Operation): void {
    const { store, model } = this;
    if (operation.do === "put") {
      const result = outcome(() => store.put(operation.key, Uint8Array.of(operation.value), at(operation.ms)));
      deepEqual(result ?? "written", model.write(operation.key, operation.ms, operation.value));
    } else if (operation.do === "delete") {
      const expected = model.write(operation.key, operation.ms, undefined);
      const result = outcome(() => store.delete(operation.key, at(operation.ms)));
      deepEqual(result, { written: true, nothing: false, conflict: "conflict" }[expected]);
    } else if (operation.do === "read") {
      const entries = outcome(() => [...store.scan({}, at(operation.ms))].map((entry) => [entry.key, entry.value[0]]));
      const pruned = operation.ms < model.horizonMs;
      deepEqual(entries, pruned ? "pruned" : model.live(operation.ms));
      deepEqual(outcome(() => store.get("a", at(operation.ms))?.[0]), pruned ? "pruned" : model.read("a", operation.ms));
    } else if (operation.do === "prune") {
      store.prune(at(operation.ms));
      model.horizonMs = Math.max(model.horizonMs, operation.ms);
    } else if (operation.do === "digest") {
      deepEqual(store.digest(), rebuilt(store, narrow).digest());
    } else if (operation.do === "snapshot") {
      const snapshot = store.snapshot();
      this.snapshots.push({ snapshot, ms: store.newest?.physicalMs ?? -1, bytes: Buffer.concat([...snapshot]), digest: store.digest() });
    } else {
      this.end(operation.do);
    }
    model.closedMs = Math.max(model.horizonMs, ...this.snapshots.map((snapshot) => snapshot.ms));
    deepEqual([...store.scan()].map((entry) => [entry.key, entry.value[0]]), model.live(Number.POSITIVE_INFINITY));
    deepEqual(store.size, model.live(Number.POSITIVE_INFINITY).length);
  }

  /** The oldest snapshot is still what it was, and gives back the state it was taken of. */
  end(how: "release" | "restore"): void {
    const taken = this.snapshots.shift();
    if (!taken) return;
    const bytes = Buffer.concat([...taken.snapshot]);
    deepEqual(bytes.equals(taken.bytes), true);
    taken.snapshot.release();
    if (how === "release") return;
    for (const other of this.snapshots.splice(0)) other.snapshot.release();
    this.store.restore([bytes]);
    deepEqual(this.store.digest(), taken.digest);
    const live = this.model.live(taken.ms).map(([name, value]) => ({ key: name, ms: taken.ms, value }));
    this.model.writes.splice(0, this.model.writes.length, ...live);
    this.model.horizonMs = taken.ms;
  }
}

test("the store equals a naive model", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const pair = new Pair();
      for (const each of operations) pair.run(each);
      expect(pair.store.digest()).toEqual(rebuilt(pair.store, narrow).digest());
    }),
    { numRuns: 400 },
  );
});

test("any order of writes to different keys, and any history, gives one digest and one snapshot", () => {
  const writes = fc.uniqueArray(fc.record({ key: fc.string({ unit: "grapheme", maxLength: 6 }), value: fc.uint8Array({ maxLength: 40 }), ms: fc.nat() }), {
    selector: (write) => write.key,
    minLength: 1,
    maxLength: 80,
  });
  const shuffled = writes.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.nat()));
  fc.assert(
    fc.property(shuffled, ([list, other, seed]) => {
      const straight = new HLCVersionStore({ hash: narrow });
      for (const write of list) straight.put(write.key, write.value, at(write.ms + 2));
      const devious = new HLCVersionStore({ hash: narrow });
      // Passers-by come and go, with digests taken in between: the tree grows and shrinks back.
      for (let index = 0; index < 40; index++) devious.put(`passer-by ${index}`, new Uint8Array(1), at(0));
      for (const [index, write] of other.entries()) {
        if (index % 3 === seed % 3) devious.put(write.key, Uint8Array.of(9, 9), at(1));
        devious.digest();
        devious.put(write.key, write.value, at(write.ms + 2));
      }
      for (let index = 0; index < 40; index++) devious.delete(`passer-by ${index}`, at(1));
      expect(devious.digest()).toEqual(straight.digest());
      expect([...devious.snapshot()]).toEqual([...straight.snapshot()]);
    }),
    { numRuns: 150 },
  );
});

test.each([["wide", hash], ["narrow", narrow]])("a %s tree has at every size one digest, whether it grew to it, shrank to it or was made so", (_, by) => {
  const write = (store: HLCVersionStore, index: number) => store.put(`key ${index}`, new Uint8Array(1), at(0));
  const made = (count: number) => {
    const store = new HLCVersionStore({ hash: by });
    store.put("last", new Uint8Array(1), at(1));
    for (let index = 0; index < count; index++) write(store, index);
    return store.digest();
  };
  const changing = new HLCVersionStore({ hash: by });
  changing.put("last", new Uint8Array(1), at(1));
  for (let count = 0; count < 60; count++) {
    expect(changing.digest()).toEqual(made(count));
    write(changing, count);
  }
  for (let count = 60; count-- > 0; ) {
    changing.delete(`key ${count}`, at(1));
    expect(changing.digest()).toEqual(made(count));
  }
});

test("bytes that are not quite a snapshot are refused with the store's own error, or are one", () => {
  const store = new HLCVersionStore({ hash });
  for (let index = 0; index < 5; index++) store.put(`k${index}`, Uint8Array.of(index), at(index));
  const good = Buffer.concat([...store.snapshot()]);
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), (offset, byte) => {
      const bytes = new Uint8Array(good);
      bytes[offset] = byte;
      const other = new HLCVersionStore({ hash });
      let refused = false;
      try {
        other.restore([bytes]);
      } catch (error) {
        if (!(error instanceof InvalidSnapshotError)) throw error;
        refused = true;
      }
      expect(refused || Buffer.concat([...other.snapshot()]).equals(bytes)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
