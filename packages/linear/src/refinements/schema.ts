import { RefinementError } from "../errors.ts";
import type { RefinementIssue } from "../errors.ts";
import { COPY, INVALID, Issues, JUDGE, describeThrown } from "./issues.ts";
import type { StandardSchemaProps } from "./standard-schema.ts";

/**
 * A refined type at run time. `Out` is what a value is once it was read, `In` what a program may hand to the call.
 * Every schema of this package is also a function: the call takes what the compiler can judge, and reads it as `parse`.
 */
export interface Schema<Out, In = unknown> {
  /** What it is called in messages. */
  readonly name: string;
  /**
   * Reads any value. Arrays and records come back as frozen copies, each element read once.
   *
   * @throws {@link RefinementError} with every mistake; nothing else.
   */
  parse(value: unknown): Out;
  /** The same without a throw. */
  safeParse(value: unknown): SafeParse<Out>;
  /** Whether the value itself, as it is now, is of this type; a mutable one may be changed afterwards. */
  is(value: unknown): value is Out;
  /** Standard Schema, version 1. */
  readonly "~standard": StandardSchemaProps<In, Out>;
  /** What it is made of, for what is derived from a type: JSON Schema, arbitraries. */
  readonly "~type": Description;
  /** How schemas read one another: the value read, or `INVALID` and the reasons noted. */
  readonly "~read": Read<Out>;
}

/** What a refined type is made of. */
export type Description =
  /** Finite numbers within bounds; `whole` ones only; `-0` is read as `0` unless its sign is kept. */
  | { readonly type: "number"; readonly lo: number; readonly hi: number; readonly whole: boolean; readonly signedZero?: true }
  /** Strings of a length in UTF-16 code units, or that match. */
  | { readonly type: "string"; readonly min?: number; readonly max?: number; readonly pattern?: RegExp }
  /** `true` and `false`. */
  | { readonly type: "boolean" }
  /** One of some literals. */
  | { readonly type: "literal"; readonly values: readonly (string | number | boolean | null)[] }
  /** Arrays; without an element, of anything. */
  | { readonly type: "array"; readonly element?: Schema<unknown>; readonly min: number; readonly max: number }
  /** Records with exactly these keys. */
  | { readonly type: "record"; readonly fields: readonly (readonly [string, Schema<unknown>])[] }
  /** A key of a record that may be missing. */
  | { readonly type: "optional"; readonly schema: Schema<unknown>; readonly fallback?: unknown }
  /** What a base reads and a predicate accepts; `unique` where that asks for distinct elements. */
  | { readonly type: "refined"; readonly base: Schema<unknown>; readonly unique?: boolean }
  /** What both read. */
  | { readonly type: "and"; readonly first: Schema<unknown>; readonly second: Schema<unknown> }
  /** What one of them reads. */
  | { readonly type: "or"; readonly first: Schema<unknown>; readonly second: Schema<unknown> }
  /** What the base reads and the other does not. */
  | { readonly type: "not"; readonly base: Schema<unknown>; readonly excluded: Schema<unknown> };

/** Reads a value, or notes why it cannot. */
export type Read<Out> = (value: unknown, issues: Issues) => Out | typeof INVALID;

/** What `safeParse` returns. */
export type SafeParse<Out> = Accepted<Out> | Refused;

/** A value that is of the type. */
export interface Accepted<Out> {
  /** Whether it is. */
  readonly ok: true;
  /** The value as it was read. */
  readonly value: Out;
}

/** A value that is not of the type. */
export interface Refused {
  /** Whether it is. */
  readonly ok: false;
  /** Every mistake. Worked out when first read, from the value as it is then. */
  readonly issues: readonly RefinementIssue[];
}

/**
 * The type that a schema reads.
 *
 * @example
 * ```ts
 * import { IntRange } from "@void-system/linear";
 * import type { Infer } from "@void-system/linear";
 * const Port = IntRange(1, 65_535);
 * const port: Infer<typeof Port> = Port(8080);
 * port; // => 8080
 * ```
 */
export type Infer<S extends Schema<unknown>> = ReturnType<S["parse"]>;

/** What a program may hand to the call of a schema. */
export type InputOf<S> = S extends Schema<unknown, infer In> ? In : never;

/** A schema whose call takes its input as it is; the parts of others where no literal needs judging. */
export interface CallableSchema<Out, In> extends Schema<Out, In> {
  /**
   * Reads a value that the compiler has let through.
   *
   * @throws {@link RefinementError} when it is wrong all the same.
   */
  (value: In): Out;
}

/** A schema before its call is narrowed to what the compiler may let through. */
export type OpenSchema<Out, In> = ((value: unknown) => Out) & Schema<Out, In>;

/** Reads without reasons. May throw what a hostile value throws. */
export interface Reader<Out> {
  /** The value as it is read, or `INVALID`. */
  read(value: unknown): Out | typeof INVALID;
}

const made = /* @__PURE__ */ new WeakSet<object>();

/** Whether `makeSchema` made it, so that its description says all about its reader. */
export function isMade(schema: object): boolean {
  return made.has(schema);
}

/** Makes the function and its members from a reader. A `mark` is one more member. */
export function makeSchema<Out, In>(
  name: string,
  type: Description,
  read: Read<Out>,
  mark?: object,
  judge: Reader<Out> = { read: (value) => read(value, JUDGE) },
  copier: Reader<Out> = { read: (value) => read(value, COPY) },
): OpenSchema<Out, In> {
  const safeParse = (value: unknown): SafeParse<Out> => {
    try {
      const result = copier.read(value);
      if (result !== INVALID) return { ok: true, value: result };
    } catch {
      // A hostile value may throw when looked at (getters, proxies), and a predicate by mistake: both are refusals.
    }
    return new Refusal(read, value);
  };
  const parse = (value: unknown): Out => {
    const result = safeParse(value);
    if (!result.ok) throw new RefinementError(name, result.issues);
    return result.value;
  };
  const standard: StandardSchemaProps<In, Out> = Object.freeze({
    version: 1,
    vendor: "void-system",
    validate: (value: unknown) => {
      const result = safeParse(value);
      if (result.ok) return { value: result.value };
      return { issues: result.issues.map(({ reason, path }) => ({ message: reason, path })) };
    },
  });
  const call = (value: unknown): Out => parse(value);
  Object.defineProperty(call, "name", { value: name });
  const is = (value: unknown): value is Out => {
    try {
      return judge.read(value) !== INVALID;
    } catch {
      return false;
    }
  };
  const schema = Object.assign(call, { parse, safeParse, is, "~standard": standard, "~read": read, "~type": type }, mark);
  made.add(schema);
  return Object.freeze(schema);
}

/** A verdict that works out its reasons when they are first asked for: most callers only want to know that there are some. */
class Refusal implements Refused {
  readonly ok = false;
  readonly #read: Read<unknown>;
  readonly #value: unknown;
  #issues: readonly RefinementIssue[] | undefined;

  constructor(read: Read<unknown>, value: unknown) {
    this.#read = read;
    this.#value = value;
  }

  get issues(): readonly RefinementIssue[] {
    this.#issues ??= issuesOf(this.#read, this.#value);
    return this.#issues;
  }

  toJSON(): Refused {
    return { ok: this.ok, issues: this.issues };
  }
}

function issuesOf(read: Read<unknown>, value: unknown): readonly RefinementIssue[] {
  const issues = new Issues(false);
  try {
    read(value, issues);
  } catch (error) {
    issues.add(`expected a value that can be read, got a throw: ${describeThrown(error)}`);
  }
  if (issues.list.length === 0) issues.add("expected the value that was refused, got another since");
  return issues.list;
}
