/**
 * Resources that are used exactly once or at most once, and types whose values cannot be wrong.
 *
 * @packageDocumentation
 */
export {
  formatPath,
  LinearError,
  LinearLeakError,
  LinearTypeError,
  RefinementError,
  SchemaError,
} from "./errors.ts";
export type { Leak, LinearMisuse, LinearViolation, RefinementIssue } from "./errors.ts";

export { AffineResource } from "./resources/affine-resource.ts";
export { DisposableStack } from "./resources/disposable-stack.ts";
export { reportForgotten } from "./resources/forgotten.ts";
export { LinearContext } from "./resources/linear-context.ts";
export type { LinearContextOptions } from "./resources/linear-context.ts";
export { LinearResource, OWNERS_MAX } from "./resources/linear-resource.ts";
export type { ReleaseOptions, ResourceOptions, ResourceState, ResourceSummary } from "./resources/linear-resource.ts";
export { observeResources } from "./resources/observer.ts";
export type { ResourceObserver } from "./resources/observer.ts";
export type { Protocol, ProtocolMarks } from "./resources/protocol.ts";
export { captureSites } from "./resources/site.ts";

export { ARRAY_LENGTH_MAX, ArrayOf } from "./refinements/array-of.ts";
export type { ArraySize } from "./refinements/array-of.ts";
export { and, not, or } from "./refinements/combine.ts";
export type { Description } from "./refinements/description.ts";
export { INVALID, ISSUES_MAX, Issues } from "./refinements/issues.ts";
export { jsonSchema } from "./refinements/json-schema.ts";
export type { JsonSchema } from "./refinements/json-schema.ts";
export { NonEmpty } from "./refinements/non-empty.ts";
export type { NonEmptySchema } from "./refinements/non-empty.ts";
export { OneOf } from "./refinements/one-of.ts";
export type { Literal, OneOfSchema } from "./refinements/one-of.ts";
export { Positive } from "./refinements/positive.ts";
export type { FitsPositive, PositiveSchema } from "./refinements/positive.ts";
export { Bool, Finite, Text } from "./refinements/primitive.ts";
export { IntRange, Range } from "./refinements/range.ts";
export type { Between, FitsIntRange, FitsRange, IntRangeSchema, RangeSchema, Whole } from "./refinements/range.ts";
export { Refined } from "./refinements/refined.ts";
export type { Satisfies } from "./refinements/refined.ts";
export { SCHEMAS_CACHED_MAX } from "./refinements/schema-cache.ts";
export type { Accepted, CallableSchema, Infer, InputOf, Read, Refused, SafeParse, Schema } from "./refinements/schema.ts";
export type {
  StandardFailure,
  StandardIssue,
  StandardResult,
  StandardSchemaProps,
  StandardSuccess,
  StandardTypes,
} from "./refinements/standard-schema.ts";
export { Optional, Struct } from "./refinements/struct.ts";
export type { MayBeMissing, Shape, StructInput, StructOf } from "./refinements/struct.ts";
export { Length, Pattern } from "./refinements/text.ts";
export { Unique } from "./refinements/unique.ts";
export { at, concat, dot, head } from "./refinements/vector-operations.ts";
export type { AddLengths, Concat, FitsIndex } from "./refinements/vector-operations.ts";
export { VECTOR_LENGTH_MAX, Vector } from "./refinements/vector.ts";
export type { ArrayOfLength } from "./refinements/vector.ts";
