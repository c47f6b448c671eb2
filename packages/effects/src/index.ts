/**
 * The World that a node acts in, the contract of deterministic cores, the driver that runs a core in a World, and effects
 * in direct style.
 *
 * @packageDocumentation
 */
export * from "./brand.ts";
export { channel, CHANNEL_MAX, type Channels, channels, type ChannelStats } from "./portable/channel.ts";
export type { Codec, Decoded } from "@void-system/bytes";
export * from "./core.ts";
export { delayOf } from "./portable/delay.ts";
export { host } from "./driver/host.ts";
export * from "./errors.ts";
export { DiskHandler, openLog } from "./handlers/disk-handler.ts";
export { type CollectedLine, log, LogHandler } from "./handlers/log-handler.ts";
export type { Instant } from "./handlers/mock-clock.ts";
export { NetworkHandler, send } from "./handlers/network-handler.ts";
export { askRandom, RandomHandler } from "./handlers/random-handler.ts";
export type { Answers, Effects, Handler, Secrets, StateCell } from "./handlers/direct-effects.ts";
export { withHandlers } from "./handlers/scope.ts";
export { Secret } from "./handlers/secret.ts";
export { askSecret, type SecretSource, SecretsHandler } from "./handlers/secrets-handler.ts";
export {
  getState,
  putState,
  STATE_HISTORY_MAX,
  StateHandler,
  type StateHandlerOptions,
} from "./handlers/state-handler.ts";
export { askCurrentTime, TimeHandler } from "./handlers/time-handler.ts";
export { worldHandlers } from "./handlers/world-handlers.ts";
export { type HostParts, LIMITS } from "./driver/host-parts.ts";
export { addressOfBlob, BLOB_BYTES_MAX } from "./portable/blob-address.ts";
export { inPlaceCompute, jobOutcome } from "./portable/in-place-compute.ts";
export { isLogName, memoryDisk } from "./portable/memory-disk.ts";
export { type MemoryHub, memoryHub, type MemoryHubOptions, type MemoryNetwork, processHub } from "./portable/memory-network.ts";
export { platformClock, platformRandom, platformWorld, type PlatformWorldParts, silent } from "./portable/platform.ts";
export { readPeerId } from "./read-peer-id.ts";
export { SeededRandom } from "./portable/seeded-random.ts";
export * from "./world.ts";
