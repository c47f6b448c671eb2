export { AffineResource } from "./affine-resource.ts";
export { LinearContext } from "./linear-context.ts";
export type { LinearContextOptions } from "./linear-context.ts";
export { LinearResource, observeResources, OWNERS_MAX } from "./linear-resource.ts";
export type { ReleaseOptions, ResourceOptions, ResourceObserver, ResourceState, ResourceSummary } from "./linear-resource.ts";
export type { Protocol, ProtocolMarks } from "./protocol.ts";
export { captureSites } from "./site.ts";
