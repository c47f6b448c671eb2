/** Frozen vectors of docs/format.md, because existing logs must stay readable. */
import { toHex } from "@void-system/bytes";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lsn, type Recovered } from "../src/index.ts";
import { parts } from "../src/node/checkpoint-file.ts";
import { directoryDisk } from "../src/node/index.ts";
import {
  BATCH_BYTES_MAX,
  BatchWriter,
  BIRTH_MARK,
  readBatch,
  segmentHeader,
  segmentName,
} from "../src/node/log-format.ts";

const SALT = 0x01020304;
const FROZEN = {
  born: "564f49444c4f4720310a",
  header: "564f494453454731050000000000000004030201ca815f8a",
  batch: "56425431dbaceec414000000030000000500000000000000030000006f6e6500000000050000007468726565",
  checkpoint:
    "564f4944434b5031040000000000000031065bcd020000006d48839e616200000000010000000100000043beb7e863ff" +
    "ffffff4f6cfe0d0300000003000000000000000400000000000000",
};

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const strings = (all: Iterable<Uint8Array>): string[] => Array.from(all, (bytes) => new TextDecoder().decode(bytes));

describe("format 1", () => {
  test("is written as it is frozen", () => {
    const batch = new BatchWriter();
    for (const record of ["one", "", "three"]) batch.add(text(record));
    expect(Buffer.from(BIRTH_MARK).toString("hex")).toBe(FROZEN.born);
    expect(toHex(segmentHeader(5, SALT))).toBe(FROZEN.header);
    expect(toHex(batch.finish(5, SALT))).toBe(FROZEN.batch);
    expect(Buffer.concat([...parts(lsn(4), [text("ab"), text(""), text("c")])]).toString("hex")).toBe(
      FROZEN.checkpoint
    );
    expect(segmentName(5)).toBe("0000000000000005.log");
  });

  test("is read as it is frozen", async () => {
    const root = fs.mkdtempSync(join(tmpdir(), "void-format-"));
    const folder = join(root, "votes");
    fs.mkdirSync(folder);
    fs.writeFileSync(join(folder, "born"), Buffer.from(FROZEN.born, "hex"));
    fs.writeFileSync(join(folder, "0000000000000005.log"), Buffer.from(FROZEN.header + FROZEN.batch, "hex"));
    fs.writeFileSync(join(folder, "checkpoint"), Buffer.from(FROZEN.checkpoint, "hex"));
    const disk = directoryDisk(root);
    const found = (await new Promise<Recovered | Error>((resolve) => disk.open("votes", resolve))) as Recovered;
    expect([found.fresh, found.checkpoint?.upTo, strings(found.checkpoint!.chunks), strings(found.records)]).toEqual([
      false,
      4,
      ["ab", "", "c"],
      ["one", "", "three"],
    ]);
    await new Promise<void>((resolve) => disk.close(resolve));
    fs.rmSync(root, { recursive: true });
  });

  test("a batch that lies about its lengths is none", () => {
    const batch = new BatchWriter();
    batch.add(text("one"));
    const sound = Buffer.from(batch.finish(1, SALT));
    expect(readBatch(sound, 0, SALT)?.records.length).toBe(1);
    expect(readBatch(sound, 0, SALT + 1)).toBe(undefined);
    expect(readBatch(sound.subarray(0, sound.length - 1), 0, SALT)).toBe(undefined);
    const huge = Buffer.from(sound);
    huge.writeUInt32LE(0xffffffff, 8);
    expect(readBatch(huge, 0, SALT)).toBe(undefined);
    expect(BATCH_BYTES_MAX).toBeLessThan(2 ** 32);
  });
});
