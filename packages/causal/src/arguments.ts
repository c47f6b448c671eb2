import { InvalidQueryError, InvalidTableError, quote, UnknownOptionError } from "./errors.ts";

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

/** Yields the objects of an iterable, and refuses anything else. `what` names the argument in messages. */
export function* readObjects<T extends object>(what: string, values: Iterable<T>): Generator<T> {
  if (typeof values !== "object" || values === null || typeof values[Symbol.iterator] !== "function") {
    throw new InvalidQueryError(`expected ${what} as an iterable of objects, got ${quote(values)}`);
  }
  for (const value of values) {
    if (typeof value !== "object" || value === null) throw new InvalidQueryError(`expected objects in ${what}, got ${quote(value)}`);
    yield value;
  }
}

/** Refuses what is no array of numbers, or typed array. */
export function readNumbers(what: string, values: ArrayLike<number>): void {
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  if (!isList) throw new InvalidTableError(`expected ${what} as an array of numbers, got ${quote(values)}`);
}
