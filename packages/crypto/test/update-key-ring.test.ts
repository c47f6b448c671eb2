import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createKeyRing, ed25519, generateKey, InvalidOptionError, KeyFileAccessError, KeyFileConflictError, type KeyRing } from "../src/index.ts";
import { readKeyRing, updateKeyRing, writeKeyRing } from "../src/node/index.ts";

const folder = mkdtempSync(join(tmpdir(), "void-update-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

function fresh(): string {
  const path = join(folder, `${(count += 1)}.ring`);
  using ring = createKeyRing(ed25519, generateKey("ed25519"), { fromMs: 1_000, overlapMs: 1 });
  writeKeyRing(path, ring);
  return path;
}

/** Adds a key after the last one. */
function rotate(ring: KeyRing<"ed25519">): void {
  ring.rotate(generateKey("ed25519"), { fromMs: ring.keys.at(-1)!.signsFromMs + 10, overlapMs: 1 });
}

/** Another process that is faster. */
function rotateBehind(path: string): void {
  using other = readKeyRing(path, ed25519);
  rotate(other);
  writeKeyRing(path, other);
}

test("a change that meets another writer's is made again, on top of it, and no key is lost", async () => {
  const path = fresh();
  const attempts: KeyRing<"ed25519">[] = [];
  using ring = await updateKeyRing(path, ed25519, (found) => {
    attempts.push(found);
    if (attempts.length <= 3) rotateBehind(path);
    rotate(found);
  });
  expect(attempts).toHaveLength(4);
  expect(ring).toBe(attempts[3]);
  expect(ring.keys).toHaveLength(1 + 3 + 1);
  using again = readKeyRing(path, ed25519);
  expect(again.toJSON()).toEqual(ring.toJSON());
  // The secrets of the attempts that failed are gone.
  for (const failed of attempts.slice(0, 3)) expect(failed.keys.every(({ secret }) => secret?.destroyed ?? true)).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith(`${count}.`))).toEqual([`${count}.ring`]);
});

test("who is never fast enough gets the conflict in the end", async () => {
  const path = fresh();
  let attempts = 0;
  const late = updateKeyRing(path, ed25519, (found) => {
    attempts += 1;
    if (attempts <= 7) rotateBehind(path);
    if (found.keys.length < 8) rotate(found);
  }, { timeoutMs: 0 });
  await expect(late).rejects.toThrow(KeyFileConflictError);
  expect(attempts).toBe(1);
});

test("any other error is thrown at once, and the file is unchanged", async () => {
  const path = fresh();
  const before = readKeyRing(path, ed25519).toJSON();
  const fails = updateKeyRing(path, ed25519, (found) => {
    rotate(found);
    throw new Error("out of order");
  });
  await expect(fails).rejects.toThrow("out of order");
  await expect(updateKeyRing(path, ed25519, (async () => undefined) as never)).rejects.toThrow(/done when it returns/);
  // Vitest fails a run with a rejection that nobody handles.
  await expect(updateKeyRing(path, ed25519, (async () => Promise.reject(new Error("later"))) as never)).rejects.toThrow(/done when it returns/);
  for (const wrong of [undefined, 5, "rotate"]) await expect(updateKeyRing(path, ed25519, wrong as never)).rejects.toThrow(InvalidOptionError);
  for (const wrong of [null, 5, { timeout: 5 }, { timeoutMs: "5" }, { timeoutMs: -1 }])
    await expect(updateKeyRing(path, ed25519, rotate, wrong as never)).rejects.toThrow(InvalidOptionError);
  await expect(updateKeyRing(join(folder, "none.ring"), ed25519, rotate)).rejects.toThrow(KeyFileAccessError);
  expect(readKeyRing(path, ed25519).toJSON()).toEqual(before);
});
