/** Checks of what a caller hands in, for programs without types: a misspelt option must not be a limit that is missing. */
import { OptionError } from "./errors.ts";

/** @throws {@link OptionError} for options that are no object, and for one of another name than those `known`. */
export function refuseUnknown(of: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new OptionError(of, "an object of options", shown(options));
  }
  const other = Object.keys(options).find((name) => !known.includes(name));
  if (other !== undefined) throw new OptionError(of, `options out of ${known.join(", ")}`, JSON.stringify(other));
}

/** @throws {@link OptionError} for anything but a list. */
export function refuseNonList(of: string, name: string, value: unknown): void {
  if (!Array.isArray(value)) throw new OptionError(of, `a list as ${name}`, shown(value));
}

/** @throws {@link OptionError} for anything but a finite number above 0. */
export function requirePositive(of: string, name: string, value: unknown): void {
  if (typeof value === "number" && value > 0 && value < Number.POSITIVE_INFINITY) return;
  throw new OptionError(of, `${name} above 0`, typeof value === "number" ? String(value) : shown(value));
}

/** @throws {@link OptionError} for a promise, in which a caller would see neither yes nor no. */
export function refusePromise(of: string, name: string, value: unknown): void {
  if (typeof value === "object" && value !== null && "then" in value) throw new OptionError(of, `a ${name} that answers at once`, "a promise");
}

/** @throws {@link OptionError} for a value that is no function. */
export function requireFunctions(of: string, ...values: readonly unknown[]): void {
  for (const value of values) if (typeof value !== "function") throw new OptionError(of, "a function", shown(value));
}

/** Returns a short name of a value that shows none of it: it may be a key or a token. */
export function shown(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}
