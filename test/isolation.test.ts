/** Files of one worker share their modules: a test that replaces modules, or loads them again, would change them for others. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "packages");
const CHANGES_MODULES = /\bvi\.(?:mock|doMock|resetModules)\(/;

test("tests that replace modules, and no others, are named *.isolated.test.ts", () => {
  const files = readdirSync(root).flatMap((folder) =>
    readdirSync(join(root, folder, "test"), { recursive: true, encoding: "utf8" }).map((file) => join(folder, "test", file)),
  ).filter((file) => file.endsWith(".test.ts"));
  const changing = files.filter((file) => CHANGES_MODULES.test(readFileSync(join(root, file), "utf8")));
  expect(changing.toSorted()).toEqual(files.filter((file) => file.endsWith(".isolated.test.ts")).toSorted());
});
