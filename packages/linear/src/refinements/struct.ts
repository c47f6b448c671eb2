import { makeCompound } from "./internal/compound.ts";
import { SchemaError } from "../errors.ts";
import { fieldsReader } from "./internal/fields.ts";
import { makeSchema } from "./schema.ts";
import type { CallableSchema, Infer, InputOf, Read, Schema } from "./schema.ts";

/** The schemas of a record, by key. */
export type Shape = Readonly<Record<string, Schema<unknown>>>;

/** Says to `Struct` that a key may be missing: then it stays missing, or gets the default. */
export interface MayBeMissing<How extends "absent" | "default"> {
  /** What becomes of the key. */
  readonly "~missing": How;
}

type KeysThat<S extends Shape, Mark> = { [K in keyof S]: S[K] extends Mark ? K : never }[keyof S];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** What a `Struct` of this shape reads. */
export type StructOf<S extends Shape> = Flat<
  { readonly [K in Exclude<keyof S, KeysThat<S, MayBeMissing<"absent">>>]: Infer<S[K]> } & {
    readonly [K in KeysThat<S, MayBeMissing<"absent">>]?: Exclude<Infer<S[K]>, undefined>;
  }
>;

/** What a program may hand to the call of such a `Struct`. */
export type StructInput<S extends Shape> = Flat<
  { readonly [K in Exclude<keyof S, KeysThat<S, MayBeMissing<"absent" | "default">>>]: InputOf<S[K]> } & {
    readonly [K in KeysThat<S, MayBeMissing<"absent" | "default">>]?: InputOf<S[K]>;
  }
>;

/**
 * Records with exactly these keys, read as a frozen copy. Every mistake is named with its path: wrong values, missing
 * keys, and keys that it does not know. Only own properties count, and only plain objects are records.
 *
 * @throws {@link RefinementError} from its call and its `parse`.
 * @example
 * ```ts
 * import { Bool, IntRange, Length, Optional, Struct } from "@void-system/linear";
 * const Config = Struct({ host: Length(1, 255), port: Optional(IntRange(1, 65_535), 6379), tls: Optional(Bool) });
 * Config.parse({ host: "localhost" }); // => ({ host: "localhost", port: 6379 })
 * const result = Config.safeParse({ host: "", prot: 80 });
 * result.ok ? [] : result.issues.map((issue) => issue.path); // => [["host"], ["prot"]]
 * ```
 */
export function Struct<S extends Shape>(shape: S, name = "Struct"): CallableSchema<StructOf<S>, StructInput<S>> {
  // Each key of the shape is read by its own schema, and no other key is there.
  const read = fieldsReader(shape) as Read<StructOf<S>>;
  return makeCompound(name, { type: "record", fields: Object.entries(shape) }, read);
}

/**
 * A key of a `Struct` that may be missing or `undefined`: the record then has no such key, or the default.
 *
 * @throws {@link SchemaError} when the default is not of the type.
 * @example
 * ```ts
 * import { IntRange, Optional, Struct } from "@void-system/linear";
 * const Retry = Struct({ times: Optional(IntRange(0, 9), 3), waitMs: Optional(IntRange(0, 60_000)) });
 * Retry.parse({}); // => ({ times: 3 })
 * ```
 */
export function Optional<S extends Schema<unknown>>(
  schema: S,
): CallableSchema<Infer<S> | undefined, InputOf<S> | undefined> & MayBeMissing<"absent">;
export function Optional<S extends Schema<unknown>>(
  schema: S,
  fallback: InputOf<S>,
): CallableSchema<Infer<S>, InputOf<S> | undefined> & MayBeMissing<"default">;
export function Optional(
  schema: Schema<unknown>,
  ...fallbacks: readonly unknown[]
): Schema<unknown> & MayBeMissing<"absent" | "default"> {
  const filled = fallbacks.length > 0 ? readDefault(schema, fallbacks[0]) : undefined;
  const read: Read<unknown> = (value, issues) => {
    if (value !== undefined) return schema["~read"](value, issues);
    // `is` judges the value as it is: a default that is not there yet may not be claimed.
    if (issues.asIs && filled !== undefined) return issues.add(`missing, expected ${schema.name}`);
    return filled;
  };
  const mark: MayBeMissing<"absent" | "default"> = { "~missing": filled === undefined ? "absent" : "default" };
  const made: Schema<unknown> & Partial<typeof mark> = makeSchema(
    `Optional(${schema.name})`,
    { type: "optional", schema, ...(filled !== undefined && { fallback: filled }) },
    read,
    mark,
  );
  // makeSchema has copied the mark onto the schema.
  return made as Schema<unknown> & typeof mark;
}

function readDefault(schema: Schema<unknown>, fallback: unknown): unknown {
  const result = schema.safeParse(fallback);
  if (result.ok) return result.value;
  const reasons = result.issues.map((issue) => issue.reason).join("; ");
  throw new SchemaError(`expected a default that is ${schema.name}: ${reasons}`);
}
