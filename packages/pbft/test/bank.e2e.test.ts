/** The example in `examples/bank`, as its reader runs it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the bank of the example keeps its books beside a crooked replica", () => {
  const bank = join(import.meta.dirname, "../../../examples/bank/bank.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [bank, "2"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^(seed \d+: 24 operations, [1-9]\d* transfers, every account right after each of \d+ events\n){2}$/);
  expect(status).toBe(0);
});
