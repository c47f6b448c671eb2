import { expect, test } from "vitest";
import { ed25519Batch } from "../src/batch/ed25519.ts";
import { isBytes } from "../src/bytes.ts";
import {
  batchVerifier,
  type Compute,
  constantTimeEqual,
  ed25519Verifier,
  generateKey,
  importKey,
  InvalidCiphertextError,
  InvalidOptionError,
  InvalidPublicKeyError,
  InvalidSecretKeyError,
  Mac,
  mintChain,
  openChain,
  type SignatureAlgorithm,
  type SignatureScheme,
  verifierRing,
  verifyChain,
} from "../src/index.ts";
import {
  deriveKey,
  hybridSignature,
  mlDsa65,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  xWing,
} from "../src/post-quantum/index.ts";
import * as node from "../src/node/index.ts";
import * as portable from "../src/portable/index.ts";

/** Values that untyped code, or a decoder of a peer's values, may pass instead of bytes. */
const WRONG: readonly unknown[] = ["x".repeat(64), "x".repeat(32), "", 64, null, undefined, {}, { length: 64 }];
const WRONG_KINDS: readonly unknown[] = [...WRONG, Array.from({ length: 64 }, () => 1), new Uint16Array(64), true, transferred(), shrunk()];

/** Bytes whose memory was given to another thread. */
function transferred(): Uint8Array {
  const bytes = new Uint8Array(64);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

test("transferred bytes are no bytes once the check is compiled, either", () => {
  const bytes = transferred();
  let taken = 0;
  for (let turn = 0; turn < 200_000; turn += 1) {
    isBytes(new Uint8Array(turn % 3));
    if (isBytes(bytes)) taken += 1;
  }
  expect(taken).toBe(0);
});

/** Bytes whose memory was cut off. */
function shrunk(): Uint8Array {
  const buffer: ArrayBuffer & { resize?: (length: number) => void } = Reflect.construct(ArrayBuffer, [64, { maxByteLength: 64 }]);
  const bytes = new Uint8Array(buffer, 32, 32);
  buffer.resize?.(16);
  return bytes;
}

const asBytes = (value: unknown): Uint8Array => value as Uint8Array;
const BYTES = Uint8Array.of(1, 2, 3);

test.each([["ed25519"], ["hmac-sha256"], ["shared-secret"]] as const)("a %s key is never made of text", (algorithm) => {
  // `new Uint8Array("32 letters")` is empty: an HMAC key that everyone knows.
  for (const wrong of WRONG_KINDS) expect(() => importKey(algorithm, asBytes(wrong))).toThrow(InvalidSecretKeyError);
  expect(() => importKey(algorithm, asBytes("correct horse battery staple 123"))).toThrow(/got a string, which TextEncoder/);
  expect(() => importKey(algorithm, asBytes("correct horse battery staple 123"))).not.toThrow("horse");
});

test("text is not equal to other text of its length, nor to itself", () => {
  for (const [a, b] of [["abcd", "efgh"], ["abcd", "abcd"], [[1], [1]]]) {
    expect(constantTimeEqual(asBytes(a), asBytes(b))).toBe(false);
  }
  for (const wrong of WRONG_KINDS) expect(constantTimeEqual(asBytes(wrong), asBytes(wrong))).toBe(false);
  const mac = new Mac(generateKey("hmac-sha256"));
  for (const wrong of WRONG_KINDS) expect(mac.verify(asBytes(wrong), mac.tag(new Uint8Array()))).toBe(false);
  for (const wrong of WRONG_KINDS.filter((value) => value !== undefined && value !== null)) expect(mac.verify(BYTES, asBytes(wrong))).toBe(false);
});

function answersNo<A extends SignatureAlgorithm>(scheme: SignatureScheme<A>): void {
  const signer = scheme.signer(generateKey(scheme.algorithm));
  const key = scheme.loadPublicKey(signer.publicKey);
  const signature = signer.sign(BYTES);
  expect(scheme.verify(BYTES, signature, key)).toBe(true);
  for (const wrong of WRONG_KINDS) {
    expect(scheme.verify(asBytes(wrong), signature, key)).toBe(false);
    expect(scheme.verify(BYTES, asBytes(wrong), key)).toBe(false);
    expect(scheme.verify(BYTES, signature, asBytes(wrong))).toBe(false);
    expect(() => signer.sign(asBytes(wrong))).toThrow(InvalidOptionError);
  }
}

test("verifying returns false and signing throws, on every path", () => {
  answersNo(node.ed25519);
  answersNo(portable.ed25519);
  answersNo(mlDsa65);
  answersNo(hybridSignature);
  const signer = node.ed25519.signer(generateKey("ed25519"));
  const isGenuine = ed25519Verifier(signer.publicKey);
  for (const wrong of WRONG_KINDS) {
    expect(isGenuine(asBytes(wrong), signer.sign(BYTES))).toBe(false);
    expect(isGenuine(BYTES, asBytes(wrong))).toBe(false);
  }
});

test("values that are not bytes are refused as public keys and ciphertexts, even text of the right length", () => {
  const long = (length: number): readonly unknown[] => [...WRONG_KINDS, "x".repeat(length), Array.from({ length }, () => 1), { length }, 2 ** 40];
  for (const scheme of [node.ed25519, portable.ed25519, mlDsa65, hybridSignature]) {
    for (const wrong of long(scheme.publicKeyBytes)) {
      expect(() => scheme.loadPublicKey(asBytes(wrong))).toThrow(InvalidPublicKeyError);
      expect(() => scheme.loadPublicKey(asBytes(wrong))).not.toThrow("xxx");
    }
  }
  for (const wrong of long(32)) {
    expect(() => ed25519Verifier(asBytes(wrong))).toThrow(InvalidPublicKeyError);
    const key = { publicKey: asBytes(wrong), notBeforeMs: 0, notAfterMs: 1 };
    expect(() => verifierRing(node.ed25519, [key])).toThrow(InvalidPublicKeyError);
  }
  const mine = generateKey("x-wing");
  for (const wrong of long(X_WING_PUBLIC_KEY_BYTES)) expect(() => xWing.encapsulate(asBytes(wrong))).toThrow(InvalidPublicKeyError);
  for (const wrong of long(X_WING_CIPHERTEXT_BYTES)) expect(() => xWing.decapsulate(mine, asBytes(wrong))).toThrow(InvalidCiphertextError);
  for (const wrong of WRONG_KINDS) expect(() => deriveKey(generateKey("shared-secret"), asBytes(wrong))).toThrow(InvalidOptionError);
});

test("text has no digest and no tag on either path", () => {
  for (const { digest, hmacSha256 } of [node, portable]) {
    for (const wrong of WRONG_KINDS) {
      expect(() => digest(asBytes(wrong))).toThrow();
      expect(() => hmacSha256(asBytes(wrong), BYTES)).toThrow();
      expect(() => hmacSha256(BYTES, asBytes(wrong))).toThrow();
    }
  }
});

test("a caveat of text is refused, because it would become an empty block, which restricts nothing", () => {
  const issuer = node.ed25519.signer(generateKey("ed25519"));
  const trusted = node.ed25519.loadPublicKey(issuer.publicKey);
  const chain = mintChain(issuer, BYTES);
  const sealed = chain.seal(BYTES);
  for (const wrong of WRONG_KINDS) {
    expect(() => mintChain(issuer, asBytes(wrong))).toThrow(InvalidOptionError);
    expect(() => chain.attenuate(asBytes(wrong))).toThrow(InvalidOptionError);
    expect(() => openChain(asBytes(wrong))).toThrow(/an open chain/);
    expect(verifyChain(asBytes(wrong), trusted)).toMatchObject({ valid: false, reason: "malformed" });
  }
  for (const wrong of WRONG_KINDS.filter((value) => value !== undefined)) {
    // As bytes, text is zeros, so a seal for one request would be valid for every request of that length.
    expect(() => chain.seal(asBytes(wrong))).toThrow(InvalidOptionError);
    expect(() => verifyChain(sealed, trusted, { binding: asBytes(wrong) })).toThrow(/a binding as a Uint8Array/);
  }
});

test("a batch does not take text for the empty message", async () => {
  const inPlace: Compute = { run: (job, input, done) => (done(job.run(input)), () => undefined) };
  const verifier = batchVerifier(inPlace, ed25519Batch);
  const signer = node.ed25519.signer(generateKey("ed25519"));
  const key = node.ed25519.loadPublicKey(signer.publicKey);
  const ofNothing = signer.sign(new Uint8Array());
  for (const wrong of WRONG_KINDS) {
    expect(await verifier.verified(asBytes(wrong), ofNothing, key)).toBe(false);
    expect(await verifier.verified(BYTES, asBytes(wrong), key)).toBe(false);
  }
});
