import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import * as nodeCrypto from "node:crypto";
import { expect, test } from "vitest";
import * as main from "../src/index.ts";
import * as node from "../src/node/index.ts";
import * as portable from "../src/portable/index.ts";
import { bytesOf, compliance } from "./compliance.ts";
import vectors from "./vectors/ed25519.json" with { type: "json" };

compliance("node", node, portable);
compliance("portable", portable, node);
compliance("main", main, portable);

test("the libraries alone would split: that is why keys are checked when they are loaded", () => {
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
