import * as fc from "fast-check";
import { LinearTypeError } from "@void-system/linear";
import { expect, test } from "vitest";
import {
  createKeyRing,
  ed25519,
  generateKey,
  importKey,
  InvalidOptionError,
  KEY_RING_KEYS_MAX,
  KeyRing,
  NoSigningKeyError,
  SecretDestroyedError,
  type StoredKey,
  verifierRing,
} from "../src/index.ts";

const BYTES = Uint8Array.of(1, 2, 3);
const seeded = (seed: number) => importKey("ed25519", new Uint8Array(32).fill(seed));
const idOf = (seed: number): string => ed25519.signer(seeded(seed)).keyId;

test("one key signs at a time, and around the change both are accepted", () => {
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 1_000, overlapMs: 100 });
  ring.rotate(seeded(2), { fromMs: 5_000, overlapMs: 300 });
  const signing = [900, 1_000, 4_999, 5_000, 9_999_999].map((now) => ring.sign(BYTES, now).keyId);
  expect(signing).toEqual([idOf(1), idOf(1), idOf(1), idOf(2), idOf(2)]);
  const accepted = [899, 900, 4_699, 4_700, 5_299, 5_300].map((now) => ring.accepted(now).map(({ keyId }) => keyId));
  expect(accepted).toEqual([[], [idOf(1)], [idOf(1)], [idOf(1), idOf(2)], [idOf(1), idOf(2)], [idOf(2)]]);
  expect(() => ring.sign(BYTES, 899)).toThrow(NoSigningKeyError);
});

test("a signature is accepted while its key is, also by verifiers with only the public half", () => {
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 1_000, overlapMs: 100 });
  ring.rotate(seeded(2), { fromMs: 5_000, overlapMs: 300 });
  const theirs = verifierRing(ed25519, ring.keys);
  const { keyId, signature } = ring.sign(BYTES, 4_999);
  for (const verifier of [ring, theirs]) {
    expect(verifier.verify(BYTES, signature, keyId, 5_299)).toBe(true);
    expect(verifier.verify(BYTES, signature, keyId, 5_300)).toBe(false);
    expect(verifier.verify(BYTES, signature, ring.sign(BYTES, 5_000).keyId, 5_000)).toBe(false);
    expect(verifier.verify(Uint8Array.of(9), signature, keyId, 5_000)).toBe(false);
  }
});

test("a fresh signature is accepted if the clocks of signer and verifier differ by less than the overlap", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1_000, max: 5_000 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 900 }),
      fc.nat(20_000),
      fc.integer({ min: -899, max: 899 }),
      (steps, overlapMs, signedAt, skew) => {
        fc.pre(Math.abs(skew) < overlapMs);
        const ring = createKeyRing(ed25519, seeded(1), { fromMs: 1_000, overlapMs });
        let fromMs = 1_000;
        for (const [index, step] of steps.entries()) ring.rotate(seeded(index + 2), { fromMs: (fromMs += step), overlapMs });
        fc.pre(signedAt >= 1_000);
        const { keyId, signature } = ring.sign(BYTES, signedAt);
        expect(ring.verify(BYTES, signature, keyId, signedAt + skew)).toBe(true);
      },
    ),
    { numRuns: 25 },
  );
});

test("retiring zeroes the secrets of past turns, and drops keys that are no longer accepted", () => {
  const [one, two] = [seeded(1), seeded(2)];
  const held = one.use((bytes) => bytes);
  const ring = createKeyRing(ed25519, one, { fromMs: 1_000, overlapMs: 100 });
  ring.rotate(two, { fromMs: 5_000, overlapMs: 300 });
  ring.retire(4_999);
  expect([one.destroyed, ring.keys.length]).toEqual([false, 2]);
  const early = ring.sign(BYTES, 4_999);
  ring.retire(5_000);
  expect([one.destroyed, two.destroyed, ring.keys.length]).toEqual([true, false, 2]);
  expect(held).toEqual(new Uint8Array(32));
  expect(ring.verify(BYTES, early.signature, early.keyId, 5_000)).toBe(true);
  expect(ring.sign(BYTES, 4_990).keyId).toBe(idOf(2)); // the clock stepped back: the new key is accepted already
  ring.retire(5_300);
  expect(ring.keys.map(({ keyId }) => keyId)).toEqual([idOf(2)]);
  expect(ring.verify(BYTES, early.signature, early.keyId, 5_000)).toBe(false);
});

test("a destroyed ring throws when it signs, and still verifies", () => {
  const key = seeded(1);
  let outside: KeyRing<"ed25519">;
  const { keyId, signature } = createKeyRing(ed25519, seeded(1), { fromMs: 0, overlapMs: 0 }).sign(BYTES, 1);
  {
    using ring = createKeyRing(ed25519, key, { fromMs: 0, overlapMs: 0 });
    outside = ring;
  }
  expect(key.destroyed).toBe(true);
  expect(() => outside.sign(BYTES, 1)).toThrow(NoSigningKeyError);
  expect(outside.verify(BYTES, signature, keyId, 1)).toBe(true);
  expect(() => createKeyRing(ed25519, key, { fromMs: 0, overlapMs: 0 })).toThrow(SecretDestroyedError);
});

