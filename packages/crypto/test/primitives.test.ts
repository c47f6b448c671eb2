import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import * as nodeCrypto from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ed25519Verifier } from "../src/index.ts";
import * as main from "../src/index.ts";
import { nativeVerifierUnder } from "../src/node/internal/native-ed25519.ts";
import * as node from "../src/node/index.ts";
import { verifierUnder } from "../src/portable/ed25519.ts";
import * as portable from "../src/portable/index.ts";
import { isStrictPoint } from "../src/ed25519/internal/strict-point.ts";
import { bytesOf, compliance } from "./compliance.ts";
import vectors from "./vectors/ed25519.json" with { type: "json" };

compliance("node", node, portable);
compliance("portable", portable, node);
compliance("main", main, portable);

test("ed25519Verifier gives the same verdicts as ed25519", () => {
  const cases = [...vectors.signatures, ...vectors.torsion, ...vectors.speccheck];
  for (const { key, message, signature, verdict } of cases) {
    let own: boolean | undefined;
    try {
      own = ed25519Verifier(bytesOf(key))(bytesOf(message), bytesOf(signature));
    } catch (error) {
      expect(error).toBeInstanceOf(main.InvalidPublicKeyError);
    }
    expect(own ?? false).toBe(verdict);
  }
  for (const { key } of vectors.refusedKeys) {
    expect(() => ed25519Verifier(bytesOf(key))).toThrow(main.InvalidPublicKeyError);
  }
});

test("hmacSha256 is HMAC for keys and messages of every length, one after the other in the same buffers", () => {
  const bytes = Uint8Array.from({ length: 2100 }, (_, at) => (at * 73) & 0xff);
  for (let length = 0; length <= 2100; length += length < 200 ? 1 : 13) {
    const message = bytes.subarray(0, length);
    const key = bytes.subarray(2100 - (length % 131));
    const expected = new Uint8Array(nodeCrypto.createHmac("sha256", key).update(message).digest());
    expect([length, node.hmacSha256(key, message)]).toEqual([length, expected]);
  }
});

/** A key with a torsion part of order 8, and a signature by its seed, which node:crypto accepts one time in eight. */
function mixed(seed: Uint8Array, message: Uint8Array): { key: Uint8Array; signature: Uint8Array } {
  const torsion = ed.Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  const { scalar, prefix, point } = ed.utils.getExtendedPublicKey(seed);
  const key = point.add(torsion).toBytes();
  const r = bigOf(sha512(Uint8Array.from([...prefix, ...message]))) % ed.Point.CURVE().n;
  const R = ed.Point.BASE.multiply(r).toBytes();
  const k = bigOf(sha512(Uint8Array.from([...R, ...key, ...message]))) % ed.Point.CURVE().n;
  const s = (r + k * scalar) % ed.Point.CURVE().n;
  const signature = new Uint8Array(64);
  signature.set(R);
  for (let at = 0; at < 32; at += 1) signature[32 + at] = Number((s >> BigInt(8 * at)) & 0xffn);
  return { key, signature };
}

function bigOf(littleEndian: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(littleEndian.toReversed()).toString("hex")}`);
}

test("under keys that were not loaded, both paths compute one equation and agree, with torsion or without", () => {
  ed.hashes.sha512 = sha512;
  const native = nativeVerifierUnder(nodeCrypto);
  let accepted = 0;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }), (seed, message) => {
      const { key, signature } = mixed(seed, message);
      const verdict = native(key)(message, signature);
      if (verdict) accepted += 1;
      expect(verifierUnder(key)(message, signature)).toBe(verdict);
      expect(isStrictPoint(key)).toBe(true);
      expect(() => main.loadPublicKey(key)).toThrow(main.InvalidPublicKeyError);
    }),
    { numRuns: 60, seed: 1 },
  );
  expect(accepted).toBeGreaterThan(0); // the property has seen both verdicts
  expect(accepted).toBeLessThan(60);
  for (const { key, message, signature } of [...vectors.torsion, ...vectors.speccheck, ...vectors.signatures, ...vectors.refusedKeys.map(signedByAnybody)]) {
    if (!isStrictPoint(bytesOf(key))) continue;
    const [m, s, a] = [bytesOf(message), bytesOf(signature), bytesOf(key)];
    expect(verifierUnder(a)(m, s)).toBe(native(a)(m, s));
  }
});

function signedByAnybody({ key }: { key: string }): { key: string; message: string; signature: string } {
  return { key, message: "00", signature: "00".repeat(64) };
}

test("points of small order and non-canonical encodings are recognized by their bytes", () => {
  const torsion = ed.Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  let point = ed.Point.ZERO;
  for (let at = 0; at < 8; at += 1) {
    expect(isStrictPoint(point.toBytes())).toBe(false);
    point = point.add(torsion);
  }
  for (let above = 0; above < 19; above += 1) {
    for (const sign of [0x7f, 0xff]) {
      const bytes = new Uint8Array(32).fill(0xff);
      bytes[0] = 0xed + above;
      bytes[31] = sign;
      expect(isStrictPoint(bytes)).toBe(false);
    }
  }
  const largest = Uint8Array.from([0xeb, ...new Uint8Array(30).fill(0xff), 0x7f]);
  expect(isStrictPoint(largest)).toBe(true);
  expect(isStrictPoint(largest.subarray(1))).toBe(false);
});

test("the libraries alone would disagree, which is why keys are checked when they are loaded", () => {
  ed.hashes.sha512 = sha512;
  const prefix = Buffer.from("302a300506032b6570032100", "hex");
  let splits = 0;
  for (const { key, message, signature, raw } of vectors.torsion) {
    const spki = nodeCrypto.createPublicKey({ key: Buffer.concat([prefix, bytesOf(key)]), format: "der", type: "spki" });
    expect(nodeCrypto.verify(null, bytesOf(message), spki, bytesOf(signature))).toBe(raw.node);
    expect(ed.verify(bytesOf(signature), bytesOf(message), bytesOf(key), { zip215: false })).toBe(raw.noble);
    if (raw.node !== raw.noble) splits += 1;
  }
  expect(splits).toBeGreaterThanOrEqual(3);
});
