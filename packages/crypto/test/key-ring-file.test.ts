import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { hybridSignature } from "../src/post-quantum/index.ts";
import { decodeRing } from "../src/node/key-ring-file.ts";
import { readKeyRing, writeKeyRing } from "../src/node/index.ts";
import {
  createKeyRing,
  CryptoError,
  ed25519,
  generateKey,
  importKey,
  KeyFileAccessError,
  KeyFileFormatError,
  KeyFileModeError,
  KeyFileVersionError,
  SecretDestroyedError,
} from "../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "void-ring-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
function fresh(content?: string, mode = 0o600): string {
  const path = join(folder, `${(count += 1)}.ring`);
  if (content !== undefined) writeFileSync(path, content, { mode });
  if (content !== undefined) chmodSync(path, mode);
  return path;
}
const seeded = (seed: number) => importKey("ed25519", new Uint8Array(32).fill(seed));
const BYTES = Uint8Array.of(1);

// Frozen: docs/format.md. Version 1 had no check, and is read.
const OLD_RING = `void-key-ring-1 ed25519
public 1000 900 5300 iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w
secret 5000 4700 - AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI
`;

const RING = `${OLD_RING.replace("ring-1", "ring-2")}check JW64dr3uMMeuvI-qgNasxA
`;

test("a ring of version 1 is read, and written as version 2", () => {
  const path = fresh(OLD_RING);
  const ring = readKeyRing(path, ed25519);
  ring.retire(4_000);
  writeKeyRing(path, ring);
  expect(readFileSync(path, "latin1")).toBe(RING);
});

test("a ring with one changed byte is refused, whatever byte it is", () => {
  for (let at = 0; at < RING.length; at += 1) {
    for (const flip of [1, 2, 32]) {
      const damaged = Buffer.from(RING, "latin1");
      damaged[at]! ^= flip;
      expect(() => decodeRing("a.ring", damaged.toString("latin1"), ed25519), `byte ${at} ^ ${flip}`).toThrow(CryptoError);
    }
  }
  for (let end = 0; end < RING.length; end += 1) expect(() => decodeRing("a.ring", RING.slice(0, end), ed25519)).toThrow(CryptoError);
});

test("the format is frozen", () => {
  const path = fresh();
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 1_000, overlapMs: 100 });
  ring.rotate(seeded(2), { fromMs: 5_000, overlapMs: 300 });
  ring.retire(5_000);
  writeKeyRing(path, ring);
  expect(readFileSync(path, "latin1")).toBe(RING);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const again = readKeyRing(fresh(readFileSync(path, "latin1")), ed25519);
  expect(again.toJSON()).toEqual(ring.toJSON());
  expect(again.sign(BYTES, 5_000)).toEqual(ring.sign(BYTES, 5_000));
  expect(again.accepted(5_299).length).toBe(2);
});

test("a ring of hybrid keys can be written and read", () => {
  const path = fresh();
  const ring = createKeyRing(hybridSignature, generateKey("ml-dsa-65+ed25519"), { fromMs: 0, overlapMs: 10 });
  ring.rotate(generateKey("ml-dsa-65+ed25519"), { fromMs: 100, overlapMs: 10 });
  ring.retire(100);
  writeKeyRing(path, ring);
  expect(readKeyRing(path, hybridSignature).toJSON()).toEqual(ring.toJSON());
});

test("rotating replaces the file in one step, and leaves nothing beside it", () => {
  const path = fresh();
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 0, overlapMs: 10 });
  writeKeyRing(path, ring);
  const before = statSync(path).ino;
  ring.rotate(seeded(2), { fromMs: 100, overlapMs: 10 });
  writeKeyRing(path, ring);
  expect(statSync(path).ino).not.toBe(before); // another file under the name, not the same one overwritten
  expect(readKeyRing(path, ed25519).keys.length).toBe(2);
  expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([]);
});

test("leftovers of a crash are removed by the next writer, so that no secret outlives its retirement", () => {
  const path = fresh();
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 0, overlapMs: 10 });
  writeKeyRing(path, ring);
  const left = `${path}.0123456789abcdef.new`;
  const others = [`${path}.new`, `${path}.0123456789abcdeg.new`, `${path}.0123456789abcdef.new.old`, `${path}x.0123456789abcdef.new`];
  for (const file of [left, ...others]) writeFileSync(file, RING, { mode: 0o600 });
  mkdirSync(`${path}.0000000000000000.new`); // a folder is no leftover
  writeKeyRing(path, ring);
  const there = readdirSync(folder);
  expect(there).not.toContain(basename(left));
  for (const file of others) {
    expect(there).toContain(basename(file));
    rmSync(file);
  }
});

