/**
 * The store of a replica by itself: CPU microseconds of an operation through the key-value machine, in bundles of 500, with a
 * checkpoint each 128 bundles and the history pruned, beside decoding the same bundles into a plain Map. Besides, rows through the
 * store, the memory of a key, and the longest step.
 *
 * `node bench/store.mjs` (packages built). CPU is that of the whole process, collections of garbage included.
 */
import { hash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { HLCVersionStore, merkleDigest } from "@void-system/hlc";
import { KeyValueMachine } from "@void-system/system";

const BUNDLE = 500;
const CHECKPOINT_BUNDLES = 128;
const VALUE = new Uint8Array(100).fill(7);
const START_MS = 1_700_000_000_000;
const MILLION = 1_000_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const sha256 = (bytes) => hash("sha256", bytes, "buffer");
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

let seed = 12_345;
/** Returns a whole number below a bound, the same sequence in every run. */
function random(bound) {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * bound);
}

/** Runs something, and returns its CPU time in microseconds. */
function cpu(run) {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** A bundle of 500 sets of 100 bytes, or gets. */
function bundle(keyOf, isGet = false) {
  const keys = Array.from({ length: BUNDLE }, () => encoder.encode(`key:${keyOf()}`));
  const bytes = new Uint8Array(3 + keys.reduce((sum, key) => sum + 3 + key.length + (isGet ? 0 : 5 + VALUE.length), 0));
  const view = new DataView(bytes.buffer);
  bytes[0] = 1;
  view.setUint16(1, BUNDLE);
  let at = 3;
  for (const key of keys) {
    bytes[at] = isGet ? 0 : 1;
    view.setUint16(at + 1, key.length);
    bytes.set(key, at + 3);
    at += 3 + key.length;
    if (isGet) continue;
    view.setUint32(at, VALUE.length);
    bytes.set(VALUE, at + 4);
    at += 5 + VALUE.length;
  }
  return bytes;
}

/** Decodes a bundle into a Map of text and copied values. */
function decodeInto(map, bytes) {
  const view = new DataView(bytes.buffer);
  for (let at = 3; at < bytes.length; ) {
    const keyEnd = at + 3 + view.getUint16(at + 1);
    const key = decoder.decode(bytes.subarray(at + 3, keyEnd));
    if (bytes[at] === 0) {
      map.get(key);
      at = keyEnd;
      continue;
    }
    at = keyEnd + 5 + view.getUint32(keyEnd);
    map.set(key, bytes.slice(keyEnd + 4, at - 1));
  }
}

/** A machine under load. Its steps are bundles, prunes within them, and slices of checkpoints. */
class Load {
  machine = new KeyValueMachine(sha256, "bench");
  sequence = 0;
  /** CPU milliseconds of the longest step of each kind. */
  longestMs = {};

  /** @param historyBundles - Bundles that the history holds: those of 60 s. */
  constructor(historyBundles) {
    this.intervalMs = 60_000 / historyBundles;
  }

  apply(bytes) {
    this.sequence += 1;
    const time = { physicalMs: START_MS + Math.floor(this.sequence * this.intervalMs), logical: 0, nodeId: "node0" };
    this.#step("bundle", () => this.machine.apply([{ client: "client", operation: bytes }], { sequence: this.sequence, time, random: VALUE }));
  }

  /** A checkpoint hashed in slices of 256 pages. */
  checkpoint() {
    let snapshot;
    this.#step("capture", () => (snapshot = this.machine.snapshot()));
    for (let isDone = false; !isDone; ) this.#step("256 pages hashed", () => (isDone = snapshot.hashSome(256)));
    snapshot.digest();
    this.#step("release", () => snapshot.release());
  }

  #step(kind, run) {
    this.longestMs[kind] = Math.max(this.longestMs[kind] ?? 0, cpu(run) / 1_000);
  }
}

/** Measures sets, and then gets, with so many keys there before, both after as many that compile the code. */
function measure({ name, existing, keyOf, bundles, bars, historyBundles = 60, load = new Load(historyBundles) }) {
  const map = new Map();
  let next = 0;
  for (let index = 0; index < existing / BUNDLE; index++) {
    const bytes = bundle(() => next++);
    load.apply(bytes);
    decodeInto(map, bytes);
    if (index % CHECKPOINT_BUNDLES === 0) load.checkpoint();
  }
  // Warm: compiled, and with a history to prune.
  if (existing > 0) for (let index = 0; index < 700 * Number(existing < 100_000); index++) load.apply(bundle(keyOf));
  load.checkpoint();
  let ours = 0;
  let theirs = 0;
  for (let index = 1; index <= bundles; index++) {
    const bytes = bundle(keyOf);
    ours += cpu(() => load.apply(bytes));
    theirs += cpu(() => decodeInto(map, bytes));
    if (index % CHECKPOINT_BUNDLES === 0) ours += cpu(() => load.checkpoint());
  }
  report(`SET, ${name}`, ours / bundles / BUNDLE, bars[0], theirs / bundles / BUNDLE);
  if (bars[1] !== undefined) {
    const gets = 200;
    for (let index = 0; index < gets; index++) {
      const bytes = bundle(keyOf, true);
      load.apply(bytes);
      decodeInto(map, bytes);
    }
    ours = theirs = 0;
    for (let index = 0; index < gets; index++) {
      const bytes = bundle(keyOf, true);
      ours += cpu(() => load.apply(bytes));
      theirs += cpu(() => decodeInto(map, bytes));
    }
    report(`GET, ${name}`, ours / gets / BUNDLE, bars[1], theirs / gets / BUNDLE);
  }
  return load;
}

