/**
 * Runs the tutorial: its files, its output, its two failures and its fix. With UPDATE_TUTORIAL=1 in the environment,
 * the output on the page is replaced by the actual output.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const PAGE = join(import.meta.dirname, "..", "docs", "testing-in-a-seeded-world.md");
const page = readFileSync(PAGE, "utf8");
// Inside the checkout, where the packages are found.
const folder = join(root, ".cache", `tutorial-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true }));

const blocks = (kind: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\`$`, "gm"))].map((match) => match[1] ?? "");
type Outcome = { readonly status: number | null; readonly text: string };

/** Makes a folder as on the page, with these programs. */
function seats(name: string, files: Readonly<Record<string, string>>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  // Otherwise vitest would use the configuration of this repository.
  const all = { "package.json": '{ "type": "module" }', "vitest.config.js": "export default {};", ...files };
  for (const [file, content] of Object.entries(all)) writeFileSync(join(path, file), content);
  return path;
}

function run(cwd: string, ...command: readonly string[]): Promise<Outcome> {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, VITEST: undefined, CI: undefined };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd, env }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, text: stdout + stderr })
    );
  });
}
const vitest = (cwd: string): Promise<Outcome> => run(cwd, join(root, "node_modules", "vitest", "vitest.mjs"), "run");
const COMMAND = join(root, "packages", "simulation", "bin", "void-simulation.js");
const replay = (cwd: string, ...more: readonly string[]): Promise<Outcome> =>
  run(cwd, COMMAND, "replay", "failures/a-seat-is-sold-once-4.json", ...more);

test("the tutorial works as described", async () => {
  const [service = "", scenario = "", suite = "", fixed = "", faults = ""] = blocks("js");
  const [output = "", tested = ""] = blocks("text");
  const files = { "seats.js": service, "seats.scenario.js": scenario, "seats.test.js": suite };
  const first = seats("first", files);

  const found = await vitest(first);
  expect(found.status).toBe(1);
  expect(found.text, "a failure shows no frames of ours").not.toMatch(/packages\/(?:simulation|effects)\//);
  expect(found.text).toContain("seats.scenario.js:18:");
  if (process.env["UPDATE_TUTORIAL"] === "1") {
    const [actual = ""] = /^SimulationFailedError: [^]*?^again: .*\n/m.exec(found.text) ?? [];
    writeFileSync(PAGE, page.replace(output, () => actual));
  } else expect(found.text).toContain(output.trimEnd());
  const [again, stopped] = await Promise.all([replay(first), replay(first, "--to", "13")]);
  expect(again.status).toBe(1);
  expect(stopped.text).toContain("after event 13");
  expect(stopped.text).toContain("state: {}");

  const broken = /^ {4}if \(what === "put"\) \{\n[^]*?^ {4}\}\n/m.exec(service)?.[0] ?? "";
  const good = service.replace(broken, fixed);
  seats("first", { ...files, "seats.js": good });
  const plugged = scenario.replace(/^ {4}nodes: .*\n/m, (nodes) => nodes + faults);
  const second = seats("second", { ...files, "seats.js": good, "seats.scenario.js": plugged });
  const [passed, fixedRun, crashed] = await Promise.all([vitest(first), replay(first), vitest(second)]);
  expect(passed).toMatchObject({ status: 0 });
  if (process.env["UPDATE_TUTORIAL"] === "1")
    writeFileSync(PAGE, readFileSync(PAGE, "utf8").replace(tested, () => /^a seat is sold once: .*\n/m.exec(passed.text)?.[0] ?? ""));
  else expect(passed.text).toContain(tested.trimEnd());
  expect(fixedRun).toMatchObject({ status: 0 });
  expect(crashed).toMatchObject({ status: 1, text: expect.stringContaining("a seat is sold once") });
});
