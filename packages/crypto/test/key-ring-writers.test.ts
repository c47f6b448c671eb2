import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs, { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readKeyRing, writeKeyFile, writeKeyRing } from "../src/node/index.ts";
import {
  createKeyRing,
  ed25519,
  generateKey,
  KeyFileConflictError,
  KeyFileExistsError,
  type KeyRing,
} from "../src/index.ts";
import { lockFile } from "../src/node/internal/file-lock.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "void-writers-")));
const script = join(folder, "writer.mjs");
const children: ChildProcess[] = [];
let count = 0;
const fresh = (): string => join(folder, `${(count += 1)}.ring`);
const newRing = (): KeyRing<"ed25519"> =>
  createKeyRing(ed25519, generateKey("ed25519"), { fromMs: 1_000, overlapMs: 1 });

/**
 * A program in three modes. It rotates a ring a number of times, reading the ring again after each conflict. Or it takes the
 * lock repeatedly, often from a process that is gone, and checks that it is the only holder. Or it dies with the lock.
 */
const WRITER = `
import { existsSync, linkSync, rmSync, writeFileSync } from "node:fs";
import { ed25519, generateKey } from "./index.ts";
import { readKeyRing, writeKeyRing } from "./node/index.ts";
import { lockFile } from "./node/internal/file-lock.ts";
const [path, rounds, stale] = process.argv.slice(2);
if (rounds === "die") {
  lockFile(path);
  process.kill(process.pid, "SIGKILL");
}
while (!existsSync(path + ".go"));
for (let round = 0; stale !== undefined && round < Number(rounds); round += 1) {
  const nonce = (process.pid * 1_000 + round).toString(16).padStart(16, "0");
  writeFileSync(path + nonce, stale.replace(/[0-9a-f]{16}$/, nonce) + "\\n", { mode: 0o600 });
  try {
    linkSync(path + nonce, path + ".lock");
  } catch {} // another process has it
  rmSync(path + nonce);
  try {
    const release = lockFile(path);
    writeFileSync(path + ".alone", "", { flag: "wx" });
    rmSync(path + ".alone");
    release();
  } catch (error) {
    if (error.code !== "ERR_KEY_FILE_CONFLICT") throw error;
  }
}
if (stale !== undefined) process.exit();
const links = [];
while (links.length < Number(rounds)) {
  const ring = readKeyRing(path, ed25519);
  const last = ring.keys.at(-1);
  ring.retire(last.signsFromMs);
  ring.rotate(generateKey("ed25519"), { fromMs: last.signsFromMs + 1, overlapMs: 1 });
  try {
    writeKeyRing(path, ring);
    links.push([last.keyId, ring.keys.at(-1).keyId]);
  } catch (error) {
    if (error.code !== "ERR_KEY_FILE_CONFLICT") throw error;
  }
}
process.stdout.write(JSON.stringify({ links }));
`;

