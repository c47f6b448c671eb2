export { AffineResource } from "./affine-resource.ts";
export { LinearError, LinearLeakError, LinearTypeError, RefinementError, SchemaError, formatPath } from "./errors.ts";
export type { Leak, LinearMisuse, LinearViolation, RefinementIssue } from "./errors.ts";
export { LinearContext, LinearResource, OWNERS_MAX } from "./linear-resource.ts";
export type { LinearContextOptions, ResourceOptions, ResourceState, ResourceSummary } from "./linear-resource.ts";
export { captureSites } from "./site.ts";
