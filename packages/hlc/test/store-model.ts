/**
 * Runs the same random operations on the store and on a naive model, and compares every result.
 */
import { deepStrictEqual as deepEqual } from "node:assert";
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { compareTimestamps, HLCTimestamp, HLCVersionStore, merkleDigest, VersionPrunedError, WriteConflictError } from "../src/index.ts";
import type { StateDigest, StoreSnapshot } from "../src/index.ts";

const OPERATIONS_PER_RUN = 50;

/**
 * Runs at least that many operations, in histories of 50, and returns their number. Throws with the seed and the
 * shortest history that fails.
 */
export function compareWithModel(operations: number): number {
  let done = 0;
  const history = fc.array(operation, { minLength: OPERATIONS_PER_RUN, maxLength: OPERATIONS_PER_RUN });
  const property = fc.property(history, (steps) => {
    const pair = new Pair();
    for (const step of steps) pair.run(step);
    pair.finish();
    done += steps.length;
  });
  fc.assert(property, { numRuns: Math.ceil(operations / OPERATIONS_PER_RUN) });
  return done;
}

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
export const digest: StateDigest = merkleDigest(hash);
/** Values are as long as a number of so many bytes, so that few keys make many pages, some of them larger than a page. */
export const bytesOf = (value: number): Uint8Array => new Uint8Array(1 + (value % 16 === 0 ? value * 24 : value % 7)).fill(value);
const compareKeys = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const at = (physicalMs: number) => new HLCTimestamp(physicalMs, 0, "a");

/** Builds the same state from scratch: the digest must not depend on the history. */
function rebuilt(store: HLCVersionStore): HLCVersionStore {
  const other = new HLCVersionStore({ digest });
  for (const entry of store.scan({ reverse: true })) other.put(entry.key, entry.value, entry.at);
  if (store.newest && (!other.newest || compareTimestamps(other.newest, store.newest) < 0)) {
    other.merge("\0", undefined, store.newest);
  }
  return other;
}

/** The chunks and the digest that a snapshot has to have later on, from another store of the same entries. */
function copyOf(store: HLCVersionStore): { readonly digest: Uint8Array; readonly chunks: Uint8Array[] } {
  const other = rebuilt(store);
  return { digest: other.digest(), chunks: [...other.snapshot()] };
}

/** Every write ever made, and a search through all of them. */
class Model {
  readonly writes: { readonly key: string; readonly ms: number; readonly value: number | undefined }[] = [];
  horizonMs = -1;
  /** Times kept by open pins. */
  kept: readonly number[] = [];

  readable(ms: number): boolean {
    return ms >= this.horizonMs || this.kept.includes(ms);
  }

  read(key: string, ms: number): number | undefined {
    return this.#visible(ms).get(key)?.value;
  }

  write(key: string, ms: number, value: number | undefined): "written" | "conflict" | "nothing" {
    if (this.#closed(ms) || this.writes.some((write) => write.key === key && write.ms >= ms)) return "conflict";
    if (value === undefined && this.read(key, ms) === undefined) return "nothing";
    this.writes.push({ key, ms, value });
    return "written";
  }

  merge(key: string, ms: number, value: number | undefined): boolean | "conflict" {
    if (this.#closed(ms)) return "conflict";
    const same = this.writes.findIndex((write) => write.key === key && write.ms === ms);
    if (same >= 0 && !isGreater(value, this.writes[same]?.value)) return false;
    if (same >= 0) this.writes.splice(same, 1);
    this.writes.push({ key, ms, value });
    return true;
  }

  live(ms: number): [string, number][] {
    const found: [string, number][] = [];
    for (const { key, value } of this.#visible(ms).values()) if (value !== undefined) found.push([key, value]);
    return found.sort(([a], [b]) => compareKeys(a, b));
  }

  #visible(ms: number): Map<string, Model["writes"][number]> {
    const newest = new Map<string, Model["writes"][number]>();
    for (const write of this.writes) {
      if (write.ms <= ms && !((newest.get(write.key)?.ms ?? -1) > write.ms)) newest.set(write.key, write);
    }
    return newest;
  }

  #closed(ms: number): boolean {
    return ms <= Math.max(this.horizonMs, ...this.kept);
  }
}

/** Of two writes with one stamp, the greater bytes win, and anything wins over a deletion. */
function isGreater(value: number | undefined, other: number | undefined): boolean {
  if (value === undefined) return false;
  return other === undefined || Buffer.compare(bytesOf(value), bytesOf(other)) > 0;
}

const KEYS = ["", "a", "b", "ba", "c", "é", "😀", "\uffff"];
const key = fc.constantFrom(...KEYS);
const ms = fc.nat({ max: 60 });
const value = fc.nat({ max: 255 });
const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("put" as const), key, ms, value }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), key, ms }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("merge" as const), key, ms, value: fc.option(value, { nil: undefined }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), ms, from: key, to: fc.option(key, { nil: undefined }), reverse: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("prune" as const, "pin" as const), ms }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("snapshot" as const, "release" as const, "unpin" as const, "restore" as const, "digest" as const) }),
  },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const outcome = <T>(attempt: () => T): T | "conflict" | "pruned" => {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof WriteConflictError) return "conflict";
    if (error instanceof VersionPrunedError) return "pruned";
    throw error;
  }
};

