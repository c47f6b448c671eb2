import { makeCompound } from "./internal/compound.ts";
import { SchemaError, formatPath } from "../errors.ts";
import { checkName, checkSchema, inWords } from "./internal/argument.ts";
import { fieldsReader } from "./internal/fields.ts";
import { isRecord } from "./internal/record.ts";
import { makeSchema } from "./schema.ts";
import type { CallableSchema, Infer, InputOf, Read, Schema } from "./schema.ts";

/** Schemas of a record, by key. */
export type Shape = Readonly<Record<string, Schema<unknown>>>;

/** Marks a key of a `Struct` that may be missing: it then stays missing, or gets the default. */
export interface MayBeMissing<How extends "absent" | "default"> {
  /** Treatment of a missing key. */
  readonly "~missing": How;
}

type KeysThat<S extends Shape, Mark> = { [K in keyof S]: S[K] extends Mark ? K : never }[keyof S];
/** One record of the parts of an intersection. The compiler prints its keys, because a type that it has inferred has no name. */
type Flat<T> = T extends infer Parts ? { readonly [K in keyof Parts]: Parts[K] } : never;

/** Type that a `Struct` of this shape reads. */
export type StructOf<S extends Shape> = Flat<
  { readonly [K in Exclude<keyof S, KeysThat<S, MayBeMissing<"absent">>>]: Infer<S[K]> } & {
    readonly [K in KeysThat<S, MayBeMissing<"absent">>]?: Exclude<Infer<S[K]>, undefined>;
  }
>;

/** Type that the call of such a `Struct` accepts. */
export type StructInput<S extends Shape> = Flat<
  { readonly [K in Exclude<keyof S, KeysThat<S, MayBeMissing<"absent" | "default">>>]: InputOf<S[K]> } & {
    readonly [K in KeysThat<S, MayBeMissing<"absent" | "default">>]?: InputOf<S[K]>;
  }
>;

/**
 * Schema of records with exactly these keys, read as a frozen copy. Every mistake is reported with its path: invalid
 * values, missing keys and unknown keys. Only own properties count, and only plain objects are records.
 *
 * @throws {@link RefinementError} from its call and its `parse`; {@link SchemaError} if the shape has a part that is not a
 * schema.
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
  if (!isRecord(shape)) throw new SchemaError(`expected a record of schemas, got ${inWords(shape)}`);
  for (const [key, schema] of Object.entries(shape)) checkSchema(schema, formatPath([key]));
  checkName(name, "a Struct");
  // Each key of the shape is read by its own schema, and there is no other key.
  const read = fieldsReader(shape) as Read<StructOf<S>>;
  return makeCompound(name, { type: "record", fields: Object.entries(shape) }, read);
}

/**
 * Makes a key of a `Struct` optional: if it is missing or `undefined`, the record has no such key, or the default.
 *
 * @throws {@link SchemaError} if it is not given a schema, or the default is not of the type.
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
  checkSchema(schema, "type of Optional");
  const filled = fallbacks.length > 0 ? readDefault(schema, fallbacks[0]) : undefined;
  const read: Read<unknown> = (value, issues) => {
    if (value !== undefined) return schema["~read"](value, issues);
    // `is` judges the value as it is, and may not claim a default that is not there yet.
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
