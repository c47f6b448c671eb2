import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { afterAll, describe, expect, test } from "vitest";
import {
  DamagedSnapshotError,
  HLCTimestamp,
  HLCVersionStore,
  InvalidOptionError,
  LevelSnapshots,
  merkleDigest,
  ReleasedError,
  type SnapshotDatabase,
} from "../src/index.ts";

const hash = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();
const digest = merkleDigest(hash);
const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");
const bytes = (chunks: Iterable<Uint8Array> = []) => hex(Buffer.concat([...chunks]));
const folder = mkdtempSync(join(tmpdir(), "void-hlc-level-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** From docs/format.md. */
const MANIFEST =
  "56484d0100000000000000000002353cf41a0d20d1f71d883209922e590f0d073f5c228c89af42a61dbf10439469e508a80629d75e1ede2" +
  "50f64e7037d382ccd478affe042f8484e302a79c838ab1884532ae0678c119bbca161502fe47c4c62b383a3c8c96012132a531794fe70";

/** Fills a store with the given number of chunks of 1,024 bytes. */
function filled(chunks: number, round = 0): HLCVersionStore {
  const store = new HLCVersionStore({ digest: merkleDigest(hash, { chunkBytes: 1_024 }) });
  for (let index = 0; index < chunks; index++) {
    store.put(`key ${index}`, new Uint8Array(970).fill(round), new HLCTimestamp(1 + round, 0, "a"));
  }
  return store;
}

async function save(kept: LevelSnapshots, store: HLCVersionStore): Promise<void> {
  const snapshot = store.snapshot();
  try {
    await kept.save(snapshot);
  } finally {
    snapshot.release();
  }
}

/** Returns the digest of the saved state, loaded as after a restart. */
async function keptDigest(level: SnapshotDatabase): Promise<string | undefined> {
  const chunks = await new LevelSnapshots(level, { hash }).load();
  if (!chunks) return undefined;
  const store = new HLCVersionStore({ digest });
  store.restore(chunks);
  return hex(store.digest());
}

/** A database that stops at write `left` and stays stopped, like a killed process. */
class Mortal extends MemoryLevel<string, string> {
  left = Number.POSITIVE_INFINITY;
  writes = 0;
  #write(): void {
    this.writes += 1;
    if (--this.left < 0) throw new Error("killed");
  }
  async _put(...args: unknown[]): Promise<void> {
    this.#write();
    // @ts-expect-error Not in the published types; the methods that levels implement.
    return super._put(...args);
  }
  async _batch(...args: unknown[]): Promise<void> {
    this.#write();
    // @ts-expect-error As above.
    return super._batch(...args);
  }
  async _clear(...args: unknown[]): Promise<void> {
    this.#write();
    // @ts-expect-error As above.
    return super._clear(...args);
  }
}

const levels = {
  memory: () => new MemoryLevel<string, string>(),
  classic: () => new ClassicLevel<string, string>(mkdtempSync(join(folder, "db-"))),
};

describe.each(Object.entries(levels))("in a %s level", (_, open) => {
  test("the newest snapshot is loaded, older ones are deleted and other sublevels untouched", async () => {
    const level = open();
    const kept = new LevelSnapshots(level, { hash });
    expect(await kept.load()).toBeUndefined();
    const neighbour = level.sublevel("other");
    await neighbour.put("key", "value");
    for (const [round, chunks] of [12, 40, 1].entries()) {
      const store = filled(chunks, round);
      await save(kept, store);
      expect(await keptDigest(level)).toBe(hex(store.digest()));
      const keys = await level.sublevel("hlc-snapshot").keys().all();
      expect(keys).toHaveLength(store.snapshot().chunks + 1);
    }
    expect(await neighbour.get("key")).toBe("value");
    await level.close();
  });

  test("a damaged or missing chunk is named, and a damaged manifest is reported", async () => {
    const level = open();
    const kept = new LevelSnapshots(level, { hash });
    await save(kept, filled(5));
    // Both have it, but their overloads have no type in common.
    const raw = (level as ClassicLevel<string, string>).sublevel<string, Uint8Array>("hlc-snapshot", { keyEncoding: "utf8", valueEncoding: "view" });
    for await (const [key, value] of raw.iterator()) {
      const chunk = key === "manifest" ? undefined : Number.parseInt(key.slice(-4), 16);
      for (const offset of [0, 10, 13, 14, value.length - 1]) {
        const damaged = Uint8Array.from(value);
        damaged[offset] = (damaged[offset] ?? 0) ^ 1;
        for (const bytes of [damaged, value.subarray(0, offset)]) {
          await raw.put(key, bytes);
          const error = await kept.load().catch((caught: unknown) => caught);
          expect(error).toBeInstanceOf(DamagedSnapshotError);
          expect(error).toMatchObject({ chunk, code: "ERR_HLC_DAMAGED_SNAPSHOT" });
        }
      }
      if (chunk !== undefined) {
        await raw.del(key);
        await expect(kept.load()).rejects.toMatchObject({ chunk });
      }
      await raw.put(key, value);
    }
    expect(await keptDigest(level)).toBe(hex(filled(5).digest()));
    await raw.put("manifest", new Uint8Array(0));
    await save(kept, filled(2, 1));
    expect(await keptDigest(level)).toBe(hex(filled(2, 1).digest()));
    await level.close();
  });
});

describe("a crash", () => {
  test("at any write leaves the old or the new snapshot, and the next save leaves no garbage", async () => {
    const crash = fc.asyncProperty(fc.nat(5), fc.nat(9), fc.array(fc.nat(12), { maxLength: 3 }), async (old, chunks, deaths) => {
      const level = new Mortal();
      if (old > 0) await save(new LevelSnapshots(level, { hash }), filled(old));
      let possible = [await keptDigest(level)];
      for (const [index, writes] of deaths.entries()) {
        const store = filled(chunks, index + 1);
        level.left = writes;
        await save(new LevelSnapshots(level, { hash }), store).catch(() => undefined);
        level.left = Number.POSITIVE_INFINITY;
        const found = await keptDigest(level);
        expect([...possible, hex(store.digest())]).toContain(found);
        possible = [found];
      }
      const last = filled(2, 9);
      await save(new LevelSnapshots(level, { hash }), last);
      expect(await keptDigest(level)).toBe(hex(last.digest()));
      expect(await level.keys().all()).toHaveLength(last.snapshot().chunks + 1);
    });
    await fc.assert(crash, { numRuns: 100 });
  });

  test("each chunk is written separately, so that a save never holds more than one", async () => {
    const level = new Mortal();
    const store = filled(7);
    await save(new LevelSnapshots(level, { hash }), store);
    expect(level.writes).toBe(store.snapshot().chunks + 2);
  });
});

test("saves and loads of one object do not overlap", async () => {
  const level = new MemoryLevel();
  const kept = new LevelSnapshots(level, { hash });
  const [first, second] = [filled(9, 1), filled(3, 2)];
  const both = Promise.all([save(kept, first), kept.load(), save(kept, second)]);
  expect(bytes(await kept.load())).toBe(bytes(second.snapshot()));
  expect(bytes((await both)[1])).toBe(bytes(first.snapshot()));
});

test("a snapshot released during its save is refused, and the previous one is kept", async () => {
  const kept = new LevelSnapshots(new MemoryLevel(), { hash, name: "mine" });
  const store = filled(3);
  await save(kept, store);
  const snapshot = filled(3, 1).snapshot();
  snapshot.release();
  await expect(kept.save(snapshot)).rejects.toThrow(ReleasedError);
  expect(bytes(await kept.load())).toBe(bytes(store.snapshot()));
  expect(() => new LevelSnapshots(new MemoryLevel(), { hash: (bytes) => bytes })).toThrow(InvalidOptionError);
});

test("the layout is that of docs/format.md", async () => {
  const level = new MemoryLevel<string, Uint8Array>({ valueEncoding: "view" });
  const store = new HLCVersionStore({ digest });
  store.put("b", Uint8Array.of(0x33), new HLCTimestamp(3, 0, "a"));
  store.put("c", Uint8Array.of(0x34), new HLCTimestamp(4, 0, "a"));
  store.merge("d", undefined, new HLCTimestamp(5, 0, "a"));
  await save(new LevelSnapshots(level, { hash }), store);
  const found = (await level.iterator().all()).map(([key, value]) => [key, hex(value)]);
  expect(found).toEqual([
    ["!hlc-snapshot!000000000000/0000", hex(store.snapshot().chunk(0))],
    ["!hlc-snapshot!000000000000/0001", hex(store.snapshot().chunk(1))],
    ["!hlc-snapshot!manifest", MANIFEST],
  ]);
});
