/** A million live versions, ours and hand-written: the memory of one, and reads of the past. */
import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { HLCTimestamp, HLCVersionStore, merkleDigest } from "@void-system/hlc";

const KEYS = 100_000;
const VERSIONS = 10;
const START_MS = 1_700_000_000_000;
/** Reads in one round. */
export const READS = 200_000;

setFlagsFromString("--expose-gc");
/** Collects all garbage. */
export const collect = runInNewContext("gc");

const hash = (bytes) => createHash("sha256").update(bytes).digest();
const store = new HLCVersionStore({ digest: merkleDigest(hash) });
/** The hand-written baseline: arrays of versions in a Map, searched for the last one not after a time. */
const map = new Map();
const keys = Array.from({ length: KEYS }, (_, index) => `key ${index}`);
const stampAt = (round, index) => new HLCTimestamp(START_MS + round * 1_000 + (index % 1_000), index & 0xff, "node_a");

/** Fills both, and measures the memory of a version with its stamp, its share of a key, and a value of 16 bytes. */
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

/**
 * Measures a checkpoint of a replicated log: the digest, and the hashes of all chunks. It is a single step, so its duration
 * is also the time for which it blocks the event loop. Measured after 100 changes to a store of 100,000 keys, and for the
 * first checkpoint, after all keys were written.
 */
export function checkpointCosts() {
  const large = new HLCVersionStore({ digest: merkleDigest(hash) });
  large.digest();
  let ms = START_MS;
  const write = (key) => large.put(key, new Uint8Array(64).fill(ms), new HLCTimestamp(ms++, 0, "node_a"));
  const step = () =>
    timed(() => {
      large.digest();
      const snapshot = large.snapshot();
      for (let index = 0; index < snapshot.chunks; index++) snapshot.chunkHash(index);
      snapshot.release();
    });
  const byHand = () =>
    timed(() => {
      const snapshot = large.snapshot();
      for (const chunk of snapshot) hash(chunk);
      snapshot.release();
    });
  for (const key of keys) write(key);
  const first = step();
  const rounds = Array.from({ length: 15 }, () => {
    for (let index = 0; index < 100; index++) write(keys[random(KEYS)]);
    return step();
  });
  const whole = Array.from({ length: 5 }, byHand);
  return [
    { name: "checkpoint of 100,000 keys after 100 changes", ours: median(rounds), theirs: median(whole) },
    { name: "first checkpoint, after 100,000 writes", ours: first, theirs: median(whole) },
  ];
}

function timed(run) {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

function median(list) {
  return list.toSorted((a, b) => a - b)[list.length >> 1];
}

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
