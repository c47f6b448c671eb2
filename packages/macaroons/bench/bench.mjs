/**
 * Tokens with ten caveats: made, narrowed and verified; beside the HMAC chain that every macaroon is, computed with bare
 * node:crypto, and beside other packages where they are installed. CPU time, sides in turn, medians.
 *
 * The floors have the derived key, and neither encode nor decode nor judge a caveat. `BENCH_PEERS=FOLDER` says where the
 * peers are: `npm install --prefix FOLDER macaroon@3.0.4 macaroons.js@0.3.9 jsonwebtoken@9.0.3`.
 */
import { createHmac, createSecretKey, generateKeyPairSync, sign, timingSafeEqual, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
import { CapabilityManager, CaveatVerifier, Macaroon, MacaroonFactory, PublicToken, PublicVerifier, createStandardVerifier, defineCaveat } from "@void-system/macaroons";

const ROUNDS = 9;
const COMMAND = "npm run bench -w packages/macaroons";
const WITH_PEERS = `BENCH_PEERS=FOLDER ${COMMAND}`;
const LOCATION = "https://void.example";
const CAVEATS_MAX = 256;

const caveats = [
  "time < 1900000000000",
  "time >= 1000000000000",
  "user = ada",
  "operation in read,write",
  "resource under /api",
  "resource under /api/users",
  "operation in read",
  "resource under /api/users/ada",
  "time < 1800000000000",
  "resource = /api/users/ada/mail",
];
const many = Array.from({ length: CAVEATS_MAX }, (_, at) => caveats[at % caveats.length]);
const NARROWER = "time < 1750000000000";
const context = { timeMs: 1_700_000_000_000, resource: "/api/users/ada/mail", operation: "read", user: "ada" };
const rootKey = Buffer.alloc(32, 7);
const factory = new MacaroonFactory(rootKey);
const verifier = createStandardVerifier();
const manager = new CapabilityManager(factory, verifier);
const remembering = new CapabilityManager(factory, verifier, { cachedTokens: 1000 });
const macaroon = factory.mint(caveats);
const text = macaroon.encode();
const bytes = macaroon.toBytes();
const long = factory.mint(many);
const { grant } = manager.authorize(text, context);

const issuer = ed25519.signer(generateKey("ed25519"));
const judging = new PublicVerifier(loadPublicKey(issuer.publicKey), verifier);
const publicToken = PublicToken.mint(issuer, caveats.slice(0, 4)).addCaveats(caveats.slice(4, 8)).addCaveats(caveats.slice(8)).seal();

/** Takes every caveat, as the functions do that the peers are given. */
const lenient = new CaveatVerifier([defineCaveat({ form: "any", asks: {}, parse: (text) => text, check: () => true })]);
const lenientManager = new CapabilityManager(factory, lenient);

const ours = {
  mint: () => factory.mint(caveats),
  attenuate: () => macaroon.addCaveat(NARROWER),
  authenticate: () => factory.authenticate(macaroon) === "authentic",
  verifyMany: () => factory.authenticate(long) === "authentic",
  seen: () => remembering.verify(text, context).ok,
  decode: () => Macaroon.tryDecodeBytes(bytes).ok,
  publicVerify: () => judging.verify(publicToken, context).ok,
  judge: () => manager.verify(text, context).ok,
  permit: () => grant.permits(context.resource, context.operation, context.timeMs),
  verify: () => lenientManager.verify(macaroon, context).ok,
  receive: () => lenientManager.verify(text, context).ok,
};

const derivedKey = tag("macaroons-key-generator", rootKey);
const identifier = macaroon.identifier;
const caveatBytes = caveats.map((caveat) => Buffer.from(caveat));
const signature = macaroon.toBytes().subarray(-32);
const floor = {
  mint: () => chain(crypto.getRandomValues(new Uint8Array(identifier.length)), caveats),
  attenuate: () => tag(signature, NARROWER),
  authenticate: () => timingSafeEqual(chain(identifier, caveatBytes), signature),
};
floor.judge = floor.authenticate;
floor.permit = floor.authenticate;

const manyBytes = many.map((caveat) => Buffer.from(caveat));
const longSignature = long.toBytes().subarray(-32);
floor.verifyMany = () => timingSafeEqual(chain(long.identifier, manyBytes), longSignature);

/** As many Ed25519 signatures as the public token has: one a block, and the seal. */
const pair = generateKeyPairSync("ed25519");
const signed = [bytes, bytes, bytes, bytes].map((message) => [message, sign(null, message, pair.privateKey)]);
floor.publicVerify = () => signed.every(([message, signature]) => verify(null, message, pair.publicKey, signature));

function tag(key, bytes) {
  return createHmac("sha256", key).update(bytes).digest();
}

function chain(first, others) {
  return others.reduce(tag, tag(derivedKey, first));
}

/** Version 2 tokens, with SJCL's SHA-256; it derives its key each time. */
function macaroonPackage() {
  const peer = installed("macaroon");
  if (!peer) return undefined;
  const { importMacaroon, newMacaroon } = peer.module;
  const parsed = importMacaroon(text);
  const json = parsed.exportJSON();
  const accept = () => null;
  // It throws unless all is well.
  const verify = (token) => token.verify(rootKey, accept) === undefined;
  return {
    ...peer,
    mint: () => {
      const token = newMacaroon({ identifier, location: LOCATION, rootKey });
      for (const caveat of caveats) token.addFirstPartyCaveat(caveat);
      return token;
    },
    attenuate: () => {
      const token = parsed.clone();
      token.addFirstPartyCaveat(NARROWER);
      return token;
    },
    verify: () => verify(parsed),
    receive: () => verify(importMacaroon(text)),
    decode: () => importMacaroon(json),
  };
}

/** Version 1 tokens, with node:crypto; a Buffer as key is taken for the derived one. */
function macaroonsJs() {
  const peer = installed("macaroons.js");
  if (!peer) return undefined;
  const { MacaroonsBuilder, MacaroonsVerifier } = peer.module;
  const mint = () => {
    const builder = new MacaroonsBuilder(LOCATION, derivedKey, "root:0123456789abcdef");
    for (const caveat of caveats) builder.add_first_party_caveat(caveat);
    return builder.getMacaroon();
  };
  const parsed = mint();
  const serialized = parsed.serialize();
  const verify = (token) => new MacaroonsVerifier(token).satisfyGeneral(() => true).isValid(derivedKey);
  return {
    ...peer,
    mint,
    attenuate: () => MacaroonsBuilder.modify(parsed).add_first_party_caveat(NARROWER).getMacaroon(),
    verify: () => verify(parsed),
    receive: () => verify(MacaroonsBuilder.deserialize(serialized)),
  };
}

/** A token whose text was seen before costs it what any does: it remembers none. */
function jsonwebtoken() {
  const peer = installed("jsonwebtoken");
  if (!peer) return undefined;
  const key = createSecretKey(rootKey);
  const jwt = peer.module.sign({ sub: "ada", resource: context.resource, operations: ["read"], exp: 1_900_000_000, nbf: 1_000_000_000 }, key, { algorithm: "HS256" });
  return { ...peer, seen: () => peer.module.verify(jwt, key, { algorithms: ["HS256"] }).sub === "ada" };
}

function installed(name) {
  const folder = process.env.BENCH_PEERS ?? import.meta.dirname;
  const require = createRequire(resolve(folder, "bench.mjs"));
  try {
    const manifest = require.resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(manifest, "utf8"));
    return { name, version, module: require(name) };
  } catch {
    process.stdout.write(`skipped ${name}: not installed (BENCH_PEERS=FOLDER; npm install --prefix FOLDER ${name})\n`);
    return undefined;
  }
}

