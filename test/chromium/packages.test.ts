/** The packages that say that they run in browsers, in one. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { expect, test } from "vitest";
import { publicEntries } from "../../scripts/entries.mjs";
import { compile } from "../../packages/ising-scheduler/src/cluster/index.ts";
import { solve } from "../../packages/ising-scheduler/src/index.ts";
import { clusterInstance } from "../../packages/ising-scheduler/test/cluster-instance.ts";
import { isNodeOnly } from "../node-only.ts";
import { usePages } from "./chromium.ts";

const root = join(import.meta.dirname, "..", "..");
const golden = join(root, "packages", "simulation", "test", "golden");
const ORIGIN = "http://localhost";

/** Entries that reach Node by what they import. */
const NODE_ENTRIES = ["crypto/key-file", "ising-scheduler/exact", "linear/eslint"];

/** Entries that a worker runs: they listen, and export nothing. */
const WORKER_ENTRIES = ["ising-scheduler/worker"];

/** Source files of all other entries, by name: `"crypto/mac"`. */
const entries = Object.fromEntries(
  readdirSync(join(root, "packages")).flatMap((folder) =>
    Object.entries(publicEntries(join(root, "packages", folder)))
      .map(([subpath, source]) => [join(folder, subpath), join("packages", folder, source)] as const)
      .filter(([name, source]) => !NODE_ENTRIES.includes(name) && !isNodeOnly(source.replace("packages/", ""))),
  ),
);

/** Bundles sources for a browser; returns the text of each file by its path on the page's server. */
async function bundle(what: Pick<BuildOptions, "entryPoints" | "stdin">): Promise<Readonly<Record<string, string>>> {
  const outdir = join(root, "page");
  const { outputFiles } = await build({
    ...what,
    absWorkingDir: root,
    outdir,
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["void-source"],
    target: "es2022",
  });
  return Object.fromEntries(outputFiles.map(({ path, text }) => [path.slice(outdir.length), text]));
}

const open = usePages();

/** Runs a module in a page; returns its export `result`. */
async function runInPage(contents: string, files: Readonly<Record<string, string>> = {}): Promise<{ readonly result: unknown; readonly problems: readonly string[] }> {
  const main = await bundle({ stdin: { contents, resolveDir: root, sourcefile: "main.js" } });
  const { page, problems } = await open(`${ORIGIN}/`, { ...files, ...main, "/": `<!doctype html><link rel="icon" href="data:,">` });
  const result = await page.evaluate(`import(${JSON.stringify(Object.keys(main)[0])}).then(({ result }) => result)`);
  return { result, problems };
}

test("every entry that is not for Node alone loads", async () => {
  const files = await bundle({ entryPoints: entries });
  const { result, problems } = await runInPage(
    `export const result = await Promise.all(${JSON.stringify(Object.keys(files))}.map(async (file) => [file, Object.keys(await import(file)).length]));`,
    files,
  );
  expect(problems).toEqual([]);
  const empty = (result as [string, number][]).filter(([, exported]) => exported === 0).map(([file]) => file);
  expect(empty).toEqual(WORKER_ENTRIES.map((name) => `/${name}.js`));
  expect(result).toHaveLength(Object.keys(entries).length);
});

test("signatures made in a browser verify there, and altered ones do not", async () => {
  const { result, problems } = await runInPage(`
    import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
    const signer = ed25519.signer(generateKey("ed25519"));
    const text = new TextEncoder().encode("hello");
    const signature = signer.sign(text);
    const verify = (bytes) => ed25519.verify(bytes, signature, loadPublicKey(signer.publicKey));
    export const result = [verify(text), verify(text.subarray(1))];
  `);
  expect({ result, problems }).toEqual({ result: [true, false], problems: [] });
});

test("a seed is the same run in a browser as on Node", async () => {
  const { result, problems } = await runInPage(
    `import { goldenRuns } from "${join(golden, "runs.ts")}"; export const result = goldenRuns();`,
  );
  expect(problems).toEqual([]);
  expect(result).toEqual(JSON.parse(readFileSync(join(golden, "traces.json"), "utf8")).runs);
});

test("tokens get the same verdicts in a browser as on Node", async () => {
  const macaroons = join(root, "packages", "macaroons", "test");
  const { result, problems } = await runInPage(`
    import { loadPublicKey } from "@void-system/crypto";
    import { PublicVerifier, SealedToken, createStandardVerifier } from "@void-system/macaroons";
    import { accepts } from "${join(macaroons, "vector-verdicts.ts")}";
    import vectors from "${join(macaroons, "vectors.json")}";
    import frozen from "${join(macaroons, "public-token.json")}";
    const { issuer } = SealedToken.tryDecode(frozen.token);
    const verdict = new PublicVerifier(loadPublicKey(issuer), createStandardVerifier()).verify(frozen.token, { timeMs: 1000, resource: "/", operation: "read" });
    const wrong = vectors.judged.filter(({ expected }) => expected !== "either").filter((one) => accepts(one) !== (one.expected === "accept")).map(({ name }) => name);
    export const result = [verdict.ok, wrong];
  `);
  expect({ result, problems }).toEqual({ result: [true, []], problems: [] });
});

test("a placement is the same in a browser as on Node", async () => {
  const folder = join(root, "packages", "ising-scheduler");
  const { result, problems } = await runInPage(`
    import { solve } from "${join(folder, "src/index.ts")}";
    import { compile } from "${join(folder, "src/cluster/index.ts")}";
    import { clusterInstance } from "${join(folder, "test/cluster-instance.ts")}";
    export const result = [0.7, 1.4].map((fill) => solve(compile(clusterInstance(3, 24, 5, fill)), { moves: 5_000 }));`);
  expect(problems).toEqual([]);
  expect(result).toEqual([0.7, 1.4].map((fill) => solve(compile(clusterInstance(3, 24, 5, fill)), { moves: 5_000 })));
});
