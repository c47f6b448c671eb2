/** A million live versions, ours and hand-written: the memory of one, and reads of the past. */
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { HLCTimestamp, HLCVersionStore } from "@void-system/hlc";

const KEYS = 100_000;
const VERSIONS = 10;
const START_MS = 1_700_000_000_000;
/** Reads in one round. */
export const READS = 200_000;

setFlagsFromString("--expose-gc");
/** Collects all garbage. */
export const collect = runInNewContext("gc");

const store = new HLCVersionStore({ hash: (bytes) => createHash("sha256").update(bytes).digest() });
/** What one writes without a library: arrays of versions in a Map, searched for the last one not after a time. */
const map = new Map();
const keys = Array.from({ length: KEYS }, (_, index) => `key ${index}`);
const stampAt = (round, index) => new HLCTimestamp(START_MS + round * 1_000 + (index % 1_000), index & 0xff, "node_a");

/** Fills both, and says what a version takes, with its stamp, its share of a key, and a value of 16 bytes. */
export function versionMemory() {
  const empty = used();
  for (let round = 0; round < VERSIONS; round++) {
    for (let index = 0; index < KEYS; index++) store.put(keys[index], new Uint8Array(16), stampAt(round, index));
  }
  const filled = used();
  for (let round = 0; round < VERSIONS; round++) {
    for (let index = 0; index < KEYS; index++) {
      const { physicalMs, logical } = stampAt(round, index);
      const chain = map.get(keys[index]);
      const version = { physicalMs, logical, value: new Uint8Array(16) };
      if (chain) chain.push(version);
      else map.set(keys[index], [version]);
    }
  }
  const perVersion = (bytes) => Math.round(bytes / store.versions);
  return { ours: perVersion(filled - empty), byHand: perVersion(used() - filled) };
}

// The same questions to both: random keys, random times.
let seed = 1;
const random = (sides) => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff) % sides;
const questions = Array.from({ length: READS }, () => ({
  key: keys[random(KEYS)],
  at: new HLCTimestamp(START_MS + random(VERSIONS * 1_000), random(256), "node_a"),
}));

export const readCases = {
  "get() at a past time": () => {
    let sum = 0;
    for (const { key, at } of questions) sum += store.get(key, at)?.length ?? 0;
    return sum;
  },
  "a Map of arrays, binary search": () => {
    let sum = 0;
    for (const { key, at } of questions) sum += readByHand(key, at)?.length ?? 0;
    return sum;
  },
};

function readByHand(key, { physicalMs, logical }) {
  const chain = map.get(key);
  if (!chain) return undefined;
  let low = 0;
  let high = chain.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const version = chain[middle];
    if (version.physicalMs < physicalMs || (version.physicalMs === physicalMs && version.logical <= logical)) low = middle + 1;
    else high = middle;
  }
  return low > 0 ? chain[low - 1].value : undefined;
}

function used() {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
