/**
 * Epidemic broadcast trees.
 *
 * @packageDocumentation
 */
export { type MessageId, messageId } from "./brand.ts";
export * from "./core.ts";
export type { CounterRange } from "./counter-set.ts";
export type { ArrivedMessage, Gap, NewEpoch, PlumtreeDelivery } from "./delivery.ts";
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
export type { Announce, Gone, Gossip, Graft, IdRun, PlumtreeMessage, Prune, StreamDigest, Sync } from "./message.ts";
export { messageCodec } from "./message-codec.ts";
export * from "./node.ts";
export { VALUE_DEPTH_MAX } from "./payload.ts";
export type { PlumtreeStats } from "./stats.ts";
export type { PlumtreeOutput } from "./step.ts";
export type { PlumtreeEvent, PlumtreeHandler, PlumtreeValue, SubscribeOptions } from "./subscription.ts";
export { plumtreeWire } from "./wire.ts";
