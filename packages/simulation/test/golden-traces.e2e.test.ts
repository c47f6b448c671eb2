/** The frozen runs in other processes: with other engine flags, and in a process that is busy with other work. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";

const scratch = mkdtempSync(join(tmpdir(), "void-traces-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Other work of the process, which begins before the runs and continues during them. */
const BUSY = `
import { Worker } from "node:worker_threads";
const spin = new Worker("for (;;) Math.sqrt(2);", { eval: true });
spin.unref();
for (let turn = 0; turn < 100; turn += 1) setImmediate(() => Promise.resolve().then(() => undefined));
setTimeout(() => spin.terminate(), 0);
`;

async function bundled(name: string, before: string): Promise<string> {
  const file = join(scratch, name);
  const print = `import { goldenRuns } from "./golden/runs.ts"; process.stdout.write(JSON.stringify(goldenRuns()));`;
  const stdin = { contents: before + print, resolveDir: import.meta.dirname };
  await build({ stdin, outfile: file, bundle: true, platform: "node", format: "esm", conditions: ["void-source"] });
  return file;
}

function run(...given: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, given, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });
}

test("a seed gives the same run in another process, whatever its speed and its other work", async () => {
  const { runs } = JSON.parse(readFileSync(join(import.meta.dirname, "golden", "traces.json"), "utf8"));
  const [plain, busy] = await Promise.all([bundled("plain.mjs", ""), bundled("busy.mjs", BUSY)]);
  const outputs = await Promise.all([run(plain), run("--no-opt", "--stack-size=600", plain), run(busy)]);
  for (const one of outputs) expect(JSON.parse(one)).toEqual(runs);
});
