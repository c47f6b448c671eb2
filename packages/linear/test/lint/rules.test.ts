import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import ts from "typescript";
import { expect, test } from "vitest";
import linear from "../../src/lint/index.ts";
import { RIGHT } from "./right.ts";
import * as sceneTypes from "./scene-names.ts";
import { WRONG } from "./wrong.ts";

/** Minimum percentage of wrong programs that are reported. */
const REPORTED_MIN_PERCENT = 95;
const HEADER = `import { ${sceneTypes.NAMES.join(", ")} } from "./scene.ts";\n`;
const folder = import.meta.dirname;

const wrong = Object.values(WRONG).flat();
/** The text of each program, by the name of its virtual file. */
const files = new Map(
  [...RIGHT, ...wrong.map(([, program]) => program)].map((program, index) => [
    `${folder}/program${index}.ts`,
    `${HEADER}${program}${program.includes("export") ? "" : "\nexport {};"}`,
  ]),
);

const linter = new Linter({ configType: "flat" });
const config = [
  {
    ...linear.configs.recommended,
    files: ["**/*.ts"],
    languageOptions: { parser, parserOptions: { programs: [compile()] } },
  },
  // The plugin's rules have the types of typescript-eslint, which do not quite match ESLint's own.
] as Linter.Config[];

/** Compiles all programs at once, so that the platform's types are read only once. */
function compile(): ts.Program {
  const { config: given } = ts.readConfigFile(`${folder}/tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(given, ts.sys, folder);
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (name, how, ...rest) => {
    const text = files.get(name);
    if (text === undefined) return getSourceFile.call(host, name, how, ...rest);
    return ts.createSourceFile(name, text, how, true);
  };
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
  return ts.createProgram([...files.keys()], options, host);
}

/** Returns the reports on a program: the ids of the messages, in the order of the text. */
function reportsOf(index: number): string {
  const filename = `${folder}/program${index}.ts`;
  const messages = linter.verify(files.get(filename) ?? "", config, { filename });
  return messages.map(({ messageId, message }) => messageId ?? message).join(" ");
}

test("right programs get no report", () => {
  expect(RIGHT.length).toBeGreaterThanOrEqual(60);
  expect(new Set(RIGHT).size).toBe(RIGHT.length);
  const reported = RIGHT.map((program, index) => [reportsOf(index), program]).filter(([reports]) => reports !== "");
  expect(reported).toEqual([]);
});

test("at least 95 % of wrong programs are reported, each with the right message", () => {
  expect(wrong.length).toBeGreaterThanOrEqual(100);
  expect(new Set(wrong.map(([, program]) => program)).size).toBe(wrong.length);
  const found = wrong.map(([, program], index) => [reportsOf(RIGHT.length + index), program] as const);
  expect(found).toEqual(wrong);
  const reported = found.filter(([reports]) => reports !== "");
  expect((100 * reported.length) / wrong.length).toBeGreaterThanOrEqual(REPORTED_MIN_PERCENT);
});

test("the plugin has its rules", () => {
  const rules = Object.keys(linear.rules);
  expect(rules).toEqual(["exactly-once", "no-discard", "no-forgotten"]);
  expect(Object.keys(linear.configs.recommended.rules ?? {})).toEqual(rules.map((name) => `linear/${name}`));
});
