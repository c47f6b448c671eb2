/**
 * The declarations of packages that also run in browsers compile for a program that has the types of ECMAScript 2022 alone:
 * neither those of a browser nor those of Node.js.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const packages = join(import.meta.dirname, "../packages");
/** Entry points for a peer or a platform, whose types a program has when it imports them. */
const ELSEWHERE = /^(lint|node)\/|^fast-check\.ts$/;
/** A declaration that is made without the types of the platform has a member such as `[Symbol.dispose]` twice. */
const DUPLICATE = 2300;
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  // The build adds the second one by a reference in each declaration.
  lib: ["lib.es2022.d.ts", "lib.esnext.disposable.d.ts"],
  types: [],
  module: ts.ModuleKind.NodeNext,
  // Of a package that another one imports, the sources stand for what the build makes.
  paths: { "@void-system/*": [join(packages, "*", "src", "index.d.ts")] },
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

/** Returns the declarations of a package's modules, by the names of their files. */
function declarationsOf(name: string): readonly (readonly [file: string, text: string])[] {
  const folder = join(packages, name, "src");
  const modules = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((one) => one.replaceAll("\\", "/"));
  return modules
    .filter((module) => module.endsWith(".ts") && !ELSEWHERE.test(module))
    .map((module) => {
      const { outputText } = ts.transpileDeclaration(readFileSync(join(folder, module), "utf8"), { compilerOptions: options });
      return [join(folder, module).replace(/\.ts$/, ".d.ts"), outputText];
    });
}

function errorsOf(files: ReadonlyMap<string, string>): readonly string[] {
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, how) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile.call(host, name, how) : ts.createSourceFile(name, text, how);
  };
  // The declarations stand for the sources.
  host.fileExists = (name) => files.has(name) || (!files.has(name.replace(/\.ts$/, ".d.ts")) && fileExists.call(host, name));
  const program = ts.createProgram([...files.keys()], options, host);
  const errors = ts.getPreEmitDiagnostics(program).filter(({ code }) => code !== DUPLICATE);
  return errors.map(({ file, messageText }) => {
    return `${file?.fileName.slice(packages.length) ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

test.each(["linear", "effects"])("the declarations of %s", (name) => {
  const files = new Map([name, "bytes"].flatMap(declarationsOf));
  expect(files.size).toBeGreaterThan(30);
  expect(errorsOf(files)).toEqual([]);
});
