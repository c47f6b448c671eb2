import { hkdfSync } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  deriveKey,
  generateKey,
  importKey,
  InvalidCiphertextError,
  InvalidPublicKeyError,
  InvalidSecretKeyError,
  SecretDestroyedError,
  type SecretKey,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  xWing,
} from "../src/entries/kem.ts";
import { Mac } from "../src/entries/mac.ts";
import { bytesOf } from "./compliance.ts";
import vectors from "./vectors/post-quantum.json" with { type: "json" };

const bytesIn = (key: SecretKey): Uint8Array => key.use((bytes) => bytes.slice());

test.each(vectors.xWing.cases)("X-Wing: the secret of seed $seed", ({ seed, randomness, publicKeyHead, ciphertextHead, secret }) => {
  const key = importKey("x-wing", bytesOf(seed.repeat(32)));
  const publicKey = xWing.publicKeyOf(key);
  expect(publicKey.subarray(0, publicKeyHead.length / 2)).toEqual(bytesOf(publicKeyHead));
  const made = xWing.encapsulate(publicKey, bytesOf(randomness.repeat(64)));
  expect(made.ciphertext.subarray(0, ciphertextHead.length / 2)).toEqual(bytesOf(ciphertextHead));
  expect(bytesIn(made.secret)).toEqual(bytesOf(secret));
  expect(bytesIn(xWing.decapsulate(key, made.ciphertext))).toEqual(bytesOf(secret));
});

test("both sides share a secret that nobody else has", () => {
  const [mine, other] = [generateKey("x-wing"), generateKey("x-wing")];
  const publicKey = xWing.publicKeyOf(mine);
  expect(publicKey.length).toBe(X_WING_PUBLIC_KEY_BYTES);
  const first = xWing.encapsulate(publicKey);
  const second = xWing.encapsulate(publicKey);
  expect(first.ciphertext.length).toBe(X_WING_CIPHERTEXT_BYTES);
  expect(bytesIn(xWing.decapsulate(mine, first.ciphertext))).toEqual(bytesIn(first.secret));
  expect(bytesIn(first.secret)).not.toEqual(bytesIn(second.secret));
  expect(bytesIn(xWing.decapsulate(other, first.ciphertext))).not.toEqual(bytesIn(first.secret));
});

test("a ciphertext that was tampered with gives another secret: in either half", () => {
  const mine = generateKey("x-wing");
  const { ciphertext, secret } = xWing.encapsulate(xWing.publicKeyOf(mine));
  const places = fc.oneof(fc.nat(X_WING_CIPHERTEXT_BYTES - 33), fc.integer({ min: X_WING_CIPHERTEXT_BYTES - 32, max: X_WING_CIPHERTEXT_BYTES - 2 }));
  fc.assert(
    fc.property(places, (at) => {
      const damaged = ciphertext.with(at, ciphertext[at]! ^ 1);
      expect(bytesIn(xWing.decapsulate(mine, damaged))).not.toEqual(bytesIn(secret));
    }),
    { numRuns: 25 },
  );
});

test("what nobody can have made is refused by the package's errors", () => {
  const mine = generateKey("x-wing");
  const publicKey = xWing.publicKeyOf(mine);
  const { ciphertext } = xWing.encapsulate(publicKey);
  for (const length of [0, 32, X_WING_CIPHERTEXT_BYTES - 1, X_WING_CIPHERTEXT_BYTES + 1]) {
    expect(() => xWing.decapsulate(mine, new Uint8Array(length))).toThrow(InvalidCiphertextError);
  }
  expect(() => xWing.decapsulate(mine, ciphertext.slice().fill(0, -32))).toThrow(InvalidCiphertextError);
  for (const bad of [publicKey.subarray(1), new Uint8Array(), publicKey.slice().fill(0, -32), publicKey.slice().fill(255, 0, 1_152)]) {
    expect(() => xWing.encapsulate(bad)).toThrow(InvalidPublicKeyError);
  }
  expect(() => xWing.encapsulate(publicKey, new Uint8Array(32))).toThrow(InvalidSecretKeyError);
});

test("secrets are destroyed as keys are", () => {
  const mine = generateKey("x-wing");
  const { ciphertext, secret } = xWing.encapsulate(xWing.publicKeyOf(mine));
  secret.destroy();
  expect(() => deriveKey(secret, new Uint8Array())).toThrow(SecretDestroyedError);
  mine.destroy();
  expect(() => xWing.decapsulate(mine, ciphertext)).toThrow(SecretDestroyedError);
  expect(() => xWing.publicKeyOf(mine)).toThrow(SecretDestroyedError);
});

test("derived keys are HKDF-SHA256, one for each purpose", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 80 }), (shared, info) => {
      const expected = new Uint8Array(hkdfSync("sha256", shared, new Uint8Array(), info, 32));
      expect(bytesIn(deriveKey(importKey("shared-secret", shared), info))).toEqual(expected);
    }),
    { numRuns: 30 },
  );
  const secret = generateKey("shared-secret");
  const [a, b] = ["a", "b"].map((name) => new Mac(deriveKey(secret, new TextEncoder().encode(name))));
  expect(b!.verify(new Uint8Array(3), a!.tag(new Uint8Array(3)))).toBe(false);
  // @ts-expect-error a shared secret is no key for a Mac: derive one
  expect(new Mac(secret)).toBeDefined();
});
