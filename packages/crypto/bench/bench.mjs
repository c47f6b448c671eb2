/**
 * Signing, verifying, digests and tags on Node, beside bare node:crypto with keys prepared. CPU time, since other work
 * on the machine does not count there; interleaved rounds, medians.
 */
import * as crypto from "node:crypto";
import { writeFileSync } from "node:fs";
import { digest, ed25519, generateKey, hmacSha256, loadPublicKey } from "../dist/index.js";
import * as portable from "../dist/portable/index.js";

const ROUNDS = 9;
const COMMAND = "npm run bench --workspace packages/crypto";

/** CPU microseconds per turn of `work`. */
function cost(turns, work) {
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn += 1) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / turns;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function compare(name, turns, bar, ours, against) {
  const costs = { ours: [], floor: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const pair = round % 2 === 0 ? [cost(turns, ours), cost(turns, against.work)] : [cost(turns, against.work), cost(turns, ours)].toReversed();
    if (round === 0) continue; // warm-up
    costs.ours.push(pair[0]);
    costs.floor.push(pair[1]);
  }
  const [own, other] = [median(costs.ours), median(costs.floor)];
  const row = {
    name,
    unit: "CPU us",
    better: "lower",
    ours: own,
    against: [{ name: against.name, version: against.version, kind: against.kind, value: other }],
    ratio: other / own,
    bar,
    command: COMMAND,
  };
  console.log(`${name}: ${own.toFixed(2)} us, ${against.name} ${other.toFixed(2)} us, ratio ${row.ratio.toFixed(2)} (bar ${bar})`);
  return row;
}

const bare = (work) => ({ name: "bare node:crypto", version: process.version, kind: "floor", work });
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
  }),
);
const publicObject = crypto.createPublicKey(privateObject);
const macKey = crypto.randomBytes(32);
const portableSigner = portable.ed25519.signer(key);

const rows = [
  compare("sign 100 B", 1_500, 0.97, () => signer.sign(message), bare(() => crypto.sign(null, message, privateObject))),
  compare(
    "verify 100 B",
    1_500,
    0.97,
    () => ed25519.verify(message, signature, publicKey),
    bare(() => crypto.verify(null, message, publicObject, signature)),
  ),
  compare("SHA-256 100 B", 20_000, 0.8, () => digest(message), bare(() => crypto.hash("sha256", message, "buffer"))),
  compare(
    "HMAC-SHA256 100 B",
    10_000,
    0.9,
    () => hmacSha256(macKey, message),
    bare(() => crypto.createHmac("sha256", macKey).update(message).digest()),
  ),
  compare("sign 100 B, against the portable path", 50, 2, () => signer.sign(message), slow(() => portableSigner.sign(message))),
  compare(
    "verify 100 B, against the portable path",
    50,
    4,
    () => ed25519.verify(message, signature, publicKey),
    slow(() => portable.ed25519.verify(message, signature, publicKey)),
  ),
];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
