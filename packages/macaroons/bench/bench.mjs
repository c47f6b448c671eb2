/**
 * Tokens with ten caveats: made, narrowed and verified; beside the HMAC chain that every macaroon is, computed with bare
 * node:crypto, and beside other macaroon packages where they are installed. CPU time, sides in turn, medians.
 *
 * The floors have the derived key, and neither encode nor decode nor judge a caveat. Beside peers every side takes every
 * caveat, after asking a function about it. `BENCH_PEERS=FOLDER` says where the peers are:
 * `npm install --prefix FOLDER macaroon@3.0.4 macaroons.js@0.3.9`.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { CapabilityManager, CaveatVerifier, MacaroonFactory, createStandardVerifier, defineCaveat } from "@void-system/macaroons";

const ROUNDS = 9;
const COMMAND = "npm run bench -w packages/macaroons";
const WITH_PEERS = `BENCH_PEERS=FOLDER ${COMMAND}`;
const LOCATION = "https://void.example";

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
const NARROWER = "time < 1750000000000";
const context = { timeMs: 1_700_000_000_000, resource: "/api/users/ada/mail", operation: "read", user: "ada" };
const rootKey = Buffer.alloc(32, 7);
const factory = new MacaroonFactory(rootKey);
const manager = new CapabilityManager(factory, createStandardVerifier());
const macaroon = factory.mint(caveats);
const text = macaroon.encode();
const { grant } = manager.authorize(text, context);

/** Takes every caveat, as the functions do that the peers are given. */
const lenient = new CaveatVerifier([defineCaveat({ form: "any", asks: {}, parse: (text) => text, check: () => true })]);
const lenientManager = new CapabilityManager(factory, lenient);

const ours = {
  mint: () => factory.mint(caveats),
  attenuate: () => macaroon.addCaveat(NARROWER),
  authenticate: () => factory.authenticate(macaroon) === "authentic",
  judge: () => manager.verify(text, context).ok,
  permit: () => grant.permits(context.resource, context.operation, context.timeMs),
  verify: () => factory.authenticate(macaroon) === "authentic" && lenientManager.verify(macaroon, context).ok,
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

const peers = [macaroonPackage(), macaroonsJs()].filter((peer) => peer !== undefined);
const bare = (key) => [{ name: "bare HMAC chain", version: process.version, kind: "floor", work: floor[key] }];
const beside = (key) => peers.map(({ name, version, [key]: work }) => ({ name, version, kind: "peer", work }));

const rows = [
  compare("mint with 10 caveats, over the bare chain", ours.mint, bare("mint"), 0.4),
  compare("add a caveat to 10, over the bare HMAC", ours.attenuate, bare("attenuate"), 0.4, 8_000),
  compare("signature of 10 caveats, over the bare chain", ours.authenticate, bare("authenticate"), 0.7),
  compare("text with 10 caveats, all judged, over the bare chain", ours.judge, bare("judge"), 0.4),
  compare("one more command under a judged token, over the bare chain", ours.permit, bare("permit"), 3, 8_000),
];
if (peers.length > 0) {
  rows.push(
    compare("mint with 10 caveats", ours.mint, beside("mint"), 0),
    compare("add a caveat to 10", ours.attenuate, beside("attenuate"), 0, 8_000),
    compare("verify 10 caveats", ours.verify, beside("verify"), 0),
    compare("decode and verify 10 caveats", ours.receive, beside("receive"), 0),
  );
}
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
