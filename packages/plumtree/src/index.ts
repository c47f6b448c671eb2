/**
 * Epidemic broadcast trees.
 *
 * @packageDocumentation
 */
export { type MessageId, messageId } from "./brand.ts";
export * from "./protocol/core.ts";
export type { CounterRange } from "./protocol/counter-set.ts";
export type { ArrivedMessage, Gap, NewEpoch, PlumtreeDelivery } from "./protocol/delivery.ts";
export * from "./errors.ts";
export {
  ANNOUNCED_IDS_MAX,
  EPOCH_AHEAD_MS_MAX,
  FRAME_IDS_MAX,
  NEIGHBOURS_MAX,
  PAYLOAD_BYTES_MAX,
  PLUMTREE_LIMITS,
  type PlumtreeLimits,
  WINDOW_COUNTERS,
} from "./limits.ts";
export type * from "./codec/message.ts";
export { messageCodec } from "./codec/message-codec.ts";
export * from "./service/node.ts";
export type { MembershipStats } from "./membership/hyparview.ts";
export type { Contact, Member, ReadRecord, ViewLimits } from "./membership/member.ts";
export { signedRecords } from "./membership/signed-records.ts";
export { FULL_VIEW, type MembershipOptions, PARTIAL_VIEW } from "./service/membership-options.ts";
export { VALUE_DEPTH_MAX } from "./codec/payload.ts";
export type { RecentStats } from "./protocol/recent.ts";
export { treeDiagram } from "./service/tree-diagram.ts";
export type { PlumtreeStats } from "./protocol/stats.ts";
export type { PlumtreeOutput } from "./protocol/step.ts";
export type { PlumtreeEvent, PlumtreeHandler, PlumtreeValue, SubscribeOptions } from "./service/subscription.ts";
export { plumtreeWire } from "./codec/wire.ts";
