import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type DurableLog, InvalidLogNameError, lsn, NameTakenError, type Recovered } from "../src/index.ts";
import {
  type DirectoryDisk,
  directoryDisk,
  DiskLockedError,
  DiskPathError,
  LogDamagedError,
  LogVersionError,
  RECORD_BYTES_MAX,
  RecordTooLargeError,
} from "../src/node/index.ts";

let root = "";
let disks: DirectoryDisk[] = [];
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "void-disk-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(disks.map((disk) => close(disk)));
  disks = [];
  fs.rmSync(root, { recursive: true });
});

const close = (disk: DirectoryDisk): Promise<void> => new Promise((resolve) => disk.close(resolve));

function tryOpen(folder: string, segmentBytesMax?: number, cuts?: object[]): Promise<Recovered | Error> {
  const disk = directoryDisk(folder, {
    ...(segmentBytesMax && { segmentBytesMax }),
    logger: { log: (_level, event, fields) => cuts?.push({ event, ...fields }) },
  });
  disks.push(disk);
  return new Promise((resolve) => disk.open("votes", resolve));
}

async function open(folder: string, segmentBytesMax?: number, cuts?: object[]): Promise<Recovered> {
  const opened = await tryOpen(folder, segmentBytesMax, cuts);
  if (opened instanceof Error) throw opened;
  return opened;
}

/** Closes the disk, so that the next one may open the folder. */
async function end(): Promise<void> {
  await Promise.all(disks.splice(0).map((disk) => close(disk)));
}

