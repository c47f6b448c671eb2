/**
 * Epidemic broadcast trees.
 *
 * @packageDocumentation
 */
export { type MessageId, messageId } from "./brand.ts";
export * from "./core.ts";
export * from "./errors.ts";
export {
  ANNOUNCED_IDS_MAX,
  FRAME_IDS_MAX,
  NEIGHBOURS_MAX,
  PAYLOAD_BYTES_MAX,
  PLUMTREE_LIMITS,
  type PlumtreeLimits,
  REPAIR_MS_MAX,
} from "./limits.ts";
export type { Gossip, Hello, Ids, PlumtreeMessage } from "./message.ts";
export { messageCodec } from "./message-codec.ts";
export * from "./node.ts";
export { VALUE_DEPTH_MAX } from "./payload.ts";
export type { PlumtreeStats } from "./stats.ts";
export { plumtreeWire } from "./wire.ts";
