export { AffineResource } from "./affine-resource.ts";
export { LinearError, LinearLeakError, LinearTypeError } from "./errors.ts";
export type { Leak, LinearMisuse, LinearViolation } from "./errors.ts";
export { LinearContext, LinearResource, OWNERS_MAX, observeResources } from "./linear-resource.ts";
export type {
  LinearContextOptions,
  ReleaseOptions,
  ResourceObserver,
  ResourceOptions,
  ResourceState,
  ResourceSummary,
} from "./linear-resource.ts";
export { captureSites } from "./site.ts";
export type { Protocol, ProtocolMarks } from "./protocol.ts";
