import { createHash } from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  addressOfBlob,
  type BlobAddress,
  blobAddress,
  BLOB_BYTES_MAX,
  BlobDamagedError,
  BlobMissingError,
  type BlobStore,
  type Disk,
  InvalidBlobAddressError,
  InvalidLogNameError,
  memoryDisk,
  NameTakenError,
  type OpenedBlobs,
  platformClock,
} from "../src/index.ts";
import { type DirectoryDisk, directoryDisk, DiskPathError, RecordTooLargeError } from "../src/node/index.ts";

let root = "";
let disks: DirectoryDisk[] = [];
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "void-blobs-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await closeAll();
  fs.rmSync(root, { recursive: true });
});

async function closeAll(): Promise<void> {
  await Promise.all(disks.splice(0).map((disk) => new Promise<void>((resolve) => disk.close(resolve))));
}
function directory(name = "disk"): DirectoryDisk {
  const disk = directoryDisk(join(root, name));
  disks.push(disk);
  return disk;
}

const answered = <A>(begin: (done: (answer: A | Error) => void) => void): Promise<A> =>
  new Promise((resolve, reject) => begin((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))));
const open = (disk: Disk, name = "parts"): Promise<OpenedBlobs> => answered((done) => disk.openBlobs(name, done));
const put = (blobs: BlobStore, bytes: Uint8Array): Promise<BlobAddress> => answered((done) => blobs.put(bytes, done));
const get = (blobs: BlobStore, address: BlobAddress): Promise<Uint8Array> => answered((done) => blobs.get(address, done));
const drop = (blobs: BlobStore, ...addresses: BlobAddress[]): Promise<void> =>
  answered((done) => blobs.drop(addresses, (failure) => done(failure ?? undefined)));
const blob = (text: string): Uint8Array => new TextEncoder().encode(text);
const pathOf = (address: BlobAddress): string => join(root, "disk", "parts.blobs", address);

const kinds: readonly (readonly [name: string, make: () => Disk])[] = [
  ["in memory", () => memoryDisk(platformClock())],
  ["in a folder", () => directory()],
];

describe.each(kinds)("a blob store %s", (_, make) => {
  test("finds a blob by the SHA-256 of its bytes", async () => {
    const { blobs, addresses } = await open(make());
    expect(addresses).toEqual([]);
    const address = await put(blobs, blob("abc"));
    expect(address).toBe(createHash("sha256").update("abc").digest("hex"));
    expect(address).toBe(addressOfBlob(blob("abc")));
    expect(Buffer.from(await get(blobs, address)).toString()).toBe("abc");
  });

  test("answers from the event loop, never inside the call", async () => {
    const disk = make();
    let inside = true;
    const opened = answered<OpenedBlobs>((done) => disk.openBlobs("parts", (answer) => (expect(inside).toBe(false), done(answer))));
    inside = false;
    const { blobs } = await opened;
    const later: string[] = [];
    blobs.put(blob("a"), () => later.push("put"));
    blobs.get(addressOfBlob(blob("a")), () => later.push("get"));
    blobs.drop([], () => later.push("drop"));
    expect(later).toEqual([]);
    await put(blobs, blob("last"));
    expect(later.toSorted()).toEqual(["drop", "get", "put"]);
  });

  test("gives out copies", async () => {
    const { blobs } = await open(make());
    const address = await put(blobs, blob("abc"));
    (await get(blobs, address)).fill(0);
    expect(Buffer.from(await get(blobs, address)).toString()).toBe("abc");
  });

  test("refuses what is no blob and no address", async () => {
    const { blobs } = await open(make());
    // @ts-expect-error A text is no blob.
    expect(() => blobs.put("abc", () => undefined)).toThrow(TypeError);
    const large = new Uint8Array(BLOB_BYTES_MAX + 1);
    expect(() => blobs.put(large, () => undefined)).toThrow(RecordTooLargeError);
    expect(() => blobAddress("../../etc/passwd")).toThrow(InvalidBlobAddressError);
    await expect(get(blobs, addressOfBlob(blob("absent")))).rejects.toThrow(BlobMissingError);
    await expect(open(make(), "no/name")).rejects.toThrow(InvalidLogNameError);
  });

  test("holds what a map of the same calls in their order holds", async () => {
    const texts = ["", "a", "b", "c", "d"].map(blob);
    const calls = fc.array(fc.record({ op: fc.constantFrom("put", "drop", "drop-two"), at: fc.nat(4), awaited: fc.boolean() }), { maxLength: 30 });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(calls, async (made) => {
        run += 1;
        const { blobs, addresses } = await open(make === kinds[0]?.[1] ? make() : directory(`run${run}`));
        expect(addresses).toEqual([]);
        const model = new Map<BlobAddress, Uint8Array>();
        const pending: Promise<unknown>[] = [];
        for (const { op, at, awaited } of made) {
          const bytes = texts[at]!;
          const address = addressOfBlob(bytes);
          const next = texts[(at + 1) % 5]!;
          if (op === "put") {
            model.set(address, bytes);
            pending.push(put(blobs, bytes));
          } else {
            const gone = op === "drop" ? [address] : [address, addressOfBlob(next)];
            for (const each of gone) model.delete(each);
            pending.push(drop(blobs, ...gone));
          }
          if (awaited) await pending.at(-1);
        }
        await Promise.all(pending);
        for (const bytes of texts) {
          const found = await get(blobs, addressOfBlob(bytes)).catch((error: unknown) => error);
          if (model.has(addressOfBlob(bytes))) expect(found).toEqual(bytes);
          else expect(found).toBeInstanceOf(BlobMissingError);
        }
      }),
      { numRuns: 25 },
    );
  });
});

