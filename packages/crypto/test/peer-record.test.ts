import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ed25519,
  generateKey,
  InvalidOptionError,
  importKey,
  PEER_RECORD_BYTES_MAX,
  peerRecordReader,
  type PeerRecord,
  signPeerRecord,
  unsignedPeerRecord,
} from "../src/index.ts";

const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
const other = ed25519.signer(generateKey("ed25519"));
const fields: PeerRecord = { name: "node_a", key: new Uint8Array(32).fill(9), addresses: ["10.0.0.1:7000", "[::1]:7000"], network: "shop", expiresMs: 2_000 };
const read = peerRecordReader({ network: "shop", issuers: [ed25519.loadPublicKey(issuer.publicKey)] });
const openRead = peerRecordReader({ network: "shop", open: true });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** Frozen: a change here is a change of the format. */
const BODY = `01066e6f64655f61${"09".repeat(32)}020d31302e302e302e313a373030300a5b3a3a315d3a373030300473686f7000000000000007d0`;
const UNSIGNED = `${BODY}00`;
const SIGNATURE =
  "9c243bf82ef2d9d7fbf98f0c3df89a71b3b48effab577232033f89826530cd50ebdb809ef84dc1a48a3dc7612f99a19873bda245b6c8ad5bc6506f4c029d2104";

describe("a signed record", () => {
  test("frozen vector", () => {
    const bytes = hex(signPeerRecord(issuer, fields));
    expect(bytes.slice(0, -128)).toBe(`${BODY}01${issuer.keyId}`);
    expect(bytes.slice(-128)).toBe(SIGNATURE);
    expect(hex(unsignedPeerRecord(fields))).toBe(UNSIGNED);
  });

  test("is read as it was signed, until it expires", () => {
    const bytes = signPeerRecord(issuer, fields);
    expect(read(bytes, 1_999)).toEqual({ valid: true, record: fields });
    expect(read(bytes, 2_000)).toMatchObject({ valid: false, reason: "expired" });
    expect(read(bytes, Number.NaN)).toMatchObject({ valid: false, reason: "expired" });
  });

  test("of another network, another issuer, or nobody is refused", () => {
    expect(read(signPeerRecord(issuer, { ...fields, network: "shop2" }), 0)).toMatchObject({ reason: "another-network" });
    expect(read(signPeerRecord(other, fields), 0)).toMatchObject({ reason: "unknown-issuer" });
    expect(read(unsignedPeerRecord(fields), 0)).toMatchObject({ reason: "unsigned" });
    expect(openRead(unsignedPeerRecord(fields), 0)).toEqual({ valid: true, record: fields });
    expect(openRead(signPeerRecord(issuer, fields), 0)).toMatchObject({ reason: "unknown-issuer" });
  });

  test("with any changed, missing or further byte is refused", () => {
    const bytes = signPeerRecord(issuer, fields);
    for (let index = 0; index < bytes.length; index += 1)
      for (const bit of [1, 0x80]) {
        const changed = bytes.slice();
        changed[index]! ^= bit;
        expect(read(changed, 0).valid, `byte ${index}`).toBe(false);
      }
    for (let length = 0; length < bytes.length; length += 1) expect(read(bytes.subarray(0, length), 0)).toMatchObject({ reason: "malformed" });
    expect(read(Uint8Array.of(...bytes, 0), 0)).toMatchObject({ reason: "malformed" });
  });

  test("hostile bytes get a verdict", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: PEER_RECORD_BYTES_MAX + 8 }), (bytes) => read(bytes, 0).valid === false));
    fc.assert(fc.property(fc.anything(), (value) => read(value as Uint8Array, 0).valid === false));
    expect(openRead(new Uint8Array(Buffer.from(UNSIGNED.replace("6e6f6465", "6e6f2065"), "hex")), 0)).toMatchObject({ reason: "malformed" });
  });

  test("the longest one fits", () => {
    const longest = { ...fields, name: "n".repeat(64), network: "w".repeat(64), addresses: Array.from({ length: 4 }, () => "a".repeat(128)) };
    expect(signPeerRecord(issuer, longest).length).toBeLessThanOrEqual(PEER_RECORD_BYTES_MAX);
  });
});

test("fields and options that cannot work are refused by name", () => {
  const wrong: readonly [Partial<Record<keyof PeerRecord, unknown>>, string][] = [
    [{ name: "" }, "name of 1 to 64"],
    [{ name: "a b" }, "name of 1 to 64"],
    [{ key: new Uint8Array(31) }, "a key of 32 bytes"],
    [{ addresses: Array.from({ length: 5 }, () => "a") }, "at most 4 addresses"],
    [{ addresses: ["a".repeat(129)] }, "address of 1 to 128"],
    [{ addresses: "a" }, "at most 4 addresses"],
    [{ network: 5 }, "network of 1 to 64"],
    [{ expiresMs: 1.5 }, "expiresMs"],
  ];
  for (const [change, text] of wrong) {
    expect(() => signPeerRecord(issuer, { ...fields, ...change } as PeerRecord)).toThrow(InvalidOptionError);
    expect(() => unsignedPeerRecord({ ...fields, ...change } as PeerRecord)).toThrow(text);
  }
  expect(() => peerRecordReader({ network: "shop" })).toThrow("an issuer, or `open: true`");
  expect(() => peerRecordReader({ network: 5 as unknown as string, open: true })).toThrow(InvalidOptionError);
  expect(() => peerRecordReader({ network: "shop", issuers: [new Uint8Array(32)] as never })).toThrow(InvalidOptionError);
});
