import { InvalidProblemError, quote } from "../errors.ts";

/** Refuses what is not an array, and entries that are missing. */
export function checkList(path: string, value: unknown, limit: number): void {
  if (!Array.isArray(value) || value.includes(undefined)) return refuse(path, "an array without holes", value);
  if (value.length > limit) throw new InvalidProblemError(`expected at most ${limit} ${path}, got ${value.length}`);
}

/** Refuses what is not an object. */
export function checkObject(path: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(path, "an object", value);
}

/** Refuses what is not an object, and a property that has no meaning: a misspelt option would be ignored in silence. */
export function checkKeys(path: string, value: object, known: ReadonlySet<string>): void {
  checkObject(path, value);
  for (const key in value) {
    if (known.has(key)) continue;
    throw new InvalidProblemError(`expected ${path} with ${[...known].join(", ")}, got ${quote(key)}`);
  }
}

/** Refuses what is not a finite number >= 0. */
export function checkWeight(path: string, weight: unknown): void {
  if (typeof weight !== "number" || !Number.isFinite(weight) || weight < 0) refuse(path, "a finite number >= 0", weight);
}

/** Refuses what is not a whole number of the range. */
export function checkWhole(path: string, value: unknown, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || Number(value) < low || Number(value) > high) {
    refuse(path, `a whole number ${low}..${high}`, value);
  }
}

/** Refuses a value, saying what it should be. */
export function refuse(path: string, what: string, value: unknown): never {
  throw new InvalidProblemError(`expected ${path} to be ${what}, got ${shown(value)}`);
}

/** A value of any kind as it appears in messages. */
export function shown(value: unknown): string {
  if (typeof value === "string") return quote(value);
  return typeof value === "object" && value !== null ? (Array.isArray(value) ? "an array" : "an object") : String(value);
}
