import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HLCTimestamp, HLCVersionStore, InvalidSnapshotError, merkleDigest, StoreFullError, type StoreOptions } from "../src/index.ts";

const digest = merkleDigest((bytes) => createHash("sha256").update(bytes).digest(), { chunkBytes: 20_000 });

function filled(keys: number, options: StoreOptions = {}): HLCVersionStore {
  const store = new HLCVersionStore({ digest, ...options });
  for (let index = 0; index < keys; index++) store.put(`key ${index}`, new Uint8Array(200), new HLCTimestamp(index, 0, "a"));
  return store;
}

/** Restores from chunks, and returns how many were read and what was thrown. */
function read(store: HLCVersionStore, chunks: readonly Uint8Array[]): { readonly count: number; readonly thrown: unknown } {
  let count = 0;
  function* counted() {
    for (const chunk of chunks) {
      count += 1;
      yield chunk;
    }
  }
  try {
    store.restore(counted());
    return { count, thrown: undefined };
  } catch (thrown) {
    return { count, thrown };
  }
}

test("a source of more than its header counts is refused at the first chunk too many, not at its end", () => {
  const [header, ...chunks] = filled(900).snapshot();
  expect(chunks.length).toBeGreaterThan(5);
  for (const [offset, length] of [[20, 6], [26, 6]] as const) {
    const less = header!.slice().fill(0, offset, offset + length);
    const { count, thrown } = read(new HLCVersionStore({ digest }), [less, ...chunks]);
    expect([count, thrown]).toEqual([2, expect.any(InvalidSnapshotError)]);
  }
});

test("a snapshot that is too large is refused at its header", () => {
  const { count, thrown } = read(new HLCVersionStore({ digest, maxBytes: 50_000 }), [...filled(900).snapshot()]);
  expect([count, thrown]).toEqual([1, expect.any(StoreFullError)]);
});

test("a store that was given a hash key refuses snapshots with another by name, one that was not takes it over", () => {
  const [one, other] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const chunks = [...filled(900, { hashKey: one }).snapshot()];
  const refusing = filled(3, { hashKey: other });
  const before = refusing.digest();
  const { count, thrown } = read(refusing, chunks);
  expect([count, thrown]).toEqual([1, expect.any(InvalidSnapshotError)]);
  expect(String(thrown)).toContain("the hash key is another");
  expect(refusing.digest()).toEqual(before);
  for (const store of [new HLCVersionStore({ digest }), new HLCVersionStore({ digest, hashKey: one })]) {
    store.restore(chunks);
    store.restore(chunks);
    expect(store.digest()).toEqual(filled(900, { hashKey: one }).digest());
  }
  const zeros = filled(3, { hashKey: new Uint8Array(16) });
  expect(read(zeros, chunks).thrown).toBeInstanceOf(InvalidSnapshotError);
});
