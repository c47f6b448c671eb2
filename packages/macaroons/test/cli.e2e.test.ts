import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const COMMAND = join(import.meta.dirname, "..", "bin", "macaroons.js");
const scratch = mkdtempSync(join(tmpdir(), "void-macaroons-"));
afterAll(() => rmSync(scratch, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(file: string, given: readonly string[], input = ""): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [file, ...given], (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }));
    child.stdin?.end(input);
  });
}

test("the command takes keys and tokens from the standard input, and exits with its code", async () => {
  const minted = await run(COMMAND, ["mint", "--key", "-", "--caveat", "operation in read"], `${"07".repeat(32)}\n`);
  expect(minted).toMatchObject({ code: 0, err: "" });
  const key = join(scratch, "key");
  writeFileSync(key, "07".repeat(32));
  expect(await run(COMMAND, ["verify", "--key", key, "--operation", "write"], minted.out)).toEqual({ code: 1, out: "refused: wrong-operation\n", err: "" });
});

test("the example of a file share does what its README says", async () => {
  const { code, out } = await run(join(root, "examples", "file-share", "file-share.mjs"), []);
  expect(code).toBe(0);
  expect(out.split("\n").map((line) => line.slice(27))).toEqual([
    "200 a photo of a lighthouse",
    "200 dear diary",
    "200 a photo of a lighthouse",
    "403 wrong-resource",
    "200 a photo of a lighthouse",
    "401",
    "401 revoked",
    "200 a photo of a lighthouse",
    "",
  ]);
});
