/**
 * The tutorial does what it says: its files, its output, its two failures and its mending. With UPDATE_TUTORIAL=1 in the
 * environment the output on the page is replaced by what came out.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const PAGE = join(root, "docs", "testing-in-a-seeded-world.md");
const page = readFileSync(PAGE, "utf8");
// Inside of the checkout, where the packages are found.
const folder = join(root, ".cache", `tutorial-${process.pid}`);
afterAll(() => rmSync(folder, { recursive: true }));

const blocks = (kind: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\`$`, "gm"))].map((match) => match[1] ?? "");
const put = (name: string, content: string): void => writeFileSync(join(folder, name), content);

function run(...command: readonly string[]): { readonly status: number | null; readonly text: string } {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, VITEST: undefined, CI: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8", env });
  return { status, text: stdout + stderr };
}
const vitest = (): ReturnType<typeof run> => run(join(root, "node_modules", "vitest", "vitest.mjs"), "run");
const replay = (...more: readonly string[]): ReturnType<typeof run> =>
  run(
    join(root, "packages", "effects", "bin", "void-effects.js"),
    "replay",
    "failures/a-seat-is-sold-once-2.json",
    ...more
  );

test("the tutorial does what it says", () => {
  const [service = "", scenario = "", suite = "", mended = "", faults = ""] = blocks("js");
  const [output = ""] = blocks("text");
  mkdirSync(folder, { recursive: true });
  put("package.json", '{ "type": "module" }');
  // Else vitest takes that of this repository.
  put("vitest.config.js", "export default {};");
  put("seats.js", service);
  put("seats.scenario.js", scenario);
  put("seats.test.js", suite);

  const found = vitest();
  expect(found.status).toBe(1);
  if (process.env["UPDATE_TUTORIAL"] === "1") {
    const [told = ""] = /^SimulationFailedError: [^]*?^again: .*\n/m.exec(found.text) ?? [];
    writeFileSync(PAGE, page.replace(output, () => told));
  } else expect(found.text).toContain(output.trimEnd());
  expect(replay().status).toBe(1);
  expect(replay("--to", "17").text).toContain("after event 17");

  const broken = /^ {4}if \(what === "put"\) \{\n[^]*?^ {4}\}\n/m.exec(service)?.[0] ?? "";
  put("seats.js", service.replace(broken, mended));
  expect(vitest()).toMatchObject({ status: 0 });
  expect(replay()).toMatchObject({ status: 0 });

  put(
    "seats.scenario.js",
    scenario.replace(/^ {4}nodes: .*\n/m, (nodes) => nodes + faults)
  );
  expect(vitest()).toMatchObject({ status: 1, text: expect.stringContaining("a seat is sold once") });
});
