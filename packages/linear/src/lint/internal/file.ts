import type { ParserServices, ParserServicesWithTypeInformation, TSESLint } from "@typescript-eslint/utils";
import type ts from "typescript";
import { LinearError } from "../../errors.ts";
import { Ownership } from "./linearity.ts";
import { Names } from "./variables.ts";

/** Information about a file, shared by the rules. */
export interface LintedFile {
  readonly ownership: Ownership;
  readonly names: Names;
  readonly scopes: readonly TSESLint.Scope.Scope[];
  /** Keys of the children, by type of node. */
  readonly keys: Readonly<Record<string, readonly string[] | undefined>>;
}

const files = new WeakMap<TSESLint.SourceCode, LintedFile>();
/** The brands that occur in a program, of those that were asked for. */
const branded = new WeakMap<ts.Program, Map<string, boolean>>();

/**
 * Returns the information about a file, or undefined if there is nothing to check in it because no file of its program has
 * the brand.
 *
 * @throws LinearError if the file was parsed without types.
 */
export function fileOf(sourceCode: TSESLint.SourceCode, brand: string): LintedFile | undefined {
  const { parserServices, scopeManager, visitorKeys } = sourceCode;
  const services = typed(parserServices);
  if (!hasBrand(services.program, brand)) return undefined;
  let file = files.get(sourceCode);
  if (file === undefined) {
    const scopes = scopeManager?.scopes ?? [];
    file = { ownership: new Ownership(services), names: new Names(scopes), scopes, keys: visitorKeys };
    files.set(sourceCode, file);
  }
  return file;
}

/**
 * Returns the parser's services.
 *
 * @throws LinearError if the file was parsed without types.
 */
export function typed(services: Partial<ParserServices> | undefined): ParserServicesWithTypeInformation {
  if (isTyped(services)) return services;
  throw new LinearError(
    "ERR_LINT_UNTYPED",
    "expected a file parsed with types, got one without; set languageOptions.parser to @typescript-eslint/parser " +
      "and parserOptions.projectService to true",
  );
}

function isTyped(services: Partial<ParserServices> | undefined): services is ParserServicesWithTypeInformation {
  return services?.program !== undefined && services.program !== null;
}

function hasBrand(program: ts.Program, brand: string): boolean {
  const known = branded.get(program) ?? new Map<string, boolean>();
  branded.set(program, known);
  let found = known.get(brand);
  if (found === undefined) {
    found = program.getSourceFiles().some(({ text }) => text.includes(brand));
    known.set(brand, found);
  }
  return found;
}
