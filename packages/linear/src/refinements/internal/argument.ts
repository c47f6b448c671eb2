/** Checks on the arguments of the functions that make schemas, for callers without a compiler. */
import { SchemaError } from "../../errors.ts";

/** Refuses an argument that is not a schema. `place` names the argument. */
export function checkSchema(schema: unknown, place: string): void {
  if (typeof schema === "function" && "~read" in schema) return;
  if (typeof schema === "object" && schema !== null && "~read" in schema) return;
  throw new SchemaError(`expected a schema as ${place}, got ${inWords(schema)}; pass one, such as Text or Finite`);
}

/** Refuses a name that is not a text. */
export function checkName(name: unknown, of: string): void {
  if (typeof name === "string" && name !== "") return;
  throw new SchemaError(`expected a name for ${of}, got ${inWords(name)}; pass a text that messages can show`);
}

/** Describes an argument in a few words: a function, such as `Number` in place of a schema, by its name. */
export function inWords(argument: unknown): string {
  if (typeof argument === "string") return JSON.stringify(argument);
  if (typeof argument === "function") return `the function ${argument.name}`;
  if (typeof argument === "object" && argument !== null) return Array.isArray(argument) ? "an array" : "an object";
  return String(argument) + (typeof argument === "bigint" ? "n" : "");
}
