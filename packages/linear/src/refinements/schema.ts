import { RefinementError, SchemaError } from "../errors.ts";
import type { RefinementIssue } from "../errors.ts";
import { COPY, INVALID, Issues, JUDGE, describeThrown } from "./issues.ts";
import type { StandardSchemaProps } from "./standard-schema.ts";

/**
 * A refined type at run time. `Out` is the type of a value that was read, `In` the type that the call accepts. Every
 * schema of this package is also a function: the call takes values that the compiler can check, and reads them like
 * `parse`.
 */
export interface Schema<Out, In = unknown> {
  /** Name of the type in messages. */
  readonly name: string;
  /**
   * Reads any value. Arrays and records are returned as frozen copies, each element read once.
   *
   * @throws {@link RefinementError} with every mistake.
   * @throws {@link SchemaError} for a predicate that returns no boolean. Nothing else is thrown.
   */
  parse(value: unknown): Out;
  /** Reads any value like `parse`, without throwing. */
  safeParse(value: unknown): SafeParse<Out>;
  /** Returns true if the value itself, as it is now, is of this type. A mutable value may change afterwards. */
  is(value: unknown): value is Out;
  /** Standard Schema, version 1. */
  readonly "~standard": StandardSchemaProps<In, Out>;
  /** Description of the type, for deriving JSON Schema and arbitraries. */
  readonly "~type": Description;
  /** Reads a value on behalf of another schema. Returns the value, or `INVALID` after adding the reasons. */
  readonly "~read": Read<Out>;
}

/** Description of a refined type. */
export type Description =
  /** Finite numbers within bounds, only whole ones if `whole`. `-0` is read as `0` unless `signedZero`. */
  | { readonly type: "number"; readonly lo: number; readonly hi: number; readonly whole: boolean; readonly signedZero?: true }
  /** Strings of a length in UTF-16 code units, or that match a pattern. */
  | { readonly type: "string"; readonly min?: number; readonly max?: number; readonly pattern?: RegExp }
  | { readonly type: "boolean" }
  /** One of some literals. */
  | { readonly type: "literal"; readonly values: readonly (string | number | boolean | null)[] }
  /** Arrays, with elements of any type if `element` is missing. */
  | { readonly type: "array"; readonly element?: Schema<unknown>; readonly min: number; readonly max: number }
  /** Records with exactly these keys. */
  | { readonly type: "record"; readonly fields: readonly (readonly [string, Schema<unknown>])[] }
  /** A key of a record that may be missing. */
  | { readonly type: "optional"; readonly schema: Schema<unknown>; readonly fallback?: unknown }
  /** Values of a base that a predicate accepts; `unique` if it requires distinct elements. */
  | { readonly type: "refined"; readonly base: Schema<unknown>; readonly unique?: boolean }
  | { readonly type: "and"; readonly first: Schema<unknown>; readonly second: Schema<unknown> }
  | { readonly type: "or"; readonly first: Schema<unknown>; readonly second: Schema<unknown> }
  /** Values of the base that the other type refuses. */
  | { readonly type: "not"; readonly base: Schema<unknown>; readonly excluded: Schema<unknown> };

/** Reads a value, or adds the reasons for refusing it. */
export type Read<Out> = (value: unknown, issues: Issues) => Out | typeof INVALID;

/** Result of `safeParse`. */
export type SafeParse<Out> = Accepted<Out> | Refused;

/** A value of the type. */
export interface Accepted<Out> {
  readonly ok: true;
  /** The value as it was read. */
  readonly value: Out;
}

/** A value that is not of the type. */
export interface Refused {
  readonly ok: false;
  /** Every mistake, computed on first access from the value as it is then. */
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

/** Type that the call of a schema accepts. */
export type InputOf<S> = S extends Schema<unknown, infer In> ? In : never;

/** Schema whose call takes any value of its input type. */
export interface CallableSchema<Out, In> extends Schema<Out, In> {
  /**
   * Reads a value that the compiler has accepted.
   *
   * @throws {@link RefinementError} if it is invalid at run time.
   */
  (value: In): Out;
}

/** Schema before its call is narrowed to the values that the compiler accepts. */
export type OpenSchema<Out, In> = ((value: unknown) => Out) & Schema<Out, In>;

/** Reads without reasons. May throw the error of a hostile value. */
export interface Reader<Out> {
  /** Returns the value as read, or `INVALID`. */
  read(value: unknown): Out | typeof INVALID;
}

const made = /* @__PURE__ */ new WeakSet<object>();

/** Returns true if `makeSchema` made the schema, so that its description says everything about its reader. */
export function isMade(schema: object): boolean {
  return made.has(schema);
}

/** Makes the function and its members from a reader. `mark` is an additional member. */
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
    } catch (error) {
      // A hostile value may throw when it is read (getters, proxies), and a predicate by mistake. Both are refusals.
      rethrowMistake(error);
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
    } catch (error) {
      rethrowMistake(error);
      return false;
    }
  };
  const schema = Object.assign(call, { parse, safeParse, is, "~standard": standard, "~read": read, "~type": type }, mark);
  made.add(schema);
  return Object.freeze(schema);
}

/** Throws an error about the schema itself again, because it says nothing about the value. */
function rethrowMistake(error: unknown): void {
  if (error instanceof SchemaError) throw error;
}

/** A refusal that computes its reasons on first access, because most callers need only the verdict. */
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
    rethrowMistake(error);
    issues.add(`expected a readable value, got an error: ${describeThrown(error)}`);
  }
  if (issues.list.length === 0) issues.add("expected the refused value unchanged, got one changed since");
  return issues.list;
}
