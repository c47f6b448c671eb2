import { typeNameOf } from "./bytes.ts";
import { InvalidOptionError } from "./errors.ts";
import type { KeyAlgorithm } from "./keys/algorithm.ts";

/**
 * Refuses a value that is not an object, and names in it that are unknown: a misspelt option would silently do nothing.
 *
 * @throws {@link InvalidOptionError}
 */
export function requireOptions(given: object, names: readonly string[]): void {
  requireObject("options as an object", given);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new InvalidOptionError(`only the options ${names.join(", ")}`, `one named ${JSON.stringify(unknown.slice(0, 80))}`);
}

/**
 * Refuses a value that is not an object, and an array.
 *
 * @throws {@link InvalidOptionError}
 */
export function requireObject(expected: string, given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new InvalidOptionError(expected, typeNameOf(given));
}

/**
 * Refuses a value without a method.
 *
 * @throws {@link InvalidOptionError}
 */
export function requireMethod(expected: string, given: unknown, method: string): void {
  if (typeof given !== "object" || given === null || typeof Reflect.get(given, method) !== "function")
    throw new InvalidOptionError(expected, typeNameOf(given));
}

/**
 * Refuses a value that is not a secret key, or one for another purpose.
 *
 * @throws {@link InvalidOptionError}
 */
export function requireKey(key: { readonly algorithm: KeyAlgorithm }, algorithm: KeyAlgorithm): void {
  const expected = `a secret key for ${algorithm}`;
  requireMethod(expected, key, "use");
  if (key.algorithm !== algorithm) throw new InvalidOptionError(expected, `one for ${String(key.algorithm)}`);
}

/**
 * Refuses a time that is not a number: text would be compared as one.
 *
 * @throws {@link InvalidOptionError}
 */
export function requireTime(name: string, given: unknown): void {
  if (typeof given !== "number") throw new InvalidOptionError(`${name} in milliseconds`, typeNameOf(given));
}

/** Describes a time for messages: a number, or the type of anything else, which may not become text. */
export function shownTime(given: unknown): string {
  return typeof given === "number" ? `${given}` : typeNameOf(given);
}
