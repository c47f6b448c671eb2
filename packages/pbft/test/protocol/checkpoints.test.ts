import { expect, test } from "vitest";
import { LEASE_BYTES_PER_MS, LEASE_GRACE_MS, LEASE_MS_MAX } from "../../src/limits.ts";
import { TIME_ZERO } from "../../src/protocol/agreed-time.ts";
import { Checkpoints, type TakenCheckpoint } from "../../src/protocol/checkpoints.ts";

const PEER = 2;

/** Checkpoints that are served one after the other, and those whose snapshots were released. */
function serving() {
  const released: number[] = [];
  const checkpoints = new Checkpoints();
  const taken: TakenCheckpoint[] = [];
  const serve = (sequence: number): TakenCheckpoint => {
    const snapshot = { chunks: 0, chunk: () => new Uint8Array(0), release: () => void released.push(sequence) };
    const made = { sequence, digest: new Uint8Array(32), manifest: new Uint8Array(1), time: TIME_ZERO, sessionChunks: [], snapshot, chunks: 0 };
    taken.push(made);
    checkpoints.serve(made);
    return made;
  };
  return { checkpoints, serve, released };
}

test("two are served, older ones are released", () => {
  const { checkpoints, serve, released } = serving();
  for (const sequence of [8, 16, 24]) serve(sequence);
  expect(released).toEqual([8]);
  expect([checkpoints.at(8, PEER), checkpoints.at(16, PEER)?.sequence]).toEqual([undefined, 16]);
});

test("one is kept for a peer as long as the peer takes it fast enough, and no longer", () => {
  const { checkpoints, serve, released } = serving();
  const old = serve(8);
  checkpoints.lease(PEER, old, 1_000_000, 0);
  for (const sequence of [16, 24, 32]) serve(sequence);
  expect(checkpoints.at(8, PEER)).toBe(old);
  expect(checkpoints.at(8, PEER + 1)).toBeUndefined();
  for (let atMs = 1_000; atMs <= LEASE_MS_MAX; atMs += 1_000) {
    checkpoints.lease(PEER, old, 1_000 * LEASE_BYTES_PER_MS, atMs);
    checkpoints.expire(atMs);
  }
  expect(checkpoints.at(8, PEER)).toBe(old);
  expect(released).toEqual([16]);
  checkpoints.expire(LEASE_MS_MAX + 1);
  expect(checkpoints.at(8, PEER)).toBeUndefined();
  expect(released).toEqual([16, 8]);
});

test("a slow peer loses its checkpoint after a grace, and has one at most", () => {
  const { checkpoints, serve, released } = serving();
  const old = serve(8);
  const later = serve(16);
  checkpoints.lease(PEER, old, 10, 0);
  serve(24);
  expect(released).toEqual([]);
  checkpoints.lease(PEER, later, 10, 100);
  serve(32);
  expect(released).toEqual([8]);
  checkpoints.expire(LEASE_GRACE_MS);
  expect(checkpoints.at(16, PEER)).toBe(later);
  checkpoints.expire(LEASE_GRACE_MS + 200);
  expect(released).toEqual([8, 16]);
});