/** CPU microseconds per turn. */
function cost(turns, work) {
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn += 1) if (!work()) throw new Error("expected a token that holds");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / turns;
}

function compare(name, work, others, bar, turns = 1_000) {
  const sides = [work, ...others.map((other) => other.work)];
  const costs = sides.map(() => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (let turn = 0; turn < sides.length; turn += 1) {
      const side = (turn + round) % sides.length;
      const took = cost(turns, sides[side]);
      if (round > 0) costs[side].push(took); // the first is a warm-up
    }
  }
  const [own, ...theirs] = costs.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1]);
  const against = others.map(({ name: other, version, kind }, at) => ({ name: other, version, kind, value: theirs[at] }));
  const command = others.some(({ kind }) => kind === "peer") ? WITH_PEERS : COMMAND;
  const row = { name, unit: "CPU us", better: "lower", ours: own, against, ratio: Math.min(...theirs) / own, bar, command };
  const beside = against.map((one) => `${one.name} ${one.value.toFixed(2)}`).join(", ");
  process.stdout.write(`${name}: ${own.toFixed(2)} us; ${beside}; ratio ${row.ratio.toFixed(2)} (bar ${bar})\n`);
  return row;
}

const npm = macaroonPackage();
const peers = [npm, macaroonsJs()].filter((peer) => peer !== undefined);
const jwt = jsonwebtoken();
const bare = (key, name = "bare HMAC chain") => [{ name, version: process.version, kind: "floor", work: floor[key] }];
const beside = (key, packages = peers) => packages.map(({ name, version, [key]: work }) => ({ name, version, kind: "peer", work }));

const rows = [
  compare("mint with 10 caveats, over the bare chain with a nonce", ours.mint, bare("mint"), 0.85),
  compare("add a caveat to 10, over the bare HMAC", ours.attenuate, bare("attenuate"), 0.85, 8_000),
  compare("signature of 10 caveats, over the bare chain", ours.authenticate, bare("authenticate"), 0.95),
  compare("signature of 256 caveats, over the bare chain", ours.verifyMany, bare("verifyMany"), 0.95, 100),
  compare("text with 10 caveats, all judged, over the bare chain", ours.judge, bare("judge"), 0.8),
  compare("one more command under a judged token, over the bare chain", ours.permit, bare("permit"), 3, 8_000),
  compare("public token of 3 blocks, all judged, over bare Ed25519", ours.publicVerify, bare("publicVerify", "4 bare signatures"), 0.5, 200),
];
if (npm !== undefined) {
  rows.push(
    compare("mint with 10 caveats, beside npm", ours.mint, beside("mint", [npm]), 2.2),
    compare("decode version 2 bytes, beside npm's JSON import", ours.decode, beside("decode", [npm]), 5),
  );
}
if (jwt !== undefined) rows.push(compare("a text seen before, all judged, beside a JWT (HS256, KeyObject)", ours.seen, beside("seen", [jwt]), 1.5, 4_000));
if (peers.length > 0) {
  rows.push(
    compare("mint with 10 caveats", ours.mint, beside("mint"), 0),
    compare("add a caveat to 10", ours.attenuate, beside("attenuate"), 0, 8_000),
    compare("verify 10 caveats", ours.verify, beside("verify"), 0),
    compare("decode and verify 10 caveats", ours.receive, beside("receive"), 0),
  );
}
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
