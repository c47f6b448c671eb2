export { ARRAY_LENGTH_MAX, ArrayOf } from "./array-of.ts";
export type { ArraySize } from "./array-of.ts";
export { and, not, or } from "./combine.ts";
export { INVALID, ISSUES_MAX, Issues } from "./issues.ts";
export { NonEmpty } from "./non-empty.ts";
export type { NonEmptySchema } from "./non-empty.ts";
export { OneOf } from "./one-of.ts";
export type { Literal, OneOfSchema } from "./one-of.ts";
export { Positive } from "./positive.ts";
export type { FitsPositive, PositiveSchema } from "./positive.ts";
export { Bool, Finite, Text } from "./primitive.ts";
export { IntRange, Range } from "./range.ts";
export type { Between, FitsIntRange, FitsRange, InOrder, IntRangeSchema, RangeSchema, Whole } from "./range.ts";
export { Refined } from "./refined.ts";
export type { Satisfies } from "./refined.ts";
export { SCHEMAS_CACHED_MAX } from "./schema-cache.ts";
export type { Accepted, CallableSchema, Description, Infer, InputOf, Read, Refused, SafeParse, Schema } from "./schema.ts";
export type {
  StandardFailure,
  StandardIssue,
  StandardResult,
  StandardSchemaProps,
  StandardSchemaV1,
  StandardSuccess,
  StandardTypes,
} from "./standard-schema.ts";
export { Optional, Struct } from "./struct.ts";
export type { MayBeMissing, Shape, StructInput, StructOf } from "./struct.ts";
export { Length, Pattern } from "./text.ts";
export { Unique } from "./unique.ts";
export { at, concat, dot, head } from "./vector-operations.ts";
export type { AddLengths, Concat, FitsIndex } from "./vector-operations.ts";
export { VECTOR_LENGTH_MAX, Vector } from "./vector.ts";
export type { ArrayOfLength } from "./vector.ts";
