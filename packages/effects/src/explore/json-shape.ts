/**
 * Strict shapes of JSON: a shape takes a value and where it stands, and gives the value back with its type, or throws.
 */
import { SavedRunError } from "./errors.ts";

/** Checks a value that stands at `path`. */
export type Shape<T> = (value: unknown, path: string) => T;

/** What `JSON.parse` makes of braces. */
export type JsonObject = Readonly<Record<string, unknown>>;

const SHOWN_MAX = 60;

/** Parses text. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SavedRunError("JSON", error instanceof Error ? error.message : String(error));
  }
}

/** A value in an error. */
export function show(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  } catch {
    return "something nested too deeply";
  }
}

/** Refuses a value. */
export function refuse(path: string, expected: string, value: unknown): never {
  throw new SavedRunError(`${expected} at ${path === "" ? "the top" : path.slice(1)}`, show(value));
}

/** A text, of a form if one is given. */
export function string(form?: RegExp, expected = "a text"): Shape<string> {
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
      : refuse(path, `a number of ${least} to ${most}`, value);
}

/** A whole number in a range, both ends included. */
export function integer(least: number, most: number): Shape<number> {
  const inRange = number(least, most);
  return (value, path) => (Number.isInteger(value) ? inRange(value, path) : refuse(path, "a whole number", value));
}

/** A list of at most so many. */
export function array<T>(shape: Shape<T>, lengthMax: number): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > lengthMax) return refuse(path, `a list of at most ${lengthMax}`, value);
    return value.map((entry, index) => shape(entry, `${path}[${index}]`));
  };
}

/** A shape that may be missing. */
export interface OptionalShape<T> {
  /** What it is when it is there. */
  readonly optional: Shape<T>;
}

/** A field that may be missing. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { optional: shape };
}

/** The fields of an object. */
export type Fields = Readonly<Record<string, Shape<unknown> | OptionalShape<unknown>>>;

/** What fields are the shape of. */
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
      if (!given.has(name) && isOptional) continue;
      if (!given.has(name)) return refuse(path, `a field "${name}"`, value);
      taken[name] = (isOptional ? shape.optional : shape)(given.get(name), `${path}.${name}`);
      given.delete(name);
    }
    const [unknown] = given.keys();
    if (unknown !== undefined) return refuse(path, `no field "${unknown}"`, value);
    // Each field was checked by its shape.
    return taken as Read<F>;
  };
}