/** Measures the longest steps of an import of 1,000,000 keys and of random writes, without a Map whose growth would count. */
function steps() {
  const load = new Load(60);
  let next = 0;
  for (let index = 1; index <= MILLION / BUNDLE + 512; index++) {
    load.apply(bundle(() => (next < MILLION ? next++ : random(MILLION))));
    // The first bundles compile the code.
    if (index === 64) load.longestMs = {};
    if (index % CHECKPOINT_BUNDLES === 0) load.checkpoint();
  }
  const list = Object.entries(load.longestMs).map(([kind, ms]) => `${kind} ${ms.toFixed(1)}`);
  say(`longest steps at up to 1,000,000 keys, garbage collections in them: ${list.join(", ")} CPU-ms (20)`);
}

/** Measures new keys in an ordered store, through its rows. */
function ordered() {
  const store = new HLCVersionStore({ ordered: true, digest: merkleDigest(sha256) });
  const key = new Uint8Array(20);
  const stamp = { physicalMs: START_MS, logical: 0, nodeId: "node0" };
  const us = cpu(() => {
    for (let index = 0; index < MILLION; index++) {
      stamp.physicalMs = START_MS + Math.floor(index / 50);
      stamp.logical = index % 50;
      const { written } = encoder.encodeInto(`key:${(Math.imul(index + 1, 2_654_435_761) >>> 0).toString(36)}`, key);
      store.rows.put(key, 0, written, VALUE, 0, VALUE.length, stamp);
      if (index % (BUNDLE * CHECKPOINT_BUNDLES) === 0) store.digest();
      if (index % 32_000 === 0) store.prune({ ...stamp, physicalMs: stamp.physicalMs - 1_000 });
    }
  });
  report("SET of new keys in random order up to 1,000,000, ordered", us / MILLION, 7);
}

/** Writes rows as the one layout for all types has them: a field of a hash, an item of a block, a pair of a sorted set. */
function rows() {
  const store = new HLCVersionStore({ ordered: true, digest: merkleDigest(sha256) });
  const stamp = { physicalMs: START_MS, logical: 0, nodeId: "node0" };
  const key = new Uint8Array(64);
  const view = new DataView(key.buffer);
  const run = (count, encode) =>
    cpu(() => {
      for (let index = 0; index < count; index++) {
        if (++stamp.logical > 500) {
          stamp.physicalMs += 1;
          stamp.logical = 0;
        }
        store.rows.put(key, 0, encode(random(100_000)), VALUE, 0, VALUE.length, stamp);
        if (index % 64_000 === 0) store.digest();
        if (index % 32_000 === 0) store.prune({ ...stamp, physicalMs: stamp.physicalMs - 60 });
      }
    }) / count;
  const kinds = {
    "a key of 100,000": (index) => encoder.encodeInto(`key:${index}`, key).written,
    "a field of a hash of 100,000": (index) => {
      key[0] = 2;
      view.setFloat64(1, 1);
      return 9 + encoder.encodeInto(`field:${index}`, key.subarray(9)).written;
    },
    "an item of a list of 100,000": (index) => {
      key[0] = 3;
      view.setFloat64(1, 2);
      view.setUint32(9, index);
      return 13;
    },
    "a pair of a sorted set of 100,000": (index) => {
      key[0] = 4;
      view.setFloat64(1, 3);
      view.setFloat64(9, index);
      return 17 + encoder.encodeInto(`member:${index}`, key.subarray(17)).written;
    },
  };
  let base;
  for (const [name, encode] of Object.entries(kinds)) {
    run(300_000, encode);
    const us = run(300_000, encode);
    base ??= us;
    report(`row: ${name}`, us, base === us ? undefined : base * 2);
  }
}

/** Measures the memory of 1,000,000 keys with one version each, over keys and values. */
function memory() {
  const used = () => {
    collect();
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const machine = new KeyValueMachine(sha256, "bench");
  let keyBytes = 0;
  let next = 0;
  for (let index = 1; index <= MILLION / BUNDLE; index++) {
    const time = { physicalMs: START_MS + index * 10_000, logical: 0, nodeId: "node0" };
    const operation = bundle(() => {
      keyBytes += `key:${next}`.length;
      return next++;
    });
    machine.apply([{ client: "client", operation }], { sequence: index, time, random: VALUE });
  }
  machine.root();
  const bytes = (used() - before - keyBytes) / MILLION - VALUE.length;
  say(`memory of a key over key and value, 1,000,000 keys: ${bytes.toFixed(0)} bytes (120)`);
  return machine;
}

function report(name, us, bar, map) {
  const beside = map === undefined ? "" : `; decoding and a Map ${map.toFixed(2)}, ratio ${(us / map).toFixed(2)}`;
  say(`${name}: ${us.toFixed(2)} CPU-us${bar === undefined ? "" : ` (${bar.toFixed(2)})`}${beside}`);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}

const parts = {
  small: () => {
    const keyOf = () => random(10_000);
    measure({ name: "10,000 existing keys", existing: 10_000, keyOf, bundles: 1_024, bars: [1.5, 0.8] });
    measure({ name: "10,000 existing keys, a history of 300,000 versions", existing: 10_000, keyOf, bundles: 1_024, bars: [], historyBundles: 600 });
  },
  large: () => {
    let next = 0;
    const load = measure({ name: "new keys up to 1,000,000", existing: 0, keyOf: () => next++, bundles: MILLION / BUNDLE, bars: [4] });
    measure({ name: "1,000,000 existing keys at random", existing: 0, keyOf: () => random(MILLION), bundles: 384, bars: [6, 2], load });
  },
  steps,
  ordered,
  rows,
  memory,
};
for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts)) parts[name]();