/** A store and its model, side by side. */
class Pair {
  readonly store: HLCVersionStore = new HLCVersionStore({ digest, ordered: true });
  readonly model = new Model();
  readonly #snapshots: { readonly snapshot: StoreSnapshot; readonly ms: number; readonly live: readonly [string, number][]; readonly chunks: readonly Uint8Array[]; readonly digest: Uint8Array }[] = [];
  readonly #pins: { readonly ms: number; readonly release: () => void }[] = [];

  run(step: Operation): void {
    const { store, model } = this;
    if (step.do === "put") {
      const result = outcome(() => store.put(step.key, bytesOf(step.value), at(step.ms)));
      deepEqual(result ?? "written", model.write(step.key, step.ms, step.value));
    } else if (step.do === "delete") {
      const expected = model.write(step.key, step.ms, undefined);
      const result = outcome(() => store.delete(step.key, at(step.ms)));
      deepEqual(result, { written: true, nothing: false, conflict: "conflict" }[expected]);
    } else if (step.do === "merge") {
      const bytes = step.value === undefined ? undefined : bytesOf(step.value);
      deepEqual(outcome(() => store.merge(step.key, bytes, at(step.ms))), model.merge(step.key, step.ms, step.value));
    } else if (step.do === "read") {
      this.#read(step);
    } else if (step.do === "prune") {
      store.prune(at(step.ms));
      model.horizonMs = Math.max(model.horizonMs, step.ms);
    } else {
      this.#hold(step);
    }
    model.kept = this.#pins.map((pin) => pin.ms);
    const live = model.live(Number.POSITIVE_INFINITY);
    deepEqual([...store.scan()].map((entry) => [entry.key, entry.value[0]]), live);
    deepEqual([store.size, store.count(), [...store.keys()]], [live.length, live.length, live.map(([name]) => name)]);
  }

  #read(step: Operation & { readonly do: "read" }): void {
    const { store, model } = this;
    const { ms: time, from, to, reverse } = step;
    const range = { from, reverse, ...(to === undefined ? {} : { to }) };
    const entries = outcome(() => [...store.scan(range, at(time))].map((entry) => [entry.key, entry.value[0]]));
    const expected = model.live(time).filter(([name]) => compareKeys(name, from) >= 0 && (to === undefined || compareKeys(name, to) < 0));
    deepEqual(entries, model.readable(time) ? (reverse ? expected.toReversed() : expected) : "pruned");
    const now = model.live(Number.POSITIVE_INFINITY).filter(([name]) => compareKeys(name, from) >= 0 && (to === undefined || compareKeys(name, to) < 0));
    deepEqual(store.count(range), now.length);
    deepEqual(outcome(() => store.get(from, at(time))?.[0]), model.readable(time) ? model.read(from, time) : "pruned");
  }

  /** Open snapshots, which keep pages, and pins, which keep versions. They must still read as they did. */
  #hold(step: Operation): void {
    const { store, model } = this;
    if (step.do === "pin") {
      const release = outcome(() => store.pin(at(step.ms)));
      deepEqual(release === "pruned", !model.readable(step.ms));
      if (typeof release === "function") this.#pins.push({ ms: step.ms, release });
    } else if (step.do === "unpin") {
      const pin = this.#pins.shift();
      if (!pin) return;
      for (const name of KEYS) deepEqual(store.get(name, at(pin.ms))?.[0], model.read(name, pin.ms));
      pin.release();
      pin.release();
    } else if (step.do === "digest") {
      deepEqual(store.digest(), rebuilt(store).digest());
    } else if (step.do === "snapshot") {
      const { digest: taken, chunks } = copyOf(store);
      this.#snapshots.push({ snapshot: store.snapshot(), ms: store.newest?.physicalMs ?? -1, live: model.live(Number.POSITIVE_INFINITY), chunks, digest: taken });
    } else if (step.do === "release" || step.do === "restore") {
      this.#end(step.do);
    }
  }

  /** Checks that the oldest snapshot is unchanged, and restores the state it was taken from. */
  #end(how: "release" | "restore"): void {
    const taken = this.#snapshots.shift();
    if (!taken) return;
    const chunks = [...taken.snapshot];
    deepEqual([chunks, taken.snapshot.digest()], [taken.chunks, taken.digest]);
    taken.snapshot.release();
    if (how === "release") return;
    for (const other of this.#snapshots.splice(0)) other.snapshot.release();
    for (const pin of this.#pins.splice(0)) pin.release();
    this.store.restore(chunks);
    deepEqual(this.store.digest(), taken.digest);
    const live = taken.live.map(([name, byte]) => ({ key: name, ms: taken.ms, value: byte }));
    this.model.writes.splice(0, this.model.writes.length, ...live);
    this.model.horizonMs = taken.ms;
  }

  /** Checks that once nothing is held, only one version of each live key is left. */
  finish(): void {
    const { store } = this;
    deepEqual(store.digest(), rebuilt(store).digest());
    for (const { snapshot } of this.#snapshots) snapshot.release();
    for (const pin of this.#pins) pin.release();
    store.prune(at(1_000));
    const fresh = new HLCVersionStore({ digest });
    fresh.restore(store.snapshot());
    deepEqual([store.versions, store.bytes, store.digest()], [store.size, fresh.bytes, fresh.digest()]);
  }
}
