import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { HLCTimestamp, HLCVersionStore, InvalidSnapshotError, merkleDigest } from "../src/index.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const digest = merkleDigest(hash, { chunkBytes: 20_000 });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Bytes before a page in a chunk: its length and its depth. */
const FRAME_BYTES = 5;

/** The chunks of a store with pages, parts of groups and whole groups, and the bytes that are hashed for each. */
function chunks() {
  const inputs: Uint8Array[] = [];
  const recording = (bytes: Uint8Array): Uint8Array => {
    inputs.push(new Uint8Array(bytes));
    return hash(bytes);
  };
  const store = new HLCVersionStore({ digest: merkleDigest(recording, { chunkBytes: 20_000 }) });
  for (let index = 0; index < 900; index++) store.put(`key ${index}`, new Uint8Array(index % 90 === 0 ? 30_000 : 200), new HLCTimestamp(index, 0, "a"));
  const snapshot = store.snapshot();
  return { inputs, all: [...snapshot].slice(1).map((bytes, index) => ({ bytes, hash: hex(snapshot.chunkHash(index + 1)) })) };
}

/** The hash of bytes as a chunk, or undefined if they are refused. */
function hashOf(chunk: Uint8Array): string | undefined {
  try {
    return hex(new HLCVersionStore({ digest }).chunkHash(chunk));
  } catch (error) {
    if (error instanceof InvalidSnapshotError) return undefined;
    throw error;
  }
}

/** Offsets of the pages of a chunk. */
function pagesOf(chunk: Uint8Array): number[] {
  const found: number[] = [];
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  for (let at = 0; at < chunk.length; at += FRAME_BYTES + view.getUint32(at)) found.push(at);
  return found;
}

test("the hash of a chunk is that of its bytes alone: not of the same pages at other depths", () => {
  for (const chunk of chunks().all) {
    expect(hashOf(chunk.bytes)).toBe(chunk.hash);
    for (let shift = -8; shift <= 8; shift++) {
      if (shift === 0) continue;
      const other = chunk.bytes.slice();
      for (const at of pagesOf(other)) other[at + 4] = (other[at + 4] ?? 0) + shift;
      expect(hashOf(other)).not.toBe(chunk.hash);
    }
  }
});

test("bytes that are hashed for a node, a header or a state are no page", () => {
  const { inputs, all } = chunks();
  const certified = new Set(all.map((chunk) => chunk.hash));
  const others = inputs.filter((bytes) => bytes[0] !== 1);
  expect(others.length).toBeGreaterThan(10);
  for (const bytes of others) {
    for (const depth of [0, 1, 2, 3, 4, 5, 8]) {
      const chunk = new Uint8Array(FRAME_BYTES + bytes.length);
      new DataView(chunk.buffer).setUint32(0, bytes.length);
      chunk[4] = depth;
      chunk.set(bytes, FRAME_BYTES);
      expect(certified.has(hashOf(chunk) ?? "")).toBe(false);
    }
  }
});
