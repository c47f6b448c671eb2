/**
 * Ten million operations, with memory bounded; then the simulated clusters under other seeds, until one fails or it is stopped: `npm run torture -w @void-system/pbft`, or
 * with a first seed, `npm run torture -w @void-system/pbft -- 5000`.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const ROUND = 100;
const root = join(import.meta.dirname, "..", "..", "..");
const files = ["faults", "byzantine", "one-liar"].map((name) => `packages/pbft/test/protocol/${name}.sim.test.ts`);

const soak = spawnSync(process.execPath, ["--expose-gc", join(import.meta.dirname, "soak.mjs"), "10000000"], { stdio: "inherit" });
if (soak.status !== 0) process.exit(1);

for (let from = Number(process.argv[2] ?? 1_000); ; from += ROUND) {
  const seeds = `${from}-${from + ROUND - 1}`;
  const run = spawnSync("npx", ["vitest", "run", "--reporter", "dot", ...files], {
    cwd: root,
    env: { ...process.env, VOID_SEEDS: seeds },
    encoding: "utf8",
  });
  if (run.status !== 0) {
    process.stdout.write(`${run.stdout}\n${run.stderr}\nfailed within seeds ${seeds}; VOID_SEEDS=${seeds} repeats it\n`);
    process.exit(1);
  }
  process.stdout.write(`seeds ${seeds}: nothing found\n`);
}
