/**
 * The manual, as it stands: the commands of its page for several machines, word for word, on four addresses of this one.
 */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { VOID_COMMAND } from "./support/processes.ts";

const PAGE = join(import.meta.dirname, "..", "..", "..", "docs", "operating.md");
const folder = mkdtempSync(join(tmpdir(), "void-manual-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The blocks of shell in a section of the page, as somebody copies them. */
function commands(section: string): string {
  const [, text = ""] = readFileSync(PAGE, "utf8").split(`\n## ${section}\n`);
  const [own = ""] = text.split("\n## ");
  const blocks = [...own.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, indent = "", block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gm"), ""));
  expect(blocks).toHaveLength(5);
  return blocks.join("");
}

test.runIf(process.platform === "linux")("four nodes by the manual alone: after a restart of all at once, all data is there", async () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "void"), `#!/bin/sh\nexec ${process.execPath} ${VOID_COMMAND} "$@"\n`);
  chmodSync(join(bin, "void"), 0o755);
  const script = `set -eu\n${commands("On several machines")}\nkill $(jobs -p); wait\n`;
  // In a group of its own, so that no node outlives a test that fails.
  const shell = spawn("bash", ["-c", script], { cwd: folder, env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, VOID_TOKEN: "" }, detached: true });
  let output = "";
  for (const stream of [shell.stdout, shell.stderr]) stream.on("data", (bytes) => (output += bytes));
  const code = await new Promise<number | null>((resolve) => shell.on("close", resolve));
  if (code !== 0 && shell.pid !== undefined) process.kill(-shell.pid, "SIGKILL");
  expect(code, output).toBe(0);
  expect(output.trim().split("\n").at(-1)).toBe("hello");
  expect(output).toMatch(/^n4 +127\.0\.0\.5:7412 +ready /m);
}, 120_000);
