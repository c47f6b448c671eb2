/**
 * What a driver is made of.
 */
import type { Codec } from "@void-system/bytes";
import type { Core, Limits, Wire } from "../core.ts";
import type { World } from "../world.ts";

/** What `host` puts together. M message, Q request, R record, D delivery. */
export interface HostParts<M, Q, R, D> {
  /** Where the core lives. The disk is not touched when there are no `records`. */
  readonly world: Pick<World, "clock" | "network" | "disk" | "logger">;
  /** The name of the core's log. */
  readonly name: string;
  /** What decides. */
  readonly core: Core<M, Q, R, D>;
  /** Messages to frames and back. */
  readonly wire: Wire<M>;
  /** Records to bytes and back. Without it the core has no log: it always starts `fresh`, and an `append` is fatal. */
  readonly records?: Codec<R>;
  /** Bounds; what is left out is as in {@link LIMITS}. */
  readonly limits?: Partial<Limits>;
  /** Takes what the core delivers, synchronously: a throw is fatal. */
  readonly deliver: (value: D) => void;
  /** Told at most once why the driver is dead. Nothing of it runs afterwards. */
  readonly fatal: (cause: Error) => void;
  /** Told once, when the core has recovered and has been started. */
  readonly ready?: () => void;
}

/** The {@link Limits} of a driver that was given none. */
export const LIMITS: Limits = {
  heldOutputs: 100_000,
  pendingOpens: 1_024,
  pendingRequests: 10_000,
  unsyncedBytes: 8 * 1024 * 1024,
  syncIdleMs: 50,
};