test("invalid keys are refused, and leave the ring and the given secret unchanged", () => {
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 1_000, overlapMs: 100 });
  const next = seeded(2);
  const bad = [
    { fromMs: 1_000, overlapMs: 1 },
    { fromMs: 999, overlapMs: 1 },
    { fromMs: 2_000.5, overlapMs: 1 },
    { fromMs: 2_000, overlapMs: -1 },
    { fromMs: Number.NaN, overlapMs: 1 },
    { fromMs: 2_000, overlapMs: Infinity },
  ];
  for (const options of bad) expect(() => ring.rotate(next, options)).toThrow(InvalidOptionError);
  expect(() => ring.rotate(seeded(1), { fromMs: 2_000, overlapMs: 1 })).toThrow(/each key once/);
  for (let seed = 2; seed <= KEY_RING_KEYS_MAX; seed += 1) ring.rotate(seeded(seed), { fromMs: seed * 1_000, overlapMs: 100 });
  expect(() => ring.rotate(seeded(99), { fromMs: 99_000, overlapMs: 100 })).toThrow(/retire the old ones/);
  expect([ring.keys.length, next.destroyed]).toEqual([KEY_RING_KEYS_MAX, false]);

  const times = { signsFromMs: 5, notBeforeMs: 0, notAfterMs: 10 };
  const wrong: StoredKey<"ed25519">[][] = [
    [],
    [{ half: generateKey("ed25519"), ...times, notBeforeMs: 6 }],
    [{ half: generateKey("ed25519"), ...times, notAfterMs: 5 }],
    [{ half: generateKey("ed25519"), ...times }, { half: generateKey("ed25519"), ...times }],
    [{ half: seeded(1), ...times }, { half: seeded(1), ...times, signsFromMs: 6 }],
  ];
  for (const keys of wrong) expect(() => new KeyRing(ed25519, keys)).toThrow(InvalidOptionError);
  expect(() => verifierRing(ed25519, [{ publicKey: ed25519.signer(next).publicKey, notBeforeMs: 5, notAfterMs: 5 }])).toThrow(InvalidOptionError);
});

test("a broken clock retires nothing, so no secret is lost", () => {
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 1_000, overlapMs: 100 });
  ring.rotate(seeded(2), { fromMs: 5_000, overlapMs: 100 });
  for (const now of [Number.NaN, Infinity, -Infinity, "9999" as unknown as number, undefined as unknown as number]) {
    expect(() => ring.retire(now)).toThrow(InvalidOptionError);
    expect(ring.keys.map(({ secret }) => secret?.destroyed)).toEqual([false, false]);
  }
  for (const now of [Number.NaN, Infinity]) {
    expect(() => ring.sign(BYTES, now)).toThrow(NoSigningKeyError);
    expect(ring.accepted(now)).toEqual([]);
  }
  ring.retire(Number.MAX_SAFE_INTEGER);
  expect(ring.keys.length).toBe(1);
  expect(ring.sign(BYTES, 6_000).keyId).toBe(idOf(2));
});

test("a last key with an end loses its secret then, stays in the ring, and is never revived", () => {
  const [last, successor] = [seeded(1), seeded(2)];
  const ring = new KeyRing(ed25519, [{ half: last, signsFromMs: 0, notBeforeMs: 0, notAfterMs: 50 }]);
  const { keyId, signature } = ring.sign(BYTES, 49);
  ring.retire(50);
  expect([last.destroyed, ring.keys.length]).toEqual([true, 1]);
  ring.rotate(successor, { fromMs: 100, overlapMs: 60 });
  expect(ring.verify(BYTES, signature, keyId, 49)).toBe(true);
  expect(ring.verify(BYTES, signature, keyId, 120)).toBe(false); // by the rotation's overlap alone it would be accepted
  expect(ring.sign(BYTES, 100).keyId).toBe(idOf(2));
});

test("a borrowed secret does not stop the others from being destroyed", () => {
  const [one, two, three] = [seeded(1), seeded(2), seeded(3)];
  const ring = createKeyRing(ed25519, one, { fromMs: 1_000, overlapMs: 100 });
  ring.rotate(two, { fromMs: 2_000, overlapMs: 100 });
  ring.rotate(three, { fromMs: 3_000, overlapMs: 100 });
  one.use(() => {
    expect(() => ring.retire(3_000)).toThrow(LinearTypeError);
    expect([one, two, three].map(({ destroyed }) => destroyed)).toEqual([false, true, false]);
    expect(() => ring.destroy()).toThrow(LinearTypeError);
    expect([one, two, three].map(({ destroyed }) => destroyed)).toEqual([false, true, true]);
  });
  ring.destroy();
  expect(one.destroyed).toBe(true);
});

test("times that a file could not hold are refused", () => {
  const times = { signsFromMs: 5, notBeforeMs: 0, notAfterMs: 10 };
  for (const wrong of [{ notBeforeMs: -1 }, { notBeforeMs: -Infinity }, { notBeforeMs: 0.5 }, { signsFromMs: 5.5 }, { notAfterMs: 10.5 }, { notAfterMs: 2 ** 53 }]) {
    expect(() => new KeyRing(ed25519, [{ half: seeded(1), ...times, ...wrong }])).toThrow(InvalidOptionError);
  }
});
