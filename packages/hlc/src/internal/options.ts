import { InvalidOptionError } from "../errors.ts";

/** Refuses a value that is not an object, and names in it that are unknown: a misspelt option would silently do nothing. */
export function checkNames(what: string, given: object, names: readonly string[]): void {
  checkObject(what, given);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw new InvalidOptionError(`${what}.${name}`, `absent: the names are ${names.join(", ")}`, "an unknown name");
  }
}

/** Refuses a value that is not an object, and an array. */
export function checkObject(name: string, given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new InvalidOptionError(name, "an object", given);
}

/** Refuses a value that is not a function. Undefined stands for a default. */
export function checkFunction(name: string, given: unknown): void {
  if (given !== undefined && typeof given !== "function") throw new InvalidOptionError(name, "a function", given);
}

/** Refuses a value that is not a number of at least `least`. */
export function checkNumber(name: string, given: unknown, least: number, unit: string): void {
  if (typeof given !== "number" || !(given >= least)) throw new InvalidOptionError(name, `${unit} >= ${least}`, given);
}
