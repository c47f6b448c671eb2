import { sha512 } from "@noble/hashes/sha2.js";
import { shake128 } from "@noble/hashes/sha3.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { expect, test } from "vitest";
import { hybridSignature, mlDsa65 } from "../src/post-quantum/index.ts";
import { ed25519, generateKey, importKey, InvalidPublicKeyError, SecretDestroyedError } from "../src/index.ts";
import * as node from "../src/node/index.ts";
import * as portable from "../src/portable/index.ts";
import { bytesOf } from "./compliance.ts";
import { schemeSuite } from "./scheme-suite.ts";
import vectors from "./vectors/post-quantum.json" with { type: "json" };

schemeSuite("Ed25519 by node:crypto", node.ed25519, 100);
schemeSuite("Ed25519, portable", portable.ed25519, 30);
schemeSuite("ML-DSA-65", mlDsa65, 20);
schemeSuite("hybrid: ML-DSA-65 and Ed25519", hybridSignature, 30);

const base64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

test("ML-DSA-65: key generation of NIST's ACVP server", () => {
  const { seed, publicKeyHead, publicKeyTail } = vectors.acvpKeyGen;
  const { publicKey } = mlDsa65.signer(importKey("ml-dsa-65", bytesOf(seed)));
  expect(publicKey.subarray(0, publicKeyHead.length / 2)).toEqual(bytesOf(publicKeyHead));
  expect(publicKey.subarray(-publicKeyTail.length / 2)).toEqual(bytesOf(publicKeyTail));
});

test("ML-DSA-65: 100 keys and deterministic signatures, accumulated (C2SP/CCTV)", () => {
  const [source, accumulated] = [shake128.create({}), shake128.create({})];
  for (let round = 0; round < vectors.accumulated.rounds; round += 1) {
    const signer = mlDsa65.signer(importKey("ml-dsa-65", source.xof(32)));
    const signature = signer.sign(new Uint8Array());
    accumulated.update(signer.publicKey).update(signature);
    if (round % 10 === 0) expect(mlDsa65.verify(new Uint8Array(), signature, signer.publicKey)).toBe(true);
  }
  expect(accumulated.xof(32)).toEqual(bytesOf(vectors.accumulated.hash));
});

test("hybrid: id-MLDSA65-Ed25519-SHA512 of the composite draft", () => {
  const { secretKey, message, publicKeyHead, ed25519Signature } = vectors.composite;
  const signer = hybridSignature.signer(importKey("ml-dsa-65+ed25519", base64(secretKey)));
  const head = base64(publicKeyHead);
  expect(signer.publicKey.subarray(0, head.length)).toEqual(head);
  // The draft's ML-DSA half is randomised and ours is not. The Ed25519 half, of the same message, is the same.
  expect(signer.sign(new TextEncoder().encode(message)).subarray(-64)).toEqual(bytesOf(ed25519Signature));
});

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const MESSAGE = text("these are the members");
const ML_DSA_BYTES = 3_309;

test("hybrid: no half can be stripped, replaced, or used as a signature of its own", () => {
  const seeds = new Uint8Array(64).map((_, index) => index);
  const signer = hybridSignature.signer(importKey("ml-dsa-65+ed25519", seeds));
  const key = hybridSignature.loadPublicKey(signer.publicKey);
  const signature = signer.sign(MESSAGE);
  const [first, second] = [signature.subarray(0, ML_DSA_BYTES), signature.subarray(ML_DSA_BYTES)];
  const [mlDsaKey, edKey] = [signer.publicKey.subarray(0, 1_952), signer.publicKey.subarray(1_952)];

  // The halves, as signatures of the message by their own schemes.
  expect(mlDsa65.verify(MESSAGE, first, mlDsaKey)).toBe(false);
  expect(ed25519.verify(MESSAGE, second, edKey)).toBe(false);
  // Nor of the message that they sign, because the ML-DSA half has the label as its context.
  const label = text("COMPSIG-MLDSA65-Ed25519-SHA512");
  const representative = Uint8Array.from([...text("CompositeAlgorithmSignatures2025"), ...label, 0, ...sha512(MESSAGE)]);
  expect(mlDsa65.verify(representative, first, mlDsaKey)).toBe(false);
  expect(ml_dsa65.verify(first, representative, mlDsaKey, { context: label })).toBe(true);
  // The Ed25519 half is a signature of the message that it signs, which is why no half of a key may be used by itself.
  expect(ed25519.verify(representative, second, edKey)).toBe(true);
  // Signatures of the message by the same keys, as halves.
  const own = mlDsa65.signer(importKey("ml-dsa-65", seeds.subarray(0, 32))).sign(MESSAGE);
  const ed = ed25519.signer(importKey("ed25519", seeds.subarray(32))).sign(MESSAGE);
  const join = (a: Uint8Array, b: Uint8Array): Uint8Array => Uint8Array.from([...a, ...b]);
  expect(hybridSignature.verify(MESSAGE, join(first, second), key)).toBe(true);
  for (const forged of [join(own, second), join(first, ed), join(own, ed), join(new Uint8Array(ML_DSA_BYTES), second), join(first, new Uint8Array(64))]) {
    expect(hybridSignature.verify(MESSAGE, forged, key)).toBe(false);
  }
  // Halves of two messages, and of two keys.
  const other = signer.sign(text("others are"));
  expect(hybridSignature.verify(MESSAGE, join(first, other.subarray(ML_DSA_BYTES)), key)).toBe(false);
  expect(hybridSignature.verify(MESSAGE, join(other.subarray(0, ML_DSA_BYTES), second), key)).toBe(false);
  const stranger = hybridSignature.signer(generateKey("ml-dsa-65+ed25519"));
  const crossed = join(mlDsaKey, stranger.publicKey.subarray(1_952));
  expect(hybridSignature.verify(MESSAGE, join(first, stranger.sign(MESSAGE).subarray(ML_DSA_BYTES)), key)).toBe(false);
  expect(hybridSignature.verify(MESSAGE, signature, crossed)).toBe(false);
});

test("hybrid: the Ed25519 half of a key is checked like an Ed25519 key", () => {
  const bytes = hybridSignature.signer(generateKey("ml-dsa-65+ed25519")).publicKey.slice();
  bytes.fill(0, 1_952);
  expect(() => hybridSignature.loadPublicKey(bytes)).toThrow(InvalidPublicKeyError);
});

test("keys of two schemes do not mix", () => {
  const key = generateKey("ml-dsa-65");
  // @ts-expect-error a seed of ML-DSA is not one of Ed25519
  const wrong = (): unknown => ed25519.signer(key);
  expect(wrong).toBeDefined();
  const loaded = mlDsa65.loadPublicKey(mlDsa65.signer(key).publicKey);
  // @ts-expect-error nor is a public key
  expect(ed25519.verify(MESSAGE, new Uint8Array(64), loaded)).toBe(false);
  key.destroy();
  expect(() => mlDsa65.signer(key)).toThrow(SecretDestroyedError);
});