beforeAll(async () => {
  const resolveDir = fileURLToPath(new URL("../src/", import.meta.url));
  await build({
    stdin: { contents: WRITER, resolveDir },
    outfile: script,
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["void-source"],
  });
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Leaves the lock of a process that was killed while holding it. */
function dieWithLock(path: string): void {
  expect(spawnSync(process.execPath, [script, path, "die"]).signal).toBe("SIGKILL");
  expect(existsSync(`${path}.lock`)).toBe(true);
}

interface Output {
  readonly links: readonly (readonly [string, string])[];
}

async function writer(path: string, rounds: number, ...more: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [script, path, String(rounds), ...more], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = await once(child, "close");
  expect([code, errors]).toEqual([0, ""]);
  return output;
}

test("processes that rotate one file at once lose none of each other's keys, even behind the lock of a dead one", async () => {
  const path = fresh();
  const first = newRing();
  writeKeyRing(path, first);
  dieWithLock(path);
  const outputs = [2, 10, 10].map((rounds) => writer(path, rounds));
  writeFileSync(`${path}.go`, "");
  const links = (await Promise.all(outputs)).flatMap((each) => (JSON.parse(each) as Output).links);
  const next = new Map(links);
  expect(links.length).toBe(22);
  expect(next.size).toBe(22); // no key has two successors, so none was overwritten
  let key: string | undefined = first.keys.at(-1)!.keyId;
  for (let step = 0; step < 22; step += 1) key = next.get(key!);
  expect(readKeyRing(path, ed25519).keys.at(-1)!.keyId).toBe(key);
  expect(besides(path)).toEqual([`${basename(path)}.go`]);
}, 30_000);

test("however many processes take over the locks of dead ones, one has the lock at a time", async () => {
  const path = fresh();
  dieWithLock(path);
  const stale = readFileSync(`${path}.lock`, "latin1").trim();
  const all = [100, 100, 100].map((rounds) => writer(path, rounds, stale));
  writeFileSync(`${path}.go`, "");
  expect(await Promise.all(all)).toEqual(["", "", ""]);
}, 30_000);

function besides(path: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith(`${basename(path)}.`));
}

test("a ring replaces only the content that it was read from, or last wrote", () => {
  const path = fresh();
  const ring = newRing();
  writeKeyRing(path, ring);
  writeKeyRing(path, ring); // what it has written itself
  const [mine, theirs] = [readKeyRing(path, ed25519), readKeyRing(path, ed25519)];
  for (const each of [mine, theirs]) each.rotate(generateKey("ed25519"), { fromMs: 2_000, overlapMs: 1 });
  writeKeyRing(path, theirs);
  const there = readFileSync(path);
  for (const late of [mine, ring, newRing()]) {
    expect(() => writeKeyRing(path, late)).toThrow(KeyFileConflictError);
    expect(() => writeKeyRing(path, late)).toThrow(/got another content; read the ring again/);
    expect(readFileSync(path)).toEqual(there);
  }
  theirs.retire(2_000);
  writeKeyRing(path, theirs);
  rmSync(path);
  expect(() => writeKeyRing(path, theirs)).toThrow(/got no file/); // removing it was a decision
  writeKeyRing(path, newRing());
  expect(besides(path)).toEqual([]);
});

test("a ring in two files tracks each separately, and a file is the same through any path of its folder", () => {
  const [path, copy] = [fresh(), fresh()];
  const ring = newRing();
  writeKeyRing(path, ring);
  writeKeyRing(copy, ring);
  const again = readKeyRing(join(folder, ".", "..", basename(folder), basename(path)), ed25519);
  again.rotate(generateKey("ed25519"), { fromMs: 2_000, overlapMs: 1 });
  writeKeyRing(path, again);
  expect(() => writeKeyRing(path, ring)).toThrow(KeyFileConflictError);
  ring.rotate(generateKey("ed25519"), { fromMs: 2_000, overlapMs: 1 });
  writeKeyRing(copy, ring);
  expect(() => writeKeyRing(copy, again)).toThrow(KeyFileConflictError);
});

test("a writer that meets another one gets an error that names its process, and the file is unchanged", () => {
  const path = fresh();
  const ring = newRing();
  writeKeyRing(path, ring);
  const release = lockFile(path);
  const there = readFileSync(path);
  expect(() => writeKeyRing(path, ring)).toThrow(KeyFileConflictError);
  expect(() => writeKeyRing(path, ring)).toThrow(
    `process ${process.pid} of ${encodeURIComponent(hostname())} is writing`
  );
  expect(readFileSync(path)).toEqual(there);
  expect(besides(path)).toEqual([`${basename(path)}.lock`]);
  release();
  writeKeyRing(path, ring);
});

test("a dead process's lock is taken over, even if another process died during the takeover", () => {
  const path = fresh();
  const ring = newRing();
  dieWithLock(path);
  writeKeyRing(path, ring);
  dieWithLock(path);
  const left = readFileSync(`${path}.lock`, "latin1");
  const nonce = left.trim().split(" ").at(-1)!;
  writeFileSync(`${path}.lock.${nonce}`, left.replace(nonce, "0123456789abcdef"), { mode: 0o600 });
  writeFileSync(`${path}.lock.fedcba9876543210`, left, { mode: 0o600 }); // of a lock long gone
  writeKeyRing(path, ring);
  expect(besides(path)).toEqual([]);
});

/** The last but one word of a lock of this process. */
function ownStart(): string {
  const path = fresh();
  const release = lockFile(path);
  const words = readFileSync(`${path}.lock`, "latin1").trim().split(" ");
  release();
  return words.at(-2)!;
}

test("a lock is left alone if nothing shows that its process is gone", () => {
  const path = fresh();
  dieWithLock(path);
  const [host, boot, namespace, pid, start, nonce] = readFileSync(`${path}.lock`, "latin1")
    .trim()
    .split(" ") as string[];
  const lines: readonly (readonly [readonly unknown[], boolean])[] = [
    [["elsewhere", boot, namespace, pid, start, nonce], false],
    [[host, boot, "pid:[1]", pid, start, nonce], false],
    [[host, boot, namespace, process.pid, "-", nonce], false],
    [[host, "-", namespace, process.pid, ownStart(), nonce], false], // it could not read what this one reads of the machine
    [[host, boot, namespace, 0, start, nonce], false], // /proc is silent (hidden, or no file descriptor left), a signal arrives
    [["nonsense"], false],
    [[host, boot, namespace, pid, start, "../../../etc/xyz"], false],
    [[host, boot, namespace, process.pid, "1", nonce], existsSync("/proc/self/stat")], // the number is another process's now
    [[host, "another-start", "pid:[1]", process.pid, start, nonce], true],
  ];
  for (const [words, isTaken] of lines) {
    const ring = newRing();
    rmSync(path, { force: true });
    writeFileSync(`${path}.lock`, `${words.join(" ")}\n`, { mode: 0o600 });
    if (isTaken) {
      writeKeyRing(path, ring);
      expect(besides(path)).toEqual([]);
    } else {
      expect(() => writeKeyRing(path, ring)).toThrow(KeyFileConflictError);
      expect(() => writeKeyRing(path, ring)).toThrow(`(if not, remove ${path}.lock)`);
      expect(existsSync(path)).toBe(false);
    }
  }
  rmSync(`${path}.lock`, { force: true });
});

test("a file that is not a lock is not removed", () => {
  const path = fresh();
  const lock = `${path}.lock`;
  const puts = [
    () => writeFileSync(lock, "x".repeat(2_000), { mode: 0o600 }),
    () => writeFileSync(lock, "x", { mode: 0o644 }),
    () => mkdirSync(lock),
    () => symlinkSync(path, lock),
  ];
  for (const put of puts) {
    put();
    expect(() => writeKeyRing(path, newRing())).toThrow(KeyFileConflictError);
    expect(() => writeKeyRing(path, newRing())).toThrow(`remove ${lock}`);
    expect(lstatSync(lock, { throwIfNoEntry: false })).toBeDefined();
    rmSync(lock, { recursive: true });
  }
});

test("a key that is refused because its name is a ring's leaves the draft of the ring's writer alone", () => {
  const path = fresh();
  using ring = newRing();
  writeKeyRing(path, ring);
  const real = fs.renameSync;
  fs.renameSync = (from, to) => {
    expect(() => writeKeyFile(path, generateKey("ed25519"))).toThrow(KeyFileExistsError);
    real(from, to);
  };
  syncBuiltinESMExports();
  try {
    ring.rotate(generateKey("ed25519"), { fromMs: 2_000, overlapMs: 1 });
    writeKeyRing(path, ring);
  } finally {
    fs.renameSync = real;
    syncBuiltinESMExports();
  }
  expect(readKeyRing(path, ed25519).keys).toHaveLength(2);
  expect(besides(path)).toEqual([]);
});
