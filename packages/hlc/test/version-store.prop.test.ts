import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HLCTimestamp, HLCVersionStore, InvalidSnapshotError, type StoreSnapshot } from "../src/index.ts";
import { bytesOf, compareWithModel, digest } from "./store-model.ts";

const at = (physicalMs: number) => new HLCTimestamp(physicalMs, 0, "a");
/** A million with `npm run torture -w @void-system/hlc`. */
const OPERATIONS = Number(process.env["HLC_MODEL_OPERATIONS"] ?? 100_000);

test(`the store equals a naive model in ${OPERATIONS} operations`, { timeout: 20_000 + OPERATIONS }, () => {
  expect(compareWithModel(OPERATIONS)).toBeGreaterThanOrEqual(OPERATIONS);
});

/** The whole state: the live state as bytes and digest, and the result of a read at every time. */
function state(store: HLCVersionStore, timesMs: readonly number[]) {
  const history = timesMs.map((ms) => [...store.scan({}, at(ms))].map((entry) => `${entry.key}=${entry.value.join()}@${entry.at}`));
  const snapshot = store.snapshot();
  const bytes = Buffer.concat([...snapshot]).toString("hex");
  snapshot.release();
  return { digest: Buffer.from(store.digest()).toString("hex"), bytes, history, size: store.size, versions: store.versions, memory: store.bytes };
}

