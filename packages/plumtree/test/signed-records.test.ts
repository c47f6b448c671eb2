import { ed25519, generateKey, signPeerRecord, unsignedPeerRecord } from "@void-system/crypto";
import { expect, test } from "vitest";
import { signedRecords } from "../src/index.ts";

const issuer = ed25519.signer(generateKey("ed25519"));
const fields = { name: "a", key: new Uint8Array(32), addresses: ["10.0.0.1:7000", "10.0.0.2:7000"], network: "shop", expiresMs: 2_000 };
const read = signedRecords({ network: "shop", issuers: [ed25519.loadPublicKey(issuer.publicKey)] });

test("a record of an issuer is read with its first address, until it expires", () => {
  const record = signPeerRecord(issuer, fields);
  expect(read(record, 1_999)).toEqual({ name: "a", address: "10.0.0.1:7000", expiresMs: 2_000 });
  expect(read(record, 2_000)).toBeUndefined();
  expect(read(signPeerRecord(issuer, { ...fields, addresses: [] }), 0)?.address).toBe("");
});

test("unsigned records, those of another issuer, and names that no node has are refused", () => {
  expect(read(unsignedPeerRecord(fields), 0)).toBeUndefined();
  expect(read(signPeerRecord(ed25519.signer(generateKey("ed25519")), fields), 0)).toBeUndefined();
  expect(read(signPeerRecord(issuer, { ...fields, name: "!" }), 0)).toBeUndefined();
  expect(signedRecords({ network: "shop", open: true })(unsignedPeerRecord(fields), 0)?.name).toBe("a");
});