test("a symbolic link put in the file's place is not followed, in reading or writing", () => {
  const target = fresh("precious");
  const path = fresh();
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 0, overlapMs: 10 });
  writeKeyRing(path, ring);
  rmSync(path);
  symlinkSync(target, path);
  expect(() => readKeyRing(path, ed25519)).toThrow(KeyFileFormatError);
  expect(() => writeKeyRing(path, ring)).toThrow(KeyFileFormatError);
  expect(readFileSync(target, "latin1")).toBe("precious");
});

test("a destroyed ring is not written over its secrets", () => {
  const path = fresh();
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 0, overlapMs: 10 });
  writeKeyRing(path, ring);
  ring.destroy();
  expect(() => writeKeyRing(path, ring)).toThrow(SecretDestroyedError);
  expect(readKeyRing(path, ed25519).sign(BYTES, 1).signature.length).toBe(64);
});

test.each([0o640, 0o604, 0o666, 0o610])("mode %o is refused, in reading and replacing", (mode) => {
  const path = fresh(RING, mode);
  expect(() => readKeyRing(path, ed25519)).toThrow(KeyFileModeError);
  expect(() => writeKeyRing(path, createKeyRing(ed25519, seeded(1), { fromMs: 0, overlapMs: 0 }))).toThrow(
    KeyFileModeError
  );
  expect(readFileSync(path, "latin1")).toBe(RING);
});

test("symbolic links, folders and missing files are refused", () => {
  const ring = createKeyRing(ed25519, seeded(1), { fromMs: 0, overlapMs: 0 });
  const target = fresh(RING);
  const link = join(folder, "link.ring");
  symlinkSync(target, link);
  expect(() => readKeyRing(link, ed25519)).toThrow(/a regular file.*a symbolic link/);
  expect(() => writeKeyRing(link, ring)).toThrow(KeyFileFormatError);
  const dangling = join(folder, "dangling.ring");
  symlinkSync(join(folder, "nowhere"), dangling);
  expect(() => writeKeyRing(dangling, ring)).toThrow(KeyFileFormatError);
  expect(readFileSync(target, "latin1")).toBe(RING);
  const directory = join(folder, "directory");
  mkdirSync(directory, { mode: 0o700 });
  expect(() => readKeyRing(directory, ed25519)).toThrow(KeyFileFormatError);
  expect(() => writeKeyRing(directory, ring)).toThrow(KeyFileFormatError);
  expect(() => readKeyRing(join(folder, "none"), ed25519)).toThrow(KeyFileAccessError);
  expect(() => writeKeyRing(join(folder, "none", "a.ring"), ring)).toThrow(KeyFileAccessError);
  expect(() => writeKeyRing(join(target, "a.ring"), ring)).toThrow(KeyFileAccessError); // a file where a folder belongs
  expect(() => writeKeyRing(join(folder, "x".repeat(300)), ring)).toThrow(KeyFileAccessError);
});

const SECRET_LINE = "secret 5000 4700 - AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";
test.each([
  ["empty", ""],
  ["another kind", "void-key-1 ed25519 x\n"],
  ["another scheme", OLD_RING.replace("ed25519", "ml-dsa-65")],
  ["no keys", "void-key-ring-1 ed25519\n"],
  ["no end of line", OLD_RING.trimEnd()],
  ["an empty line", OLD_RING.replace("\n", "\n\n")],
  ["not canonical", OLD_RING.replace(/I\n$/, "J\n")],
  ["a short secret", OLD_RING.replace("AgICAg", "Ag")],
  ["a time with a zero before", OLD_RING.replace("5000", "05000")],
  ["a time past the safe integers", OLD_RING.replace("5000", "9999999999999999")],
  ["times in the wrong order", OLD_RING.replace("5000", "500")],
  ["a key twice", OLD_RING.replace(/public.*\n/, `${SECRET_LINE.replace("5000 4700 -", "10 10 20")}\n`)],
  [
    "a public key of small order",
    OLD_RING.replace(/public 1000 900 5300 .*\n/, `public 1000 900 5300 ${"A".repeat(43)}\n`),
  ],
  ["nine keys", `void-key-ring-1 ed25519\n${`${SECRET_LINE}\n`.repeat(9)}`],
  ["too long", OLD_RING + "\n".repeat(40_000)],
  ["carriage returns", OLD_RING.replaceAll("\n", "\r\n")],
])("refused: %s", (_name, content) => {
  const path = fresh(content);
  expect(() => readKeyRing(path, ed25519)).toThrow(KeyFileFormatError);
  expect(() => readKeyRing(path, ed25519)).not.toThrow("AgICAg");
});

test("another version is refused as such", () => {
  expect(() => readKeyRing(fresh(RING.replace("ring-2", "ring-3")), ed25519)).toThrow(KeyFileVersionError);
});