test("every order, duplication and resend of 200 writes converges to equal bytes, digest and history", () => {
  const write = fc.record({
    key: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz"),
    value: fc.option(fc.uint8Array({ maxLength: 3 }), { nil: undefined }),
    // Now and then two writes clash: one stamp, two values.
    at: fc.tuple(fc.nat({ max: 80 }), fc.nat({ max: 1 }), fc.constantFrom("n1", "n2", "n3")),
  });
  const writes = fc.array(write, { minLength: 200, maxLength: 200 });
  const timesMs = [0, 10, 20, 40, 60, 79];
  fc.assert(
    fc.property(writes, fc.infiniteStream(fc.nat()), (list, chance) => {
      const next = (sides: number): number => (chance.next().value ?? 0) % sides;
      const apply = (order: typeof list): ReturnType<typeof state> => {
        const store = new HLCVersionStore({ digest, ordered: true });
        for (const { key, value, at: [ms, logical, node] } of order) {
          store.merge(key, value, new HLCTimestamp(ms, logical, node));
          if (next(50) === 0) store.digest();
        }
        return state(store, timesMs);
      };
      const straight = apply(list);
      for (let round = 0; round < 4; round++) {
        const order = [...list, ...list.filter(() => next(3) === 0)];
        for (let index = order.length; index-- > 1; ) {
          const other = next(index + 1);
          [order[index], order[other]] = [order[other]!, order[index]!];
        }
        expect(apply(order)).toEqual(straight);
      }
      expect(apply(list.toReversed())).toEqual(straight);
    }),
    { numRuns: 40 },
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
      const straight = new HLCVersionStore({ digest, ordered: true });
      for (const write of list) straight.put(write.key, write.value, at(write.ms + 2));
      const devious = new HLCVersionStore({ digest, ordered: true });
      // Temporary keys come and go, with digests taken in between: the tree grows and shrinks back.
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

/** A store of the keys 0 to `count` - 1, and of one more, so that the latest write is the same at all sizes. */
function made(count: number): HLCVersionStore {
  const store = new HLCVersionStore({ digest });
  store.put("last", new Uint8Array(1), at(1));
  for (let index = 0; index < count; index++) store.put(`key ${index}`, new Uint8Array(index), at(0));
  return store;
}

test("at every size there is one digest, whether the store grew to it, shrank to it or was made so", () => {
  const changing = made(0);
  for (let count = 0; count < 120; count++) {
    expect(changing.digest()).toEqual(made(count).digest());
    changing.put(`key ${count}`, new Uint8Array(count), at(0));
  }
  for (let count = 120; count-- > 0; ) {
    changing.delete(`key ${count}`, at(1));
    expect(changing.digest()).toEqual(made(count).digest());
  }
});

test("a store that once held 20,000 keys and now a few has the digest and chunks of one with few from the start", () => {
  const store = made(3);
  for (let index = 0; index < 20_000; index++) store.put(`passer-by ${index}`, new Uint8Array(20), at(0));
  store.digest();
  for (let index = 0; index < 20_000; index++) {
    store.delete(`passer-by ${index}`, at(1));
    if (index % 3_000 === 0) store.digest();
  }
  expect([store.digest(), [...store.snapshot()]]).toEqual([made(3).digest(), [...made(3).snapshot()]]);
});

test("snapshots taken, hashed in steps and released in any order under writes have the digests and chunks of their times", () => {
  const write = fc.record({ key: fc.nat({ max: 400 }), value: fc.option(fc.nat({ max: 255 }), { nil: undefined, freq: 4 }) });
  const step = fc.oneof(
    { weight: 20, arbitrary: fc.record({ do: fc.constant("write" as const), writes: fc.array(write, { minLength: 1, maxLength: 60 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
    { weight: 12, arbitrary: fc.record({ do: fc.constant("hash" as const), which: fc.nat(), pages: fc.integer({ min: 1, max: 9 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), (steps) => {
      const store = new HLCVersionStore({ digest });
      const twin = new HLCVersionStore({ digest });
      const taken: { readonly snapshot: StoreSnapshot; readonly digest: Uint8Array; readonly bytes: Buffer }[] = [];
      let ms = 0;
      const end = (which: number): void => {
        const [one] = taken.splice(which % taken.length, 1);
        expect(one!.snapshot.digest()).toEqual(one!.digest);
        expect(Buffer.concat([...one!.snapshot]).equals(one!.bytes)).toBe(true);
        one!.snapshot.release();
      };
      for (const next of steps) {
        if (next.do === "write") {
          for (const { key, value } of next.writes) {
            ms += 1;
            for (const one of [store, twin]) {
              if (value === undefined) one.delete(`key ${key}`, at(ms));
              else one.put(`key ${key}`, bytesOf(value), at(ms));
            }
          }
        } else if (next.do === "take") {
          const copy = twin.snapshot();
          taken.push({ snapshot: store.snapshot(), digest: twin.digest(), bytes: Buffer.concat([...copy]) });
          copy.release();
        } else if (taken.length > 0) {
          if (next.do === "hash") taken[next.which % taken.length]!.snapshot.hashSome(next.pages);
          else end(next.which);
        }
      }
      while (taken.length > 0) end(0);
      expect(store.digest()).toEqual(twin.digest());
      const other = new HLCVersionStore({ digest });
      other.restore(store.snapshot());
      expect([other.digest(), other.size, other.stats().liveBytes]).toEqual([store.digest(), store.size, store.stats().liveBytes]);
    }),
    { numRuns: 40 },
  );
});

test("bytes that are not quite a snapshot are refused with the store's own error, or are one", () => {
  const store = new HLCVersionStore({ digest });
  for (let index = 0; index < 60; index++) store.put(`k${index}`, new Uint8Array(100), at(index));
  const good = [...store.snapshot()];
  fc.assert(
    fc.property(fc.nat({ max: 1 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat({ max: 255 }), (index, place, byte) => {
      const chunks = good.map((chunk) => chunk.slice());
      chunks[index]![Math.floor(place * chunks[index]!.length)] = byte;
      const other = new HLCVersionStore({ digest });
      let refused = false;
      try {
        other.restore(chunks);
      } catch (error) {
        if (!(error instanceof InvalidSnapshotError)) throw error;
        refused = true;
      }
      expect(refused || Buffer.concat([...other.snapshot()]).equals(Buffer.concat(chunks))).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});
