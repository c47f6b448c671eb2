/**
 * What a value costs on its way into bytes and back, beside the usual ways: JSON as UTF-8, msgpackr bare, and
 * `v8.serialize`. None of those refuses what would arrive otherwise (a Date, a Map, -0, undefined), and none bounds
 * what strangers' bytes make it build; here that is part of the price. Sides take turns, time is CPU time, and a ratio is
 * the median of the ratios of the rounds, against JSON.
 */
import { readFileSync, writeFileSync } from "node:fs";
import v8 from "node:v8";
import { Packr, Unpackr } from "msgpackr";
import { cpuNs } from "../../../scripts/measure.mjs";
import { valueCodec } from "../dist/index.js";

const ROUNDS = 15;
const WARM_ROUNDS = 3;
/** CPU time of one side in one round, in milliseconds. */
const ROUND_MS = 20;
const COMMAND = "npm run bench -w packages/values";

const request = (index) => ({ op: "put", key: `user:${index}`, n: index, ok: true, tags: ["a", "b"], at: { x: 1.5, y: null } });
const VALUES = [
  ["a request of 60 B", request(17), 0.4, 0.4],
  ["100 requests", Array.from({ length: 100 }, (_, index) => request(index)), 0.4, 0.5],
  ["1,000 numbers", Array.from({ length: 1_000 }, (_, index) => index * 77), 0.3, 0.5],
  ["3 kB of text", { text: "Grüße aus Köln, ".repeat(60), body: "x".repeat(2_000) }, 0.4, 0.5],
];

const codec = valueCodec();
const settings = { useRecords: false, copyBuffers: true };
const packr = new Packr(settings);
const unpackr = new Unpackr(settings);
const utf8 = new TextEncoder();
const text = new TextDecoder();
const { version } = JSON.parse(readFileSync(new URL("../../../node_modules/msgpackr/package.json", import.meta.url), "utf8"));

const SIDES = [
  { name: "JSON as UTF-8", version: process.version, kind: "floor", encode: (value) => utf8.encode(JSON.stringify(value)), decode: (bytes) => JSON.parse(text.decode(bytes)) },
  { name: "msgpackr, nothing checked", version, kind: "peer", encode: (value) => new Uint8Array(packr.pack(value)), decode: (bytes) => unpackr.unpack(bytes) },
  { name: "v8.serialize", version: process.version, kind: "floor", encode: (value) => v8.serialize(value), decode: (bytes) => v8.deserialize(bytes) },
];
const OURS = { name: "ours", encode: (value) => codec.encode(value), decode: (bytes) => codec.decode(bytes).value };

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];

/** Nanoseconds of each side, by round. */
function measure(runs) {
  const counts = runs.map((run) => {
    let count = 1;
    for (;;) {
      const took = timed(run, count);
      if (took >= (ROUND_MS * 1e6) / 2) return count;
      count *= 2;
    }
  });
  const rounds = [];
  for (let round = -WARM_ROUNDS; round < ROUNDS; round += 1) {
    const took = runs.map(() => 0);
    for (let turn = 0; turn < runs.length; turn += 1) {
      const side = (turn + round + WARM_ROUNDS) % runs.length;
      took[side] = timed(runs[side], counts[side]) / counts[side];
    }
    if (round >= 0) rounds.push(took);
  }
  return rounds;
}

let kept = 0;
function timed(run, count) {
  const start = cpuNs();
  for (let index = 0; index < count; index += 1) kept += run() === undefined ? 1 : 0;
  return cpuNs() - start;
}

const rows = [];
for (const [what, value, encodeBar, decodeBar] of VALUES) {
  for (const [direction, bar] of [["encode", encodeBar], ["decode", decodeBar]]) {
    const sides = [OURS, ...SIDES];
    const runs = sides.map((side) => {
      const bytes = side.encode(value);
      return direction === "encode" ? () => side.encode(value) : () => side.decode(bytes);
    });
    const rounds = measure(runs);
    const ratios = rounds.map(([ours, json]) => json / ours).sort((a, b) => a - b);
    const us = sides.map((_, side) => Number((median(rounds.map((round) => round[side])) / 1_000).toPrecision(3)));
    const row = {
      name: `${direction} ${what}, over JSON`,
      unit: "CPU us",
      better: "lower",
      ours: us[0],
      against: SIDES.map(({ name, version, kind }, index) => ({ name, version, kind, value: us[index + 1] })),
      ratio: Number(median(ratios).toFixed(2)),
      bar,
      spread: [Number(ratios[0].toFixed(2)), Number(ratios.at(-1).toFixed(2))],
      command: COMMAND,
    };
    rows.push(row);
    console.log(`${row.name}: ${us[0]} us; ${row.against.map(({ name, value }) => `${name} ${value}`).join("; ")}; ratio ${row.ratio}, promised ${bar}`);
  }
}
if (kept > 0) throw new Error("unreachable: keeps the loops alive");
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
