/**
 * The arrows between packages: who imports whom. Arrows only point down; the table holds those in use, no more and no
 * fewer, in the sources and in the manifests.
 */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { isNodeOnly } from "./node-only.ts";

/** The packages that a package's sources import. Those that only its tests import stand in its `devDependencies`. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  linear: [],
  bytes: [],
  values: ["bytes"],
  effects: ["bytes"],
  simulation: ["effects"],
  hlc: [],
  causal: [],
  "ising-scheduler": [],
  crypto: ["bytes", "linear"],
  transport: ["bytes", "crypto", "effects"],
  plumtree: ["bytes", "crypto", "effects", "values"],
  pbft: ["bytes", "crypto", "effects"],
  macaroons: ["bytes", "crypto", "linear"],
  system: ["bytes", "causal", "crypto", "effects", "hlc", "ising-scheduler", "linear", "macaroons", "pbft", "plumtree", "transport"],
};

/** A statement that imports or re-exports, or a call of `import()`; the type of a module is no import. */
const IMPORT = /^\s*(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*["']([^"']+)["']|(?<!typeof )\bimport\(\s*["']([^"']+)["']/gm;

const SCOPE = "@void-system/";
const root = join(import.meta.dirname, "..", "packages");
const folders = readdirSync(root).toSorted();

describe("the arrows between packages", () => {
  test("every package has its place in the picture, above what it imports", () => {
    const names = Object.keys(IMPORTS);
    expect(names.toSorted()).toEqual(folders);
    for (const [name, targets] of Object.entries(IMPORTS)) expect(names.slice(0, names.indexOf(name))).toEqual(expect.arrayContaining([...targets]));
  });

  test.each(folders)("%s imports what the picture says, all of it and nothing else", (folder) => {
    expect(oursIn(importsOf(folder, "src"), folder)).toEqual(IMPORTS[folder]);
  });

  test.each(folders)("%s reaches another package only through its public face", (folder) => {
    expect(importsOf(folder, "src").filter(({ target }) => target !== undefined && !target.startsWith(`${folder}/`))).toEqual([]);
  });

  test.each(folders)("%s leaves the internal/ of others alone, in its tests too", (folder) => {
    const intruders = [...importsOf(folder, "src"), ...importsOf(folder, "test")].filter(
      ({ specifier, target = specifier }) => target.split("/").includes("internal") && !target.startsWith(`${folder}/`),
    );
    expect(intruders).toEqual([]);
  });

  test.each(folders)("%s declares what it imports, and nothing of ours beyond that", (folder) => {
    const { dependencies, peerDependencies, devDependencies } = manifestOf(folder);
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    const imported = new Set(importsOf(folder, "src").flatMap(({ packageName }) => packageName ?? []));
    expect([...imported].filter((name) => name !== SCOPE + folder && !declared.includes(name))).toEqual([]);
    expect(ours(declared)).toEqual(IMPORTS[folder]);
    const forTests = oursIn(importsOf(folder, "test"), folder).filter((name) => !IMPORTS[folder]?.includes(name));
    expect(ours(Object.keys({ ...devDependencies }))).toEqual(forTests);
  });

  test.each(folders)("%s uses Node's own modules only where it says so", (folder) => {
    const offenders = importsOf(folder, "src").filter(({ file, specifier }) => specifier.startsWith("node:") && !isNodeOnly(file));
    expect(offenders).toEqual([]);
  });
});

interface Import {
  /** Path below `packages/`. */
  readonly file: string;
  readonly specifier: string;
  /** The imported path below `packages/`, when it is relative. */
  readonly target?: string;
  /** The imported package, when there is one. */
  readonly packageName?: string;
}

/** Static and dynamic imports and re-exports of the `.ts` files in a package's `src` or `test`, comments left out. */
function importsOf(folder: string, part: "src" | "test"): readonly Import[] {
  return readdirSync(join(root, folder, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const code = readFileSync(path, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
      return [...code.matchAll(IMPORT)].map((match) => describeImport(path, match[1] ?? match[2] ?? ""));
    });
}

function describeImport(path: string, specifier: string): Import {
  const file = path.slice(root.length + 1);
  if (specifier.startsWith(".")) return { file, specifier, target: join(dirname(path), specifier).slice(root.length + 1) };
  if (specifier.startsWith("node:")) return { file, specifier };
  return { file, specifier, packageName: specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/") };
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}

/** The folders of ours among names of packages, sorted. */
function ours(names: readonly string[]): readonly string[] {
  return names.filter((name) => name.startsWith(SCOPE)).map((name) => name.slice(SCOPE.length)).toSorted();
}

function oursIn(imports: readonly Import[], self: string): readonly string[] {
  return ours([...new Set(imports.flatMap(({ packageName }) => packageName ?? []))]).filter((name) => name !== self);
}
