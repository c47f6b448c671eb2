/**
 * The World a node acts in, the contract of deterministic cores, and the driver between them.
 *
 * @packageDocumentation
 */
export * from "./brand.ts";
export { channel, CHANNEL_MAX, type Channels, channels } from "./channel.ts";
export * from "./core.ts";
export { host, type HostParts, LIMITS } from "./driver.ts";
export * from "./errors.ts";
export { memoryDisk } from "./memory-disk.ts";
export { type MemoryHub, memoryHub, type MemoryHubOptions, type MemoryNetwork, processHub } from "./memory-network.ts";
export { platformClock, platformRandom, platformWorld, type PlatformWorldParts, silent } from "./platform.ts";
export { SeededRandom } from "./seeded-random.ts";
export * from "./world.ts";
