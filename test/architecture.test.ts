/**
 * The arrows between packages: who may import whom. Arrows only point down; nothing else may appear, in the sources
 * or in a manifest.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  linear: [],
  bytes: [],
  values: ["bytes"],
  effects: [],
  simulation: ["effects"],
  hlc: [],
  causal: [],
  "ising-scheduler": [],
  crypto: ["linear"],
  transport: ["effects", "crypto", "bytes"],
  plumtree: ["effects", "values"],
  pbft: ["effects", "crypto"],
  macaroons: ["crypto", "linear"],
  system: ["linear", "effects", "crypto", "hlc", "transport", "plumtree", "pbft", "macaroons", "ising-scheduler", "causal"],
};

/** Subpaths that may use `node:` modules; everything else also runs in browsers. */
const NODE_ONLY = [/^effects\/src\/node\//, /^simulation\/src\/(vitest\/|cli)/, /^crypto\/src\/node\//, /^transport\/src\/(tls\/|certificate)/, /^system\//];

/** A statement that imports or re-exports, or a call of `import()`; the type of a module is no import. */
const IMPORT = /^\s*(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*["']([^"']+)["']|(?<!typeof )\bimport\(\s*["']([^"']+)["']/gm;

const root = join(import.meta.dirname, "..", "packages");
const folders = readdirSync(root);

describe("the arrows between packages", () => {
  test("every package has its place in the picture", () => {
    expect(folders.sort()).toEqual(Object.keys(MAY_IMPORT).sort());
  });

  test.each(folders)("%s imports only what stands below it", (folder) => {
    const arrows = new Set(importsOf(folder).flatMap(({ specifier }) => /^@void-system\/([^/]+)/.exec(specifier)?.[1] ?? []));
    expect([...arrows].filter((target) => target !== folder && !MAY_IMPORT[folder]?.includes(target))).toEqual([]);
  });

  test.each(folders)("%s reaches another package only through its public face", (folder) => {
    const intruders = importsOf(folder).filter(({ specifier }) => specifier.startsWith("../../") && specifier.includes("/src/"));
    expect(intruders).toEqual([]);
  });

  test.each(folders)("%s declares what it imports, and nothing of ours beyond its arrows", (folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly peerDependencies?: Readonly<Record<string, string>>;
    };
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const imported = new Set(
      importsOf(folder)
        .map(({ specifier }) => specifier)
        .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
        .map((specifier) => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")),
    );
    expect([...imported].filter((name) => name !== `@void-system/${folder}` && !declared.includes(name))).toEqual([]);
    const ours = declared.flatMap((name) => /^@void-system\/(.+)$/.exec(name)?.[1] ?? []);
    expect(ours.filter((target) => !MAY_IMPORT[folder]?.includes(target))).toEqual([]);
  });

  test.each(folders)("%s uses Node's own modules only where it says so", (folder) => {
    const offenders = importsOf(folder).filter(
      ({ file, specifier }) => specifier.startsWith("node:") && !NODE_ONLY.some((allowed) => allowed.test(file)),
    );
    expect(offenders).toEqual([]);
  });
});

interface Import {
  /** Path below `packages/`. */
  readonly file: string;
  readonly specifier: string;
}

/** Static and dynamic imports and re-exports of a package's sources, comments left out. */
function importsOf(folder: string): readonly Import[] {
  return readdirSync(join(root, folder, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const code = readFileSync(path, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
      return [...code.matchAll(IMPORT)].map((match) => ({ file: path.slice(root.length + 1), specifier: match[1] ?? match[2] ?? "" }));
    });
}