test("in memory, a store that is opened again shows its blobs", async () => {
  const disk = memoryDisk(platformClock());
  const address = await put((await open(disk)).blobs, blob("kept"));
  expect((await open(disk)).addresses).toEqual([address]);
  expect((await open(disk, "other")).addresses).toEqual([]);
});

describe("in a folder", () => {
  test("blobs outlive the disk, in private files; equal bytes are one file", async () => {
    const { blobs } = await open(directory());
    const stored = await Promise.all(["b", "a", "b", "c"].map((text) => put(blobs, blob(text))));
    await drop(blobs, stored[1]!);
    await closeAll();
    const again = await open(directory());
    expect(again.addresses).toEqual([stored[0], stored[3]].toSorted());
    expect(Buffer.from(await get(again.blobs, stored[3]!)).toString()).toBe("c");
    expect(fs.readdirSync(join(root, "disk", "parts.blobs")).toSorted()).toEqual([stored[0], stored[3]].toSorted());
    expect(fs.statSync(pathOf(stored[3]!)).mode & 0o777).toBe(0o600);
    expect(fs.statSync(join(root, "disk", "parts.blobs")).mode & 0o777).toBe(0o700);
  });

  test("a log and a blob store may have the same name, and each is opened once", async () => {
    const disk = directory();
    await open(disk, "same");
    await answered((done) => disk.open("same", done));
    await expect(open(disk, "same")).rejects.toThrow(NameTakenError);
  });

  test("a blob that was being written when the process ended is not there, and leaves nothing", async () => {
    const folder = join(root, "disk", "parts.blobs");
    fs.mkdirSync(folder, { recursive: true });
    const address = addressOfBlob(blob("whole"));
    fs.writeFileSync(join(folder, `${address}.new`), "who");
    const { blobs, addresses } = await open(directory());
    expect(addresses).toEqual([]);
    expect(fs.readdirSync(folder)).toEqual([]);
    await put(blobs, blob("whole"));
    expect(Buffer.from(await get(blobs, address)).toString()).toBe("whole");
  });

  test.each([
    ["a flipped bit", (path: string) => fs.writeFileSync(path, "sounD")],
    ["a cut file", (path: string) => fs.truncateSync(path, 2)],
    ["an empty file", (path: string) => fs.truncateSync(path, 0)],
    ["a file that is larger than any blob", (path: string) => fs.truncateSync(path, BLOB_BYTES_MAX + 1)],
    ["a file that someone removed", (path: string) => fs.rmSync(path)],
  ])("%s is reported, and mended by the next put", async (_, damage) => {
    const { blobs } = await open(directory());
    const address = await put(blobs, blob("sound"));
    damage(pathOf(address));
    const found = await get(blobs, address).catch((error: unknown) => error);
    expect(found instanceof BlobDamagedError || found instanceof BlobMissingError).toBe(true);
    expect(String(found)).toContain(address);
    expect(await put(blobs, blob("sound"))).toBe(address);
    expect(Buffer.from(await get(blobs, address)).toString()).toBe("sound");
  });

  test("a drop of what is no address is refused at the call, and later calls go on", async () => {
    const { blobs } = await open(directory());
    const kept = put(blobs, blob("kept"));
    const outside = join(root, "disk", "outside");
    fs.writeFileSync(outside, "");
    expect(() => blobs.drop(["../outside" as BlobAddress], () => undefined)).toThrow(InvalidBlobAddressError);
    await drop(blobs, await kept);
    expect(fs.existsSync(outside)).toBe(true);
  });

  test("a put that the file system refuses is reported and leaves nothing; the next one may succeed", async () => {
    const { blobs } = await open(directory());
    const refusal = vi.spyOn(fs, "fsync").mockImplementationOnce((_fd, done) => done(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" })));
    await expect(put(blobs, blob("one"))).rejects.toThrow(DiskPathError);
    expect(refusal).toHaveBeenCalled();
    expect(fs.readdirSync(join(root, "disk", "parts.blobs"))).toEqual([]);
    expect(await put(blobs, blob("one"))).toBe(addressOfBlob(blob("one")));
  });

  test("a put whose name cannot be synced is not reported as durable", async () => {
    const { blobs } = await open(directory());
    let syncs = 0;
    const real = fs.fsync;
    vi.spyOn(fs, "fsync").mockImplementation((fd, done) => {
      syncs += 1;
      if (syncs === 2) done(new Error("EIO"));
      else real(fd, done);
    });
    await expect(put(blobs, blob("one"))).rejects.toThrow(DiskPathError);
    expect(syncs).toBe(2);
    await put(blobs, blob("one"));
    expect(syncs).toBe(4);
  });

  test("after close no callback runs, and a write in flight finishes first", async () => {
    const { blobs } = await open(directory());
    const called: string[] = [];
    blobs.put(blob("in flight"), () => called.push("put"));
    blobs.drop([addressOfBlob(blob("in flight"))], () => called.push("drop"));
    blobs.get(addressOfBlob(blob("in flight")), () => called.push("get"));
    await closeAll();
    expect(fs.readdirSync(join(root, "disk", "parts.blobs"))).toEqual([addressOfBlob(blob("in flight"))]);
    blobs.put(blob("late"), () => called.push("late"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(called).toEqual([]);
  });
});
