/**
 * Measures signing, verifying, digests and tags on Node against bare node:crypto with prepared keys, then chains, batches
 * and the cost of the other algorithms.
 */
import "./production.mjs"; // first of all
import * as crypto from "node:crypto";
import { writeFileSync } from "node:fs";
import { hybridSignature, mlDsa65, xWing } from "../dist/post-quantum/index.js";
import { digest, ed25519, generateKey, hmacSha256, loadPublicKey } from "../dist/index.js";
import * as portable from "../dist/portable/index.js";
import { batchRows } from "./batch.mjs";
import { chainRows } from "./chain.mjs";
import { bare, compare, cost } from "./compare.mjs";

const slow = (work) => ({ name: "portable path (noble)", version: "3.2.0", kind: "peer", work });

const key = generateKey("ed25519");
const signer = ed25519.signer(key);
const publicKey = loadPublicKey(signer.publicKey);
const message = crypto.randomBytes(100);
const signature = signer.sign(message);
const privateObject = key.use((seed) =>
  crypto.createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  })
);
const publicObject = crypto.createPublicKey(privateObject);
const macKey = crypto.randomBytes(32);
const portableSigner = portable.ed25519.signer(key);

const rows = [
  await compare(
    "sign 100 B",
    { turns: 800, bar: 0.97 },
    () => signer.sign(message),
    bare(() => crypto.sign(null, message, privateObject))
  ),
  await compare(
    "verify 100 B",
    { turns: 800, bar: 0.97 },
    () => ed25519.verify(message, signature, publicKey),
    bare(() => crypto.verify(null, message, publicObject, signature))
  ),
  await compare(
    "SHA-256 100 B",
    { turns: 60_000, bar: 0.8 },
    () => digest(message),
    bare(() => crypto.hash("sha256", message, "buffer"))
  ),
  await compare(
    "HMAC-SHA256 100 B",
    { turns: 30_000, bar: 0.9 },
    () => hmacSha256(macKey, message),
    bare(() => crypto.createHmac("sha256", macKey).update(message).digest())
  ),
  ...(await chainRows()),
  ...(await batchRows()),
  // Last, because the portable path's table of 32 MB slows the garbage collections of later cases.
  await compare(
    "sign 100 B, against the portable path",
    { turns: 20, bar: 2 },
    () => signer.sign(message),
    slow(() => portableSigner.sign(message))
  ),
  await compare(
    "verify 100 B, against the portable path",
    { turns: 20, bar: 4 },
    () => ed25519.verify(message, signature, publicKey),
    slow(() => portable.ed25519.verify(message, signature, publicKey))
  ),
];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);

/** Prints the cost of an operation that has no peer, in milliseconds of CPU. */
function print(name, turns, work) {
  cost(turns, work);
  console.log(`${name}: ${(cost(turns, work) / 1_000).toFixed(2)} CPU ms`);
}

for (const scheme of [mlDsa65, hybridSignature]) {
  const other = scheme.signer(generateKey(scheme.algorithm));
  const loaded = scheme.loadPublicKey(other.publicKey);
  const signed = other.sign(message);
  let turn = 0;
  print(`${scheme.algorithm}: sign`, 30, () => other.sign(Uint8Array.of((turn += 1))));
  print(`${scheme.algorithm}: verify`, 30, () => scheme.verify(message, signed, loaded));
}
const mine = generateKey("x-wing");
const theirs = xWing.publicKeyOf(mine);
const { ciphertext } = xWing.encapsulate(theirs);
print("x-wing: encapsulate", 20, () => xWing.encapsulate(theirs));
print("x-wing: decapsulate", 20, () => xWing.decapsulate(mine, ciphertext));
print("load an Ed25519 public key", 50, () => loadPublicKey(signer.publicKey));
