/**
 * Every package is built, typed and checked in the same way: turbo passes over a package without the script, in silence.
 */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageFolders, publicEntries } from "../scripts/entries.mjs";

const SCRIPTS = {
  declarations: "tsup --silent --config ../../tsup.config.ts",
  typecheck: "tsc -p .",
  "check:package": "publint --strict && attw --pack . --profile esm-only",
};

const root = join(import.meta.dirname, "..", "packages");

describe.each(readdirSync(root))("the manifest of %s", (folder) => {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Record<"scripts" | "exports", object>;

  test("has the scripts of every package", () => expect(manifest.scripts).toMatchObject(SCRIPTS));

  test("exports what the build makes of each source", () => {
    const built = Object.entries(publicEntries(join(root, folder))).map(([subpath, source]) => {
      const made = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
      return [subpath, { "void-source": source, types: `${made}.d.ts`, default: `${made}.js` }];
    });
    expect(manifest.exports).toEqual({ ...Object.fromEntries(built), "./package.json": "./package.json" });
  });
});

test("a folder that another commit left is no package", () => {
  const checkout = mkdtempSync(join(tmpdir(), "void-packages-"));
  mkdirSync(join(checkout, "packages", "left", "dist"), { recursive: true });
  mkdirSync(join(checkout, "packages", "one"));
  writeFileSync(join(checkout, "packages", "one", "package.json"), "{}");
  expect(packageFolders(checkout)).toEqual([join(checkout, "packages", "one")]);
  rmSync(checkout, { recursive: true });
});
