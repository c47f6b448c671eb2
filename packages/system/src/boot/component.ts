/**
 * Components of a node. Each names its phase of the boot and the components that it needs.
 */
import type { Eff } from "@void-system/effects/fibers";

/** The phases of a boot, in order. */
export const PHASES = ["types", "effects", "distributed", "security", "scheduling", "monitoring", "faces"] as const;

/** One phase of a boot. */
export type Phase = (typeof PHASES)[number];

/** Report of a component on itself. */
export interface Health {
  readonly ok: boolean;
  /** Details for people, as JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * A started component: its report, and its waits.
 *
 * @typeParam R - The effects that it needs.
 */
export interface Started<R = never> {
  /** Returns once the component does its work. The next component starts before that. */
  ready?(): Eff<R, void>;
  /** Returns the report. Never throws and never waits. A component without this method counts as well. */
  health?(): Health;
  /** Refuses new work and finishes the work in hand. It is cancelled after `deadlineMs`. */
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
  /** Phase in which it starts. */
  readonly phase: Phase;
  /** Names of components that must have started before, of the same or an earlier phase. */
  readonly needs?: readonly string[];
  /**
   * Opens the component's resources. `acquire` or `onExit` names the release of each where it is opened. The release runs
   * after the drain, and also when a later component does not start.
   */
  start?(): Eff<R, Started<R> | void>;
}
