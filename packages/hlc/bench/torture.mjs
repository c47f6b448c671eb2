/** Compares the store with its naive model for a million operations, or for the number in the first argument. */
import { spawnSync } from "node:child_process";

const operations = process.argv[2] ?? "1000000";
const root = new URL("../../..", import.meta.url);
const { status } = spawnSync("npx", ["vitest", "run", "packages/hlc/test/version-store.prop.test.ts", "-t", "naive model"], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
  env: { ...process.env, HLC_MODEL_OPERATIONS: operations },
});
process.exit(status ?? 1);
