/**
 * Real bugs of other implementations, planted in copies of `src`: the test that each patch names must fail on its copy.
 * Where a bug finds no hold in this design, the patch breaks what prevents it, and says what that is.
 *
 * `npm test` checks that the patches apply. `npm run bugs -w @void-system/pbft` runs the tests on the copies.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { applyPatch, parsePatch } from "diff";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const house = join(root, "../..");
/** It looks like the house, so that the configuration of the house finds the tests of the copies. */
const copies = join(root, ".cache/bugs");

interface Bug {
  readonly name: string;
  readonly text: string;
  /** Implementation and issue. */
  readonly origin: string;
  /** Effect, in a sentence. */
  readonly bug: string;
  /** The line that prevents it here. */
  readonly prevented: string;
  /** Test file, and name of the test that must fail. */
  readonly caught: readonly [file: string, name: string];
}

const bugs = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".patch"))
  .map((file): Bug => {
    const text = readFileSync(join(import.meta.dirname, file), "utf8");
    const field = (name: string): string => new RegExp(`^${name}: (.+)$`, "m").exec(text)?.[1] ?? "";
    const [path = "", test = ""] = field("Caught").split(" > ");
    return { name: file.replace(".patch", ""), text, origin: field("Origin"), bug: field("Bug"), prevented: field("Prevented"), caught: [path, test] };
  });

/** The files of `src` that a bug changes, with what it makes of them. @throws when its patch does not apply */
function patched({ name, text }: Bug): ReadonlyMap<string, string> {
  return new Map(
    parsePatch(text).map((patch) => {
      const path = (patch.newFileName ?? "").replace("b/", "");
      const changed = applyPatch(readFileSync(join(root, path), "utf8"), patch);
      if (changed === false) throw new Error(`expected ${name}.patch to apply to ${path}, it does not: the code that it breaks has changed`);
      return [path, changed];
    }),
  );
}

describe.each(bugs)("$name", (bug) => {
  test("applies, and names its origin, what prevents it and the test that catches it", () => {
    expect(patched(bug).size).toBeGreaterThan(0);
    expect([bug.origin, bug.bug, bug.prevented]).not.toContain("");
    const [file, name] = bug.caught;
    expect(readFileSync(join(root, "test", file), "utf8")).toContain(`"${name}"`);
  });
});

// Minutes of other tests: a gate of its own, which `npm test` does not count as skipped.
// oxlint-disable-next-line vitest/no-conditional-tests
if (process.env["PBFT_BUGS"] === "run") {
  test("each bug is caught by the test that it names", { timeout: 600_000 }, () => {
    rmSync(copies, { recursive: true, force: true });
    for (const bug of bugs) {
      const copy = join(copies, "packages", bug.name);
      mkdirSync(copy, { recursive: true });
      for (const folder of ["src", "test"]) cpSync(join(root, folder), join(copy, folder), { recursive: true });
      for (const [path, text] of patched(bug)) writeFileSync(join(copy, path), text);
    }
    const files = bugs.map(({ name, caught: [file] }) => join("packages", name, "test", file));
    const report = join(copies, "report.json");
    const vitest = join(house, "node_modules/vitest/vitest.mjs");
    const config = ["--root", copies, "--config", join(house, "vitest.config.ts"), "--project", "packages", "--project", "isolated"];
    spawnSync(process.execPath, [vitest, "run", ...config, "--reporter", "json", "--outputFile", report, ...files], { cwd: copies });
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
    const outcome = ({ name, caught: [file, title] }: Bug): string => {
      const path = join("packages", name, "test", file);
      const found = testResults.find((result) => relative(copies, result.name) === path);
      const assertion = found?.assertionResults.find((result) => result.title === title);
      return `${name}: ${assertion?.status ?? found?.message ?? "did not run"}`;
    };
    expect(bugs.map(outcome)).toEqual(bugs.map(({ name }) => `${name}: failed`));
    rmSync(copies, { recursive: true });
  });
}

/** The part of a report of vitest that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}
