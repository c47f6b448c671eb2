/**
 * The docs are part of the product: every `ts` block of every README, docs page and docstring is type-checked against
 * the built packages and run as a module of its own. `expr; // => value` becomes an assertion.
 *
 * `node scripts/snippets.mjs [path part]` checks only the files whose path contains the part.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { transformSync } from "esbuild";

const RUN_MS_MAX = 30_000;
const CONCURRENCY = 2;
const CACHE = join(".cache", "snippets");
const only = process.argv[2] ?? "";

const snippets = sources().filter((file) => file.includes(only)).flatMap(extract);
rmSync(CACHE, { recursive: true, force: true });
mkdirSync(CACHE, { recursive: true });
for (const snippet of snippets) writeFileSync(join(CACHE, `${snippet.name}.ts`), `${snippet.code}\nexport {};\n`);
if (!typecheck()) process.exit(1);

const failures = [];
const queue = [...snippets];
await Promise.all(Array.from({ length: CONCURRENCY }, drain));
for (const { snippet, output } of failures) process.stderr.write(`\nFAIL ${snippet.file}:${snippet.line}\n${output}\n`);
process.stdout.write(`snippets: ${snippets.length - failures.length} ran, ${failures.length} failed\n`);
process.exit(failures.length > 0 ? 1 : 0);

/** Every file that may hold snippets. */
function sources() {
  const walk = (folder, keep) =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && keep(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  const markdown = (name) => name.endsWith(".md");
  const packages = readdirSync("packages").flatMap((name) => [
    join("packages", name, "README.md"),
    ...walk(join("packages", name, "src"), (file) => file.endsWith(".ts")),
    ...(readdirSync(join("packages", name)).includes("docs") ? walk(join("packages", name, "docs"), markdown) : []),
  ]);
  const pages = walk("docs", markdown).filter((file) => !file.startsWith(join("docs", "api")));
  return [...readdirSync(".").filter(markdown), ...pages, ...packages];
}

/** The `ts` blocks of one file, docstring stars removed. */
function extract(file) {
  const found = [];
  let block;
  readFileSync(file, "utf8").split("\n").forEach((raw, index) => {
    const line = file.endsWith(".ts") ? raw.replace(/^\s*\* ?/, "") : raw;
    if (block === undefined) {
      if (/^\s*```ts\s*$/.test(line)) block = { line: index + 1, code: [] };
    } else if (/^\s*```\s*$/.test(line)) {
      const name = `${file.replace(/[^A-Za-z0-9]+/g, "_")}_${block.line}`;
      found.push({ file, line: block.line, name, code: block.code.join("\n") });
      block = undefined;
    } else block.code.push(line);
  });
  return found;
}

function typecheck() {
  const options = { extends: "../../tsconfig.base.json", include: ["*.ts"] };
  const compilerOptions = { customConditions: [], noUnusedLocals: false, noUnusedParameters: false, isolatedDeclarations: false, declaration: false };
  writeFileSync(join(CACHE, "tsconfig.json"), JSON.stringify({ ...options, compilerOptions }));
  const { status } = spawnSync(join("node_modules", ".bin", "tsc"), ["-p", CACHE], { stdio: "inherit" });
  return status === 0;
}

/**
 * Turns `expression; // => value` and `const name = …; // => value` into assertions, where `value` is an
 * expression that may begin, or go on, in comment lines below. A result that stands anywhere else would be a claim that nobody checks: refused.
 */
function withAssertions(code) {
  const asserted = code
    .replace(/;\n\s*\/\/ => /g, "; // => ")
    .replace(/(\/\/ => .*[[{(,])((?:\n\s*\/\/(?! =>).*)+)/g, (_, first, rest) => first + rest.replace(/\n\s*\/\//g, ""))
    .split("\n")
    .map((line) => {
      const declared = /^(\s*)const (\w+)(?:: [^=]+)? = .+;\s*\/\/ => (.+)$/.exec(line);
      if (declared) return `${line}\n__expect(${declared[2]}, (${declared[3]}));`;
      const stated = /^(\s*)(?!const |let |import |return |export |\/\/)(.+?);\s*\/\/ => (.+)$/.exec(line);
      if (stated) return `${stated[1]}__expect((${stated[2]}), (${stated[3]}));`;
      if (line.includes("// =>")) throw new Error(`expected "expression; // => value" on one line, got: ${line.trim()}`);
      return line;
    })
    .join("\n");
  return `import __assert from "node:assert/strict";
import { isDeepStrictEqual as __same } from "node:util";
const __plain = (value) => (value !== null && typeof value === "object" && !ArrayBuffer.isView(value) && !(value instanceof Map) && !(value instanceof Set) ? (Array.isArray(value) ? value.map(__plain) : { ...value }) : value);
const __expect = (got, expected) => { if (!__same(__plain(got), __plain(expected))) __assert.deepStrictEqual(got, expected); };
${asserted}`;
}

async function drain() {
  for (let snippet = queue.shift(); snippet; snippet = queue.shift()) {
    const script = join(CACHE, `${snippet.name}.mjs`);
    try {
      writeFileSync(script, transformSync(withAssertions(snippet.code), { loader: "ts", format: "esm", target: "node20" }).code);
    } catch (error) {
      failures.push({ snippet, output: error.message });
      continue;
    }
    const output = await runScript(script);
    if (output !== undefined) failures.push({ snippet, output });
  }
}

/** Runs one module in a folder of its own; answers with what it printed when it failed. */
function runScript(script) {
  const cwd = mkdtempSync(join(tmpdir(), `void-${basename(script, ".mjs").slice(-24)}-`));
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(process.execPath, [join(process.cwd(), script)], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => {
      output += `\ndid not end within ${RUN_MS_MAX} ms`;
      child.kill("SIGKILL");
    }, RUN_MS_MAX);
    child.stdout.on("data", (bytes) => (output += bytes));
    child.stderr.on("data", (bytes) => (output += bytes));
    child.on("close", (code) => {
      clearTimeout(timer);
      rmSync(cwd, { recursive: true, force: true });
      resolve(code === 0 ? undefined : output);
    });
  });
}
