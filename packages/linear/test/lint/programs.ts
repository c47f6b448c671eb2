/** Compiles the programs of a lint suite as one program, so that the platform's types are read once, and lints them. */
import * as parser from "@typescript-eslint/parser";
import { Linter } from "eslint";
import { defineConfig } from "eslint/config";
import ts from "typescript";
import linear from "../../src/lint/index.ts";

const folder: string = import.meta.dirname;

/** Programs that share a scene: a folder with `scene.ts`, and the names that each program imports from it. */
export interface Scene {
  readonly folder: string;
  readonly names: readonly string[];
}

/** Programs to lint, added before the first is linted. */
export class Programs {
  readonly #files = new Map<string, string>();
  #config: Linter.Config[] = [];
  #compiled: ts.Program | undefined;
  readonly #linter: Linter = new Linter({ configType: "flat" });

  /** Adds a program and returns the name of its virtual file. */
  add(scene: Scene, program: string): string {
    const name = `${folder}/${scene.folder}program${this.#files.size}.ts`;
    const header = `import { ${scene.names.join(", ")} } from "./scene.ts";\n`;
    this.#files.set(name, `${header}${program}${program.includes("export") ? "" : "\nexport {};"}`);
    return name;
  }

  /** Returns the reports on a program: the ids of the messages, in the order of the text. */
  reportsOf(file: string): string {
    if (this.#config.length === 0) this.#config = configOf(this.#program());
    const messages = this.#linter.verify(this.#files.get(file) ?? "", this.#config, { filename: file });
    return messages.map(({ messageId, message }) => messageId ?? message).join(" ");
  }

  /** Returns the compile errors of a program. */
  errorsOf(file: string): readonly string[] {
    const program = this.#program();
    return program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .filter(({ code }) => !ALLOWED.has(code))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  }

  #program(): ts.Program {
    return (this.#compiled ??= compile(this.#files));
  }
}

function configOf(program: ts.Program): Linter.Config[] {
  const languageOptions = { parser, parserOptions: { programs: [program] } };
  return defineConfig([{ ...linear.configs.recommended, files: ["**/*.ts"], languageOptions }]);
}

/** Codes of TypeScript for names that are never read, and for what only this repository's settings forbid. */
const ALLOWED: ReadonlySet<number> = new Set([1294, 6133, 6192, 6196, 6198, 7057]);

function compile(files: ReadonlyMap<string, string>): ts.Program {
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
