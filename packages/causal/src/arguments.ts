import { InvalidQueryError, quote, UnknownOptionError } from "./errors.ts";

/** A set of node names: an array or a Set. A string is refused, as its letters are rarely meant. */
export type NodeNames = readonly string[] | ReadonlySet<string>;

/** Returns the names as an array without repetitions. `what` names the argument in messages. */
export function readNames(what: string, names: NodeNames): readonly string[] {
  if (Array.isArray(names) || names instanceof Set) return [...new Set<string>(names)];
  throw new InvalidQueryError(`expected ${what} to be an array or a Set of names, got ${quote(names)}; put one name into an array`);
}

/** Refuses what is no object of values by name. */
export function readRecord(what: string, values: unknown): void {
  if (typeof values === "object" && values !== null && !Array.isArray(values)) return;
  throw new InvalidQueryError(`expected ${what} as values by name, got ${quote(values)}`);
}

/** Refuses what is no object, and keys that nothing reads, so that a misspelt option is not silently ignored. */
export function readOptions(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new InvalidQueryError(`expected ${what} to be an object with ${known.join(", ")}, got ${quote(options)}`);
  }
  for (const key of Object.keys(options)) if (!known.includes(key)) throw new UnknownOptionError(what, key, known);
}