const settled = (start: (done: (failure?: Error) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => start((failure) => (failure ? reject(failure) : resolve())));
const sync = (log: DurableLog): Promise<void> => settled((done) => log.sync(done));
const record = (value: number): Uint8Array => new Uint8Array(1 + (value % 7)).fill(value);
const values = (found: Recovered): number[] =>
  [...found.records].map((bytes) => {
    expect([...bytes]).toEqual([...record(bytes[0]!)]);
    return bytes[0]!;
  });

/** Writes batches of the given sizes, each with a sync. The records are 1, 2, 3… */
async function fill(log: DurableLog, batches: readonly number[], from = 1): Promise<void> {
  let value = from;
  for (const size of batches) {
    for (let added = 0; added < size; added += 1) log.append(record(value++));
    await sync(log);
  }
}

const folder = (): string => join(root, "disk");
const file = (name: string): string => join(folder(), "votes", name);
const FIRST = "0000000000000001.log";

describe("a log", () => {
  test("is fresh once, and keeps what was synced", async () => {
    const first = await open(folder());
    expect(first.fresh).toBe(true);
    expect(values(first)).toEqual([]);
    await fill(first.log, [1, 3]);
    first.log.append(record(5));
    await end();
    const second = await open(folder());
    expect(second.fresh).toBe(false);
    expect(values(second)).toEqual([1, 2, 3, 4]);
    await fill(second.log, [1], 5);
    await end();
    expect(values(await open(folder()))).toEqual([1, 2, 3, 4, 5]);
  });

  test("that was opened and never written to is not fresh again", async () => {
    await open(folder());
    await end();
    expect((await open(folder())).fresh).toBe(false);
  });

  test("answers syncs in order, each when its records are durable, and never from inside the call", async () => {
    const { log } = await open(folder());
    const synced: number[] = [];
    const all: Promise<void>[] = [];
    for (const value of [1, 2, 3]) {
      log.append(record(value));
      all.push(
        settled((done) =>
          log.sync((failure) => {
            synced.push(value);
            done(failure);
          })
        )
      );
      expect(synced).toEqual([]);
    }
    await Promise.all(all);
    expect(synced).toEqual([1, 2, 3]);
    await sync(log);
  });

  test("begins a new segment when one is large, and reads them all", async () => {
    const { log } = await open(folder(), 64);
    await fill(
      log,
      Array.from({ length: 20 }, () => 2)
    );
    await end();
    expect(fs.readdirSync(join(folder(), "votes")).filter((name) => name.endsWith(".log")).length).toBeGreaterThan(5);
    expect(values(await open(folder(), 64))).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  });

  test("is private", async () => {
    const { log } = await open(folder());
    await fill(log, [1]);
    await settled((done) => log.checkpoint(lsn(1), [], done));
    expect(fs.statSync(join(folder(), "votes")).mode & 0o777).toBe(0o700);
    for (const name of [FIRST, "born", "checkpoint"]) expect(fs.statSync(file(name)).mode & 0o777).toBe(0o600);
  });

  test("refuses a record that is too large, by a throw", async () => {
    const { log } = await open(folder());
    expect(() => log.append({ length: RECORD_BYTES_MAX + 1 } as Uint8Array)).toThrow(RecordTooLargeError);
  });
});

const chunks = (...texts: string[]): Uint8Array[] => texts.map((text) => new TextEncoder().encode(text));

function* breaking(): Generator<Uint8Array> {
  yield* chunks("new");
  throw new Error("no more");
}

describe("a checkpoint", () => {
  test("replaces the records up to its position; positions go on", async () => {
    const { log } = await open(folder(), 64);
    await fill(log, [5, 5]);
    log.append(record(11));
    await settled((done) => log.checkpoint(lsn(8), chunks("a", "", "bc"), done));
    await fill(log, [1], 12);
    await end();
    const found = await open(folder(), 64);
    expect(found.checkpoint?.upTo).toBe(8);
    expect([...found.checkpoint!.chunks].map((chunk) => new TextDecoder().decode(chunk))).toEqual(["a", "", "bc"]);
    expect(values(found)).toEqual([9, 10, 11, 12]);
    await settled((done) => found.log.checkpoint(lsn(12), chunks("d"), done));
    await end();
    const last = await open(folder(), 64);
    expect(values(last)).toEqual([]);
    await fill(last.log, [1], 13);
    await settled((done) => last.log.checkpoint(lsn(13), chunks("e"), done));
    await fill(last.log, [1], 14);
    expect(fs.readdirSync(join(folder(), "votes")).filter((name) => name.endsWith(".log")).length).toBeLessThanOrEqual(
      2
    );
    await end();
    expect(values(await open(folder(), 64))).toEqual([14]);
  });

  test("keeps the segment in use, also one without a record yet", async () => {
    await fill((await open(folder())).log, [1]);
    await end();
    fs.truncateSync(file(FIRST), 24);
    const { log } = await open(folder());
    for (const value of [1, 2]) {
      await settled((done) => log.checkpoint(lsn(0), [], done));
      await fill(log, [1], value);
    }
    await end();
    expect(values(await open(folder()))).toEqual([1, 2]);
  });

  test("is done, and the folder free, only when what it replaces is removed", async () => {
    const segments = (): string[] => fs.readdirSync(join(folder(), "votes")).filter((name) => name.endsWith(".log"));
    const { log } = await open(folder(), 64);
    await fill(log, [3, 3, 3, 3]);
    const before = segments().length;
    const held: (() => void)[] = [];
    const { unlink } = fs;
    const started = new Promise<void>((resolve) => {
      vi.spyOn(fs, "unlink").mockImplementation((path, done) => {
        held.push(() => unlink(path, done));
        resolve();
      });
    });
    log.checkpoint(lsn(12), [], () => expect.unreachable());
    await started;
    let free = false;
    const ended = end().then(() => (free = true));
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect([free, segments().length]).toEqual([false, before]);
    vi.restoreAllMocks();
    for (const go of held) go();
    await ended;
    expect(segments().length).toBe(1);
    expect(values(await open(folder(), 64))).toEqual([]);
  });

  test("that was never finished leaves the old one; one whose chunks throw is a failure", async () => {
    const { log } = await open(folder());
    await fill(log, [3]);
    await settled((done) => log.checkpoint(lsn(2), chunks("old"), done));
    await expect(settled((done) => log.checkpoint(lsn(3), breaking(), done))).rejects.toThrow(DiskPathError);
    await expect(sync(log)).rejects.toThrow(/no more/);
    await end();
    expect(fs.existsSync(file("checkpoint.new"))).toBe(true);
    const found = await open(folder());
    expect([...found.checkpoint!.chunks].map((chunk) => new TextDecoder().decode(chunk))).toEqual(["old"]);
    expect(values(found)).toEqual([3]);
    expect(fs.existsSync(file("checkpoint.new"))).toBe(false);
  });

  test("that is damaged anywhere is an error, never another state", async () => {
    const { log } = await open(folder());
    await fill(log, [3]);
    await settled((done) => log.checkpoint(lsn(2), chunks("one", "two"), done));
    await end();
    const sound = fs.readFileSync(file("checkpoint"));
    for (let at = 0; at < sound.length; at += 1) {
      const damaged = Buffer.from(sound);
      damaged[at]! ^= 0x10;
      fs.writeFileSync(file("checkpoint"), damaged);
      expect(await tryOpen(folder())).toBeInstanceOf(LogDamagedError);
      await end();
      fs.writeFileSync(file("checkpoint"), sound.subarray(0, at));
      expect(await tryOpen(folder())).toBeInstanceOf(LogDamagedError);
      await end();
    }
  });
});

describe("a tail that was torn", () => {
  test("at any byte is cut: every earlier batch stays, and the log goes on", async () => {
    const { log } = await open(folder());
    await fill(log, [2, 1, 3]);
    await end();
    const whole = fs.readFileSync(file(FIRST));
    // The ends of the header and of each batch. Headers have 24 bytes, a record has 4 bytes in front.
    const ends = [24, 24 + 24 + 2 * 4 + 2 + 3];
    ends.push(ends[1]! + 24 + 4 + 4, whole.length);
    const kept = [[], [1, 2], [1, 2, 3], [1, 2, 3, 4, 5, 6]];
    for (let length = 0; length < whole.length; length += 1) {
      fs.writeFileSync(file(FIRST), whole.subarray(0, length));
      const cuts: object[] = [];
      const found = await open(folder(), undefined, cuts);
      const batches = ends.filter((offset) => offset <= length).length - 1;
      const expected = kept[Math.max(0, batches)]!;
      expect(values(found), `cut at ${length}`).toEqual(expected);
      expect(cuts.length, `cut at ${length}`).toBe(ends.includes(length) ? 0 : 1);
      await fill(found.log, [1], expected.length + 1);
      await end();
      const again: object[] = [];
      expect(values(await open(folder(), undefined, again)), `cut at ${length}, and on`).toEqual([
        ...expected,
        expected.length + 1,
      ]);
      expect(again, "what was torn is gone").toEqual([]);
      await end();
      for (const name of fs.readdirSync(join(folder(), "votes"))) if (name.endsWith(".log")) fs.rmSync(file(name));
    }
  });

  test("of garbage or zeros is cut, and reported", async () => {
    const { log } = await open(folder());
    await fill(log, [2]);
    await end();
    const whole = fs.readFileSync(file(FIRST));
    for (const tail of [Buffer.alloc(100), Buffer.alloc(5, 0xff), whole.subarray(24, 50)]) {
      fs.writeFileSync(file(FIRST), Buffer.concat([whole, tail]));
      const cuts: object[] = [];
      expect(values(await open(folder(), undefined, cuts))).toEqual([1, 2]);
      expect(cuts).toEqual([{ event: "torn-tail-cut", file: file(FIRST), offset: whole.length, bytes: tail.length }]);
      await end();
    }
  });
});

describe("damage", () => {
  test("in the middle is an error that names file and offset, whichever byte it is", async () => {
    const { log } = await open(folder());
    await fill(log, [2, 1, 3]);
    await end();
    const sound = fs.readFileSync(file(FIRST));
    const lastBatch = sound.length - (24 + 3 * 4 + 5 + 6 + 7);
    for (let at = 0; at < lastBatch; at += 1) {
      const damaged = Buffer.from(sound);
      damaged[at]! ^= 0x04;
      fs.writeFileSync(file(FIRST), damaged);
      const opened = await tryOpen(folder());
      await end();
      expect(opened, `byte ${at}`).toBeInstanceOf(LogDamagedError);
      expect((opened as LogDamagedError).file).toBe(file(FIRST));
      expect((opened as LogDamagedError).offset).toBe(at < 24 ? 0 : at < 24 + 37 ? 24 : 24 + 37);
      expect(fs.readFileSync(file(FIRST)).equals(damaged), "nothing is cut").toBe(true);
    }
    // A damaged last batch cannot be distinguished from one that was never synced.
    for (let at = lastBatch; at < sound.length; at += 1) {
      const damaged = Buffer.from(sound);
      damaged[at]! ^= 0x04;
      fs.writeFileSync(file(FIRST), damaged);
      expect(values(await open(folder())), `byte ${at}`).toEqual([1, 2, 3]);
      await end();
    }
  });

  test("in an earlier segment, or a segment that is missing, is an error", async () => {
    const { log } = await open(folder(), 64);
    await fill(log, [3, 3, 3, 3, 3]);
    await end();
    const [first, second] = fs.readdirSync(join(folder(), "votes")).filter((name) => name.endsWith(".log"));
    const sound = fs.readFileSync(file(second!));
    fs.writeFileSync(file(second!), sound.subarray(0, sound.length - 1));
    expect(await tryOpen(folder())).toBeInstanceOf(LogDamagedError);
    await end();
    fs.rmSync(file(second!));
    expect(await tryOpen(folder())).toBeInstanceOf(LogDamagedError);
    await end();
    fs.writeFileSync(file(second!), sound);
    fs.rmSync(file(first!));
    expect(await tryOpen(folder())).toBeInstanceOf(LogDamagedError);
  });

  test("a sound batch in the wrong place is an error", async () => {
    const { log } = await open(folder());
    await fill(log, [2, 1]);
    await end();
    const sound = fs.readFileSync(file(FIRST));
    fs.writeFileSync(file(FIRST), Buffer.concat([sound, sound.subarray(24, 24 + 37)]));
    const opened = await tryOpen(folder());
    expect(opened).toBeInstanceOf(LogDamagedError);
    expect(String(opened)).toContain("expected the batch of record 4, got that of 1");
  });

  test("records cannot imitate a batch: its checksum starts from a salt of the segment", async () => {
    const other = join(root, "other");
    const { log } = await open(other);
    await fill(log, [1, 1]);
    await end();
    const batch = fs.readFileSync(join(other, "votes", FIRST)).subarray(24);
    const { log: victim } = await open(folder());
    await fill(victim, [1]);
    victim.append(batch);
    await sync(victim);
    await end();
    const bytes = fs.readFileSync(file(FIRST));
    fs.writeFileSync(file(FIRST), bytes.subarray(0, bytes.length - 1));
    expect(values(await open(folder()))).toEqual([1]);
  });

  test("another format is named", async () => {
    await open(folder());
    await end();
    fs.writeFileSync(file("born"), "VOIDLOG 2\n");
    expect(await tryOpen(folder())).toBeInstanceOf(LogVersionError);
    await end();
    fs.writeFileSync(file("born"), "VOID");
    expect((await open(folder())).fresh).toBe(false);
  });
});

describe("the folder", () => {
  test("is locked within the process, and free after close", async () => {
    await open(folder());
    const second = await tryOpen(folder());
    expect(second).toBeInstanceOf(DiskLockedError);
    expect((second as DiskLockedError).pid).toBe(process.pid);
    await end();
    expect(await tryOpen(folder())).not.toBeInstanceOf(Error);
  });

  test("is locked by another process while that lives, and taken over when it is gone", async () => {
    fs.mkdirSync(folder());
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
    fs.writeFileSync(join(folder(), "lock"), `${child.pid} \n`);
    const refused = await tryOpen(folder());
    expect(refused).toBeInstanceOf(DiskLockedError);
    expect(String(refused)).toContain(`pid ${child.pid}`);
    child.stdin.end();
    await once(child, "exit");
    await end();
    expect(await tryOpen(folder())).not.toBeInstanceOf(Error);
  });

  test("a lock whose number now belongs to another process is taken over", async () => {
    fs.mkdirSync(folder());
    fs.writeFileSync(join(folder(), "lock"), `${process.pid} an-earlier-boot/1\n`);
    expect(await tryOpen(folder())).not.toBeInstanceOf(Error);
    expect(fs.readdirSync(folder()).toSorted()).toEqual(["lock", "votes"]);
  });

  test("that cannot be used is an error that names the path and the remedy", async () => {
    fs.writeFileSync(folder(), "a file");
    const refused = await tryOpen(folder());
    expect(refused).toBeInstanceOf(DiskPathError);
    expect(String(refused)).toContain(folder());
    expect(String(refused)).toContain("a file is in the place of a folder");
    fs.rmSync(folder());
  });

  test("names of logs are checked, and each is open once", async () => {
    const disk = directoryDisk(folder());
    disks.push(disk);
    const answers = await Promise.all(
      ["../x", "", "a b", "votes", "votes"].map(
        (name) => new Promise<Recovered | Error>((resolve) => disk.open(name, resolve))
      )
    );
    expect(answers.slice(0, 3).every((answer) => answer instanceof InvalidLogNameError)).toBe(true);
    expect(answers[3]).not.toBeInstanceOf(Error);
    expect(answers[4]).toBeInstanceOf(NameTakenError);
  });

  test("after close nothing calls back", async () => {
    const { log } = await open(folder());
    log.append(record(1));
    let synced = false;
    log.sync(() => (synced = true));
    await end();
    log.append(record(2));
    log.sync(() => (synced = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(synced).toBe(false);
  });

  test("is not free before a write under way is done, however often it is closed", async () => {
    const { log } = await open(folder());
    log.append(new Uint8Array(4 * 1024 * 1024));
    log.sync(() => expect.unreachable());
    const [disk] = disks;
    const order: string[] = [];
    const closing = [1, 2].map(
      (time) =>
        new Promise<void>((resolve) => {
          disk!.close(() => {
            order.push(`closed ${time}`);
            resolve();
          });
        }),
    );
    expect(await tryOpen(folder())).toBeInstanceOf(DiskLockedError);
    await Promise.all(closing);
    expect(order).toEqual(["closed 1", "closed 2"]);
    await close(disk!);
    expect([...(await open(folder())).records].map((bytes) => bytes.length)).toEqual([4 * 1024 * 1024]);
  });

  test("that is full ends the log", async () => {
    const { log } = await open(folder());
    await fill(log, [1]);
    fs.rmSync(join(folder(), "votes"), { recursive: true });
    // The next segment cannot be created, as on a full disk.
    await expect(settled((done) => log.checkpoint(lsn(1), [], done))).rejects.toThrow(DiskPathError);
    await expect(sync(log)).rejects.toThrow(/could not/);
  });
});
