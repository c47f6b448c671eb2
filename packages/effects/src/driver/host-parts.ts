/**
 * The parts of a driver and the defaults of its limits.
 */
import type { Codec } from "@void-system/bytes";
import type { Core, Limits, Wire } from "../core.ts";
import type { World } from "../world.ts";

/**
 * Parts that `host` puts together.
 *
 * @typeParam M - The protocol's messages.
 * @typeParam Q - The requests of this node's own program.
 * @typeParam R - The records of the core's log.
 * @typeParam D - The values that the core delivers.
 */
export interface HostParts<M, Q, R, D> {
  /** The world of the core. The disk is used only with `records`. */
  readonly world: Pick<World, "clock" | "network" | "disk" | "logger">;
  /** The name of the core's log. */
  readonly name: string;
  /** The protocol. */
  readonly core: Core<M, Q, R, D>;
  /** Seals and opens the core's messages. */
  readonly wire: Wire<M>;
  /** Codec of the log's records. A core without it has no log: it always starts `fresh`, and an `append` is fatal. */
  readonly records?: Codec<R>;
  /** Bounds that differ from {@link LIMITS}. */
  readonly limits?: Partial<Limits>;
  /** Receives the core's deliveries, synchronously. A throw is fatal. */
  readonly deliver: (value: D) => void;
  /** Called at most once, with the reason why the driver is dead. Nothing of the driver runs afterwards. */
  readonly fatal: (cause: Error) => void;
  /** Called once, when the core has recovered and started. */
  readonly ready?: () => void;
}

/** Default {@link Limits} of a driver. */
export const LIMITS: Limits = {
  heldOutputs: 100_000,
  pendingOpens: 1_024,
  pendingRequests: 10_000,
  unsyncedBytes: 8 * 1024 * 1024,
  syncIdleMs: 50,
};
