export { AffineResource } from "./affine-resource.ts";
export { LinearError, LinearLeakError, LinearTypeError, RefinementError, SchemaError, formatPath } from "./errors.ts";
export type { Leak, LinearMisuse, LinearViolation, RefinementIssue } from "./errors.ts";
export { LinearContext, LinearResource, OWNERS_MAX } from "./linear-resource.ts";
export type { LinearContextOptions, ResourceOptions, ResourceState, ResourceSummary } from "./linear-resource.ts";
export { captureSites } from "./site.ts";
export { ARRAY_LENGTH_MAX, ArrayOf } from "./array-of.ts";
export type { ArraySize } from "./array-of.ts";
export { INVALID, ISSUES_MAX, Issues } from "./issues.ts";
export { NonEmpty } from "./non-empty.ts";
export type { NonEmptySchema } from "./non-empty.ts";
export { OneOf } from "./one-of.ts";
export type { Literal, OneOfSchema } from "./one-of.ts";
export { Bool, Finite, Text } from "./primitive.ts";
export { IntRange, Range } from "./range.ts";
export type { Between, FitsIntRange, FitsRange, IntRangeSchema, RangeSchema, Whole } from "./range.ts";
export { Refined } from "./refined.ts";
export type { Satisfies } from "./refined.ts";
export { SCHEMAS_CACHED_MAX } from "./schema-cache.ts";
export type { Accepted, CallableSchema, Infer, InputOf, Read, Refused, SafeParse, Schema } from "./schema.ts";
export type {
  StandardFailure,
  StandardIssue,
  StandardResult,
  StandardSchemaProps,
  StandardSuccess,
  StandardTypes,
} from "./standard-schema.ts";
export { Optional, Struct } from "./struct.ts";
export type { MayBeMissing, Shape, StructInput, StructOf } from "./struct.ts";
export { Length, Pattern } from "./text.ts";
export { VECTOR_LENGTH_MAX, Vector } from "./vector.ts";
export type { ArrayOfLength } from "./vector.ts";
