/**
 * Strict shapes of data from outside. A shape takes a value and its path, and returns the value with its type, or
 * throws.
 */

import { isPromise } from "./is-promise.ts";

/** Checks the value at `path`. */
export type Shape<T> = (value: unknown, path: string) => T;

/** An object as `JSON.parse` makes it. */
export type JsonObject = Readonly<Record<string, unknown>>;

const SHOWN_MAX = 60;

/** Returns a short text of a value for an error. */
export function show(value: unknown): string {
  if (isPromise(value)) return "a promise (of an async function)";
  if (Object.prototype.toString.call(value) === "[object Generator]") return "a program (of a function*)";
  try {
    // JSON shows some numbers as null.
    const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
    return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  } catch {
    return "a value that is nested too deeply";
  }
}

/** Thrown by a shape, with the path and the expectation. For {@link checked} alone. */
class ShapeError extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/**
 * Returns the value if it has the shape.
 *
 * @throws a `Wrong` that names the path and the expectation.
 */
export function checked<T>(shape: Shape<T>, value: unknown, Wrong: new (expected: string, got: string) => Error): T {
  try {
    return shape(value, "");
  } catch (error) {
    throw error instanceof ShapeError ? new Wrong(error.expected, error.got) : error;
  }
}

/** Refuses a value. */
export function refuse(path: string, expected: string, value: unknown): never {
  throw new ShapeError(`${expected} at ${path === "" ? "the top" : path.slice(1)}`, show(value));
}

/** A text, which must match `form` if given. */
export function string(form?: RegExp, expected = "a string"): Shape<string> {
  return (value, path) =>
    typeof value === "string" && (form?.test(value) ?? true) ? value : refuse(path, expected, value);
}

/** One of some texts. */
export function oneOf<const T extends string>(...texts: readonly T[]): Shape<T> {
  return (value, path) => texts.find((text) => text === value) ?? refuse(path, `one of ${texts.join(", ")}`, value);
}

/** A number in a range, both ends included. */
export function number(least: number, most: number): Shape<number> {
  return (value, path) =>
    typeof value === "number" && value >= least && value <= most
      ? value
      : refuse(path, `a number from ${least} to ${most}`, value);
}

/** A whole number in a range, both ends included. */
export function integer(least: number, most: number): Shape<number> {
  const inRange = number(least, most);
  return (value, path) => (Number.isInteger(value) ? inRange(value, path) : refuse(path, "a whole number", value));
}

/** A list of at most `lengthMax` entries. */
export function array<T>(shape: Shape<T>, lengthMax: number): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > lengthMax) return refuse(path, `a list of at most ${lengthMax} entries`, value);
    return value.map((entry, index) => shape(entry, `${path}[${index}]`));
  };
}

/** True or false. */
export const boolean: Shape<boolean> = (value, path) =>
  typeof value === "boolean" ? value : refuse(path, "true or false", value);

/** A function. Its parameters cannot be checked. */
export const callable: Shape<(...given: never[]) => unknown> = (value, path) =>
  // Safe: any function may be called with any arguments, and must check them itself.
  typeof value === "function" ? (value as (...given: never[]) => unknown) : refuse(path, "a function", value);

/** An object with any names. */
export function record<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(path, "an object", value);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shape(one, `${path}.${name}`)]));
  };
}

/** A shape that may be missing. */
export interface OptionalShape<T> {
  /** The shape of the value, if present. */
  readonly optional: Shape<T>;
}

/** A field that may be missing. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { optional: shape };
}

/** The fields of an object. */
export type Fields = Readonly<Record<string, Shape<unknown> | OptionalShape<unknown>>>;

/** The type that fields describe. */
export type Read<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Shape<unknown> ? K : never]: F[K] extends Shape<infer T> ? T : never;
} & {
  readonly [K in keyof F as F[K] extends Shape<unknown> ? never : K]?: F[K] extends OptionalShape<infer T> ? T : never;
};

/** An object with these fields and no other. */
export function object<const F extends Fields>(fields: F): Shape<Read<F>> {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(path, "an object", value);
    const given = new Map<string, unknown>(Object.entries(value));
    const taken: Record<string, unknown> = {};
    for (const [name, shape] of Object.entries(fields)) {
      const isOptional = typeof shape === "object";
      const isMissing = given.get(name) === undefined;
      if (isMissing && !isOptional) return refuse(path, `a field "${name}"`, value);
      if (isMissing) {
        given.delete(name);
        continue;
      }
      taken[name] = (isOptional ? shape.optional : shape)(given.get(name), `${path}.${name}`);
      given.delete(name);
    }
    const [unknown] = given.keys();
    if (unknown !== undefined) {
      const expected = `no field "${unknown}" at ${path === "" ? "the top" : path.slice(1)}, but one of ${Object.keys(fields).join(", ")}`;
      throw new ShapeError(expected, show(value));
    }
    // Each field was checked by its shape.
    return taken as Read<F>;
  };
}
