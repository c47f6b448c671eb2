import * as nodeCrypto from "node:crypto";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { shake128 } from "@noble/hashes/sha3.js";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  generateKey,
  importKey,
  InvalidCiphertextError,
  InvalidPublicKeyError,
  Mac,
  SecretDestroyedError,
  type SecretKey,
} from "../src/index.ts";
import { nativeXWing } from "../src/node/internal/native-x-wing.ts";
import { deriveKey, X_WING_CIPHERTEXT_BYTES, X_WING_PUBLIC_KEY_BYTES, xWing } from "../src/post-quantum/index.ts";
import { encapsulateWith, xWingOf } from "../src/post-quantum/x-wing.ts";
import { bytesOf } from "./compliance.ts";
import vectors from "./vectors/post-quantum.json" with { type: "json" };

const bytesIn = (key: SecretKey): Uint8Array => key.use((bytes) => bytes.slice());

const PATHS = [
  ["with X25519 of node:crypto", nativeXWing(nodeCrypto)],
  ["by noble alone", ml_kem768_x25519],
] as const;

describe.each(PATHS)("X-Wing %s", (_name, onBytes) => {
  const own = xWingOf(onBytes);

  test.each(vectors.xWing.cases)(
    "the secret of seed $seed",
    ({ seed, randomness, publicKeyHead, ciphertextHead, secret }) => {
      const key = importKey("x-wing", bytesOf(seed.repeat(32)));
      const publicKey = own.publicKeyOf(key);
      expect(publicKey.subarray(0, publicKeyHead.length / 2)).toEqual(bytesOf(publicKeyHead));
      const made = encapsulateWith(onBytes, publicKey, bytesOf(randomness.repeat(64)));
      expect(made.ciphertext.subarray(0, ciphertextHead.length / 2)).toEqual(bytesOf(ciphertextHead));
      expect(bytesIn(made.secret)).toEqual(bytesOf(secret));
      expect(bytesIn(own.decapsulate(key, made.ciphertext))).toEqual(bytesOf(secret));
    }
  );

  test("the draft's own vector", () => {
    const { seed, randomness, secret } = vectors.xWingDraft;
    const key = importKey("x-wing", bytesOf(seed));
    const made = own.encapsulate(own.publicKeyOf(key), { random: { bytes: () => bytesOf(randomness) } });
    expect(bytesIn(made.secret)).toEqual(bytesOf(secret));
    expect(bytesIn(own.decapsulate(key, made.ciphertext))).toEqual(bytesOf(secret));
  });

  test("points of small order, in every form, are refused in keys and ciphertexts", () => {
    const key = generateKey("x-wing");
    const publicKey = own.publicKeyOf(key);
    const { ciphertext } = own.encapsulate(publicKey);
    for (const hex of SMALL_ORDER_U) {
      for (const top of [0, 0x80]) {
        const point = bytesOf(hex);
        point[31]! |= top;
        const [badKey, badCiphertext] = [publicKey.slice(), ciphertext.slice()];
        badKey.set(point, badKey.length - 32);
        badCiphertext.set(point, badCiphertext.length - 32);
        expect(() => own.encapsulate(badKey)).toThrow(InvalidPublicKeyError);
        expect(() => own.decapsulate(key, badCiphertext)).toThrow(InvalidCiphertextError);
      }
    }
  });
});

/** The u of the points of small order on curve25519 and its twist, and their forms beyond the prime (RFC 7748 §6.1, §7). */
const SMALL_ORDER_U = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

test("both paths give equal bytes, for damaged ciphertexts too", () => {
  const [native, portable] = [nativeXWing(nodeCrypto), ml_kem768_x25519];
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      fc.nat(X_WING_CIPHERTEXT_BYTES - 2),
      (seed, randomness, at) => {
        const publicKey = native.getPublicKey(seed);
        expect(portable.getPublicKey(seed)).toEqual(publicKey);
        const made = native.encapsulate(publicKey, randomness);
        expect(portable.encapsulate(publicKey, randomness)).toEqual(made);
        expect(native.decapsulate(made.cipherText, seed)).toEqual(made.sharedSecret);
        const damaged = made.cipherText.with(at, made.cipherText[at]! ^ 4);
        expect(native.decapsulate(damaged, seed)).toEqual(portable.decapsulate(damaged, seed));
      }
    ),
    { numRuns: 12 }
  );
});

test("ML-KEM-768 (FIPS 203) underneath: 100 keys, secrets, and refused ciphertexts, accumulated", () => {
  const [source, accumulated] = [shake128.create({}), shake128.create({})];
  for (let round = 0; round < vectors.mlKemAccumulated.rounds; round += 1) {
    const { publicKey, secretKey } = ml_kem768.keygen(source.xof(64));
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, source.xof(32));
    accumulated.update(publicKey).update(cipherText).update(sharedSecret);
    accumulated.update(ml_kem768.decapsulate(source.xof(1_088), secretKey));
  }
  expect(accumulated.xof(32)).toEqual(bytesOf(vectors.mlKemAccumulated.hash));
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

test("a ciphertext tampered with in either half gives another secret", () => {
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

test("bytes that encapsulating cannot have made are refused with the package's errors", () => {
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
});

test("secrets are destroyed like keys", () => {
  const mine = generateKey("x-wing");
  const { ciphertext, secret } = xWing.encapsulate(xWing.publicKeyOf(mine));
  secret.destroy();
  expect(() => deriveKey(secret, new Uint8Array())).toThrow(SecretDestroyedError);
  mine.destroy();
  expect(() => xWing.decapsulate(mine, ciphertext)).toThrow(SecretDestroyedError);
  expect(() => xWing.publicKeyOf(mine)).toThrow(SecretDestroyedError);
});

test("HKDF-SHA256 of RFC 5869, test case 3, without salt as here", () => {
  const output = hkdf(sha256, new Uint8Array(22).fill(0x0b), undefined, new Uint8Array(), 42);
  expect(output).toEqual(
    bytesOf("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
  );
});

test("derived keys are HKDF-SHA256, one for each purpose", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 80 }), (shared, info) => {
      const expected = new Uint8Array(nodeCrypto.hkdfSync("sha256", shared, new Uint8Array(), info, 32));
      expect(bytesIn(deriveKey(importKey("shared-secret", shared), info))).toEqual(expected);
    }),
    { numRuns: 30 },
  );
  const secret = generateKey("shared-secret");
  const [a, b] = ["a", "b"].map((name) => new Mac(deriveKey(secret, new TextEncoder().encode(name))));
  expect(b!.verify(new Uint8Array(3), a!.tag(new Uint8Array(3)))).toBe(false);
  // @ts-expect-error a shared secret is not a key for a Mac: derive one
  expect(() => new Mac(secret)).toThrow(/a secret key for hmac-sha256, got one for shared-secret/);
});
