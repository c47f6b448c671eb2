import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HLCTimestamp, HLCVersionStore, InvalidSnapshotError, merkleDigest } from "../src/index.ts";
import { compareWithModel, hash, narrow } from "./store-model.ts";

const wide = merkleDigest(hash);
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
        const store = new HLCVersionStore({ digest: narrow });
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
      const straight = new HLCVersionStore({ digest: narrow });
      for (const write of list) straight.put(write.key, write.value, at(write.ms + 2));
      const devious = new HLCVersionStore({ digest: narrow });
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

test.each([["wide", wide], ["narrow", narrow]])("a %s tree has at every size one digest, whether it grew to it, shrank to it or was made so", (_, digest) => {
  const write = (store: HLCVersionStore, index: number) => store.put(`key ${index}`, new Uint8Array(1), at(0));
  const made = (count: number) => {
    const store = new HLCVersionStore({ digest });
    store.put("last", new Uint8Array(1), at(1));
    for (let index = 0; index < count; index++) write(store, index);
    return store.digest();
  };
  const changing = new HLCVersionStore({ digest });
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
  const store = new HLCVersionStore({ digest: wide });
  for (let index = 0; index < 5; index++) store.put(`k${index}`, Uint8Array.of(index), at(index));
  const good = Buffer.concat([...store.snapshot()]);
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }), (offset, byte) => {
      const bytes = new Uint8Array(good);
      bytes[offset] = byte;
      const other = new HLCVersionStore({ digest: wide });
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
