/**
 * A node is a set of components, each of which knows when in the boot it comes and whom it needs.
 */
import type { Eff } from "@void-system/effects/fibers";

/** The phases of a boot, in order. */
export const PHASES = ["types", "effects", "distributed", "security", "scheduling", "monitoring", "faces"] as const;

/** One phase of a boot. */
export type Phase = (typeof PHASES)[number];

/** What a component says of itself when asked. */
export interface Health {
  readonly ok: boolean;
  /** What people want to know, as JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * A component that was started, as far as it has something to say or to wait for.
 *
 * @typeParam R - The effects that it needs.
 */
export interface Started<R = never> {
  /** Returns when it does its work; the next component starts before that. */
  ready?(): Eff<R, void>;
  /** Never throws, never waits. One that does not say is well. */
  health?(): Health;
  /** Takes no new work and finishes what it has; it is cancelled after `deadlineMs`. */
  drain?(deadlineMs: number): Eff<R, void>;
}

/**
 * One part of a node. Started in the order of phases, then of `needs`; drained and released in the reverse order.
 *
 * @typeParam R - The effects that it needs.
 */
export interface Component<R = never> {
  /** Its name in `needs`, in errors and in `status`. */
  readonly name: string;
  /** When it starts. */
  readonly phase: Phase;
  /** Names of components that must have started before, of the same or an earlier phase. */
  readonly needs?: readonly string[];
  /**
   * Opens what it works with. How that is given back, it says where it opens it, by `acquire` or `onExit`: that is done
   * after its drain, also when a later component does not start.
   */
  start?(): Eff<R, Started<R> | void>;
}
