import type { World } from "../world.ts";
import { DiskHandler } from "./disk-handler.ts";
import { LogHandler } from "./log-handler.ts";
import { NetworkHandler } from "./network-handler.ts";
import { RandomHandler } from "./random-handler.ts";
import type { Handler } from "./direct-effects.ts";
import { TimeHandler } from "./time-handler.ts";

/**
 * Returns the facets of a World as handlers. Effects under them reach the same objects as a driver in that World.
 *
 * @example
 * ```ts
 * import { askRandom, memoryHub, peerId, platformWorld, withHandlers, worldHandlers } from "@void-system/effects";
 *
 * const world = platformWorld({ network: memoryHub().join(peerId("a")) });
 * withHandlers(worldHandlers(world), () => askRandom() < 1); // => true
 * ```
 */
export function worldHandlers(world: Omit<World, "compute">): readonly Handler[] {
  return [
    new TimeHandler(world.clock),
    new RandomHandler(world.random),
    new NetworkHandler(world.network),
    new LogHandler(world.logger),
    new DiskHandler(world.disk),
  ];
}
