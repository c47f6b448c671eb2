import type { Schema } from "./schema.ts";

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
