export { AffineResource } from "./affine-resource.ts";
export { LinearContext } from "./linear-context.ts";
export type { LinearContextOptions } from "./linear-context.ts";
export { LinearResource, OWNERS_MAX } from "./linear-resource.ts";
export type { ReleaseOptions, ResourceOptions, ResourceState, ResourceSummary } from "./linear-resource.ts";
export { observeResources } from "./observer.ts";
export type { ResourceObserver } from "./observer.ts";
export type { Protocol, ProtocolMarks } from "./protocol.ts";
export { captureSites } from "./site.ts";
