/**
 * Minting and judging a token beside the bare chain of HMACs that it stands on: node:crypto, no caveat read, no format.
 * CPU time, median of interleaved rounds.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { writeFileSync } from "node:fs";
import { CapabilityManager, MacaroonFactory, createStandardVerifier } from "../dist/index.js";

const ROUNDS = 9;
const TURNS = 3_000;
const COMMAND = "npm run bench -w packages/macaroons";
const CAVEATS = ["resource under /kv/", "operation in read,write", `time < ${Date.now() + 3_600_000}`];

const rootKey = new Uint8Array(32).fill(7);
const factory = new MacaroonFactory(rootKey);
const manager = new CapabilityManager(factory, createStandardVerifier());
const token = factory.mint(CAVEATS).encode();
const context = { timeMs: Date.now(), resource: "/kv/a", operation: "read" };
const verdict = manager.authorize(token, { timeMs: context.timeMs });
if (!verdict.ok) throw new Error(verdict.reason);

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const chain = (identifier) => CAVEATS.reduce((tag, caveat) => hmac(tag, caveat), hmac(rootKey, identifier));
const identifier = randomBytes(22);
const signature = chain(identifier);

const cases = {
  mint: () => factory.mint(CAVEATS).encode().length,
  bareMint: () => chain(randomBytes(16)).length,
  judge: () => Number(manager.checkCapability(token, context).ok),
  bareJudge: () => Number(timingSafeEqual(chain(identifier), signature)),
  permit: () => Number(verdict.grant.permits("/kv/a", "read", context.timeMs)),
};
const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = -2; round < ROUNDS; round++) {
  for (const [name, work] of Object.entries(cases)) {
    const began = process.cpuUsage();
    let kept = 0;
    for (let turn = 0; turn < TURNS; turn++) kept += work();
    const { user, system } = process.cpuUsage(began);
    if (kept < TURNS) throw new Error(`${name} did not do its work`);
    if (round >= 0) times[name].push((user + system) / TURNS);
  }
}

const rows = [
  row("mint with 3 caveats, as text", "mint", "bareMint", 0.15),
  row("judge a text with 3 caveats", "judge", "bareJudge", 0.15),
  row("one more command under a judged token", "permit", "bareJudge", 3),
];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
for (const { name, ours, against, ratio } of rows) console.log(`${name}: ${ours} us CPU, bare HMAC chain ${against[0].value}, ratio ${ratio}`);

function row(name, ours, floor, bar) {
  const ratio = median(times[floor].map((time, round) => time / times[ours][round]));
  const against = [{ name: "bare chain of HMACs (node:crypto)", version: process.version, kind: "floor", value: round4(median(times[floor])) }];
  return { name, unit: "CPU us", better: "lower", ours: round4(median(times[ours])), against, ratio: round4(ratio), bar, command: COMMAND };
}

function round4(value) {
  return Number(value.toPrecision(4));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
