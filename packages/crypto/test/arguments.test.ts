import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ed25519Batch } from "../src/batch/ed25519.ts";
import * as crypto from "../src/index.ts";
import * as node from "../src/node/index.ts";
import * as portable from "../src/portable/index.ts";
import * as postQuantum from "../src/post-quantum/index.ts";

const { ed25519, generateKey, importKey } = crypto;
const folder = mkdtempSync(join(tmpdir(), "void-arguments-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** For callers without types, whose mistakes the compiler does not see. */
const any = (value: unknown): never => value as never;
const BYTES = Uint8Array.of(1);
const key = generateKey("ed25519");
const hmac = generateKey("hmac-sha256");
const signer = ed25519.signer(key);
const trusted = ed25519.loadPublicKey(signer.publicKey);
const sealed = crypto.mintChain(signer, BYTES).seal();
const times = { fromMs: 1_000, overlapMs: 1 };
const ring = crypto.createKeyRing(ed25519, generateKey("ed25519"), times);
const inPlace: crypto.Compute = { run: (job, input, done) => (done(job.run(input)), () => undefined) };
const ringPath = join(folder, "a.ring");
node.writeKeyRing(ringPath, ring);

/** Values that no function here takes in place of an object. */
const NOTHING: readonly unknown[] = [undefined, null, 5, "text", true, {}, [], () => undefined, BYTES, Symbol("s")];
const KEYS: readonly unknown[] = [...NOTHING, { algorithm: "ed25519" }, { algorithm: "ed25519", use: 5 }, signer, trusted];
/** Values that are no options: `undefined` stands for none. */
const OPTIONS: readonly unknown[] = [null, 5, "text", true, [], { unknown: 1 }];

/** Each function with one wrong argument at a time, and what the message must name. */
const wrong: readonly (readonly [string, readonly unknown[], string, (value: never) => unknown])[] = [
  ["generateKey: algorithm", [...NOTHING, "rsa", "toString"], "an algorithm, one of ed25519", (value) => generateKey(value)],
  ["generateKey: options", OPTIONS, "options", (value) => generateKey("ed25519", value)],
  ["generateKey: random", [null, 5, "seed", {}, { bytes: 5 }], "a source of randomness", (value) => generateKey("ed25519", { random: value })],
  ["importKey: algorithm", [...NOTHING, "rsa"], "an algorithm, one of ed25519", (value) => importKey(value, new Uint8Array(32))],
  ["use", [undefined, null, 5, "text", {}], "a function that borrows the bytes", (value) => key.use(value)],
  ["ed25519.signer", [...KEYS, hmac], "a secret key for ed25519", (value) => ed25519.signer(value)],
  ["node ed25519.signer", [...KEYS, hmac], "a secret key for ed25519", (value) => node.ed25519.signer(value)],
  ["portable ed25519.signer", [...KEYS, hmac], "a secret key for ed25519", (value) => portable.ed25519.signer(value)],
  ["mlDsa65.signer", [...KEYS, key], "a secret key for ml-dsa-65", (value) => postQuantum.mlDsa65.signer(value)],
  ["hybridSignature.signer", [...KEYS, key], "a secret key for ml-dsa-65+ed25519", (value) => postQuantum.hybridSignature.signer(value)],
  ["xWing.publicKeyOf", [...KEYS, key], "a secret key for x-wing", (value) => postQuantum.xWing.publicKeyOf(value)],
  ["xWing.decapsulate", [...KEYS, key], "a secret key for x-wing", (value) => postQuantum.xWing.decapsulate(value, new Uint8Array(1_120))],
  ["xWing.encapsulate: options", OPTIONS, "options", (value) => postQuantum.xWing.encapsulate(new Uint8Array(1_216), value)],
  ["deriveKey", [...KEYS, hmac], "a secret key for shared-secret", (value) => postQuantum.deriveKey(value, BYTES)],
  ["new Mac", [...KEYS, key], "a secret key for hmac-sha256", (value) => new crypto.Mac(value)],
  ["tag", ["text", undefined, 5], "the message as a Uint8Array", (value) => new crypto.Mac(hmac).tag(value)],
  ["digest", ["text", undefined, 5], "the input as a Uint8Array", (value) => crypto.digest(value)],
  ["portable digest", ["text", undefined, 5], "the input as a Uint8Array", (value) => portable.digest(value)],
  ["hmacSha256: key", ["text", undefined, 5], "the key as a Uint8Array", (value) => crypto.hmacSha256(value, BYTES)],
  ["portable hmacSha256: key", ["text", undefined, 5], "the key as a Uint8Array", (value) => portable.hmacSha256(value, BYTES)],
  ["portable hmacSha256: message", ["text", undefined, 5], "the message as a Uint8Array", (value) => portable.hmacSha256(BYTES, value)],
  ["loadPublicKey: text", ["ab".repeat(32)], "publicKeyFromSpki reads DER", (value) => crypto.loadPublicKey(value)],
  ["loadPublicKey: DER", [node.spkiOf(signer.publicKey)], "publicKeyFromSpki reads DER", (value) => crypto.loadPublicKey(value)],
  ["mintChain: issuer", [...NOTHING, key], "an Ed25519 signer", (value) => crypto.mintChain(value, BYTES)],
  ["mintChain: issuer without a key", [{ sign: () => BYTES }], "the public key of a signer", (value) => crypto.mintChain(value, BYTES)],
  ["mintChain: options", OPTIONS, "options", (value) => crypto.mintChain(signer, BYTES, value)],
  ["openChain: options", OPTIONS, "options", (value) => crypto.openChain(crypto.mintChain(signer, BYTES).handOver(), value)],
  ["verifyChain: issuers", [...NOTHING.filter((value) => !Array.isArray(value)), signer, signer.publicKey, [signer.publicKey], [trusted, undefined]], "loaded with loadPublicKey", (value) => crypto.verifyChain(sealed, value)],
  ["verifyChain: options", OPTIONS, "options", (value) => crypto.verifyChain(sealed, trusted, value)],
  ["verifyChain: binding", [null, 5, "text", {}, []], "a binding as a Uint8Array", (value) => crypto.verifyChain(sealed, trusted, { binding: value })],
  ["createKeyRing: scheme", NOTHING, "a signature scheme", (value) => crypto.createKeyRing(value, generateKey("ed25519"), times)],
  ["createKeyRing: key", [...KEYS, hmac].filter((value) => value !== BYTES), "a secret key for ed25519", (value) => crypto.createKeyRing(ed25519, value, times)],
  ["createKeyRing: options", [undefined, ...OPTIONS], "options", (value) => crypto.createKeyRing(ed25519, generateKey("ed25519"), value)],
  ["createKeyRing: times", ["1", undefined, null, Number.NaN, 5n, Symbol("s")], "fromMs and overlapMs", (value) => crypto.createKeyRing(ed25519, generateKey("ed25519"), { fromMs: value, overlapMs: 1 })],
  ["new KeyRing: keys", [undefined, null, 5, "text", {}], "an array of keys", (value) => new crypto.KeyRing(ed25519, value)],
  ["new KeyRing: key", [undefined, null, 5, "text"], "a key with its times", (value) => new crypto.KeyRing(ed25519, [value])],
  ["new KeyRing: times", ["1", undefined, null, 5n, Symbol("s")], "keys in the order of their turns", (value) => new crypto.KeyRing(ed25519, [{ half: generateKey("ed25519"), signsFromMs: value, notBeforeMs: 0, notAfterMs: 1 }])],
  ["sign: nowMs", [undefined, null, "5", {}], "nowMs in milliseconds", (value) => ring.sign(BYTES, value)],
  ["sign: bytes", ["text", undefined, 5], "the message as a Uint8Array", (value) => ring.sign(value, 1_000)],
  ["accepted", [undefined, null, "5", {}], "nowMs in milliseconds", (value) => ring.accepted(value)],
  ["rotate: key", [...KEYS, hmac], "a secret key for ed25519", (value) => ring.rotate(value, { fromMs: 9_000, overlapMs: 1 })],
  ["rotate: options", [undefined, ...OPTIONS], "options", (value) => ring.rotate(generateKey("ed25519"), value)],
  ["retire", [undefined, null, "5", {}, 5n, Symbol("s")], "nowMs in milliseconds", (value) => ring.retire(value)],
  ["verifierRing: scheme", NOTHING, "a signature scheme", (value) => crypto.verifierRing(value, [])],
  ["verifierRing: keys", [undefined, null, 5, "text", {}], "an array of keys", (value) => crypto.verifierRing(ed25519, value)],
  ["verifierRing: key", [undefined, null, 5, "text"], "a key with its times", (value) => crypto.verifierRing(ed25519, [value])],
  ["verifierRing: times", ["1", null, undefined, 5n, Symbol("s")], "notBeforeMs before notAfterMs", (value) => crypto.verifierRing(ed25519, [{ publicKey: signer.publicKey, notBeforeMs: value, notAfterMs: 5 }])],
  ["batchVerifier: compute", NOTHING, "a compute port", (value) => crypto.batchVerifier(value, ed25519Batch)],
  ["batchVerifier: scheme", [...NOTHING, ed25519], "a batch scheme", (value) => crypto.batchVerifier(inPlace, value)],
  ["batchVerifier: options", OPTIONS, "options", (value) => crypto.batchVerifier(inPlace, ed25519Batch, value)],
  ["batchVerifier: lanes", ["2", null, 0, 1.5], "lanes of at least 1", (value) => crypto.batchVerifier(inPlace, ed25519Batch, { lanes: value })],
  ["verify: done", [undefined, 5], "a function for the verdict", (value) => crypto.batchVerifier(inPlace, ed25519Batch).verify(BYTES, BYTES, trusted, value)],
  ["spkiOf", NOTHING, "an Ed25519 public key", (value) => node.spkiOf(value)],
  ["publicKeyFromSpki", ["text", undefined, 5, [1]], "a public key in DER", (value) => node.publicKeyFromSpki(value)],
  ["privateKeyPem", [...KEYS, hmac], "a secret key for ed25519", (value) => node.privateKeyPem(value)],
  ["readKeyFile: path", [undefined, null, 5, {}, "", BYTES], "a path as a string", (value) => node.readKeyFile(value, "ed25519")],
  ["readKeyFile: algorithm", [...NOTHING, "rsa"], "an algorithm, one of ed25519", (value) => node.readKeyFile("/dev/null", value)],
  ["writeKeyFile: path", [undefined, null, 5, {}, "", BYTES], "a path as a string", (value) => node.writeKeyFile(value, key)],
  ["writeKeyFile: key", [...NOTHING, signer, trusted], "a secret key", (value) => node.writeKeyFile(join(folder, "a.key"), value)],
  ["writeKeyFile: algorithm", ["rsa", undefined], "an algorithm, one of ed25519", (value) => node.writeKeyFile(join(folder, "a.key"), any({ algorithm: value, use: () => any(undefined) }))],
  ["readKeyRing: path", [undefined, null, 5, {}, ""], "a path as a string", (value) => node.readKeyRing(value, ed25519)],
  ["readKeyRing: scheme", NOTHING, "a signature scheme", (value) => node.readKeyRing(ringPath, value)],
  ["writeKeyRing: path", [undefined, null, 5, {}, ""], "a path as a string", (value) => node.writeKeyRing(value, ring)],
  ["writeKeyRing: ring", NOTHING, "a KeyRing", (value) => node.writeKeyRing(ringPath, value)],
];

test.each(wrong)("a wrong argument is refused by a typed error that names it: %s", (_name, values, named, call) => {
  for (const value of values) {
    let thrown: unknown;
    try {
      call(any(value));
    } catch (error) {
      thrown = error;
    }
    expect(thrown, `for ${typeof value}`).toBeInstanceOf(crypto.CryptoError);
    expect(String(thrown)).toContain(named);
  }
});

test("a Proxy of bytes is no bytes: verifying returns false, and signing throws a typed error", () => {
  const proxy = new Proxy(new Uint8Array(64), {});
  expect(crypto.constantTimeEqual(proxy, proxy)).toBe(false);
  for (const scheme of [node.ed25519, portable.ed25519]) {
    expect(scheme.verify(proxy, new Uint8Array(64), trusted)).toBe(false);
    expect(scheme.verify(BYTES, proxy, trusted)).toBe(false);
    expect(scheme.verify(BYTES, new Uint8Array(64), new Proxy(new Uint8Array(32), {}))).toBe(false);
  }
  expect(() => signer.sign(proxy)).toThrow(crypto.InvalidOptionError);
  expect(crypto.verifyChain(proxy, trusted)).toMatchObject({ valid: false, reason: "malformed" });
});
