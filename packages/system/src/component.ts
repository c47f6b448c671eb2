/**
 * A node is a set of components, each of which knows when in the boot it comes and whom it needs.
 */

/** The phases of a boot, in order. */
export const PHASES = ["types", "effects", "distributed", "security", "scheduling", "monitoring", "faces"] as const;

/** One phase of a boot. */
export type Phase = (typeof PHASES)[number];

/** What a component says of itself when asked. */
export interface Health {
  /** Whether it does its work now. */
  readonly ok: boolean;
  /** What people want to know, as JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * One part of a node. Started in the order of phases, then of `needs`; drained and stopped in the reverse order. A
 * component that fails to start unwinds all before it.
 */
export interface Component {
  /** Its name in `needs`, in errors and in `status`. */
  readonly name: string;
  /** When it starts. */
  readonly phase: Phase;
  /** Names of components that must have started before, of the same or an earlier phase. */
  readonly needs: readonly string[];
  /** Acquires what it works with. Rejects with a typed error; then it holds nothing. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when it does its work; the next component starts before that. */
  ready(signal: AbortSignal): Promise<void>;
  /** Never throws, never waits. */
  health(): Health;
  /** Takes no new work and finishes what it has, for at most `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>;
  /** Releases everything. Also after a failed drain. */
  stop(): Promise<void>;
}

/** The parts of a component that have nothing to do. */
export type ComponentParts = Pick<Component, "name" | "phase"> & Partial<Component>;

/**
 * A component from the parts that it has; the others do nothing and are healthy.
 *
 * @example
 * ```ts
 * import { component } from "@void-system/system";
 * const clock = component({ name: "clock", phase: "effects" });
 * clock.health().ok; // => true
 * ```
 */
export function component(parts: ComponentParts): Component {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    needs: [],
    start: nothing,
    ready: nothing,
    health: () => ({ ok: true, detail: {} }),
    drain: nothing,
    stop: nothing,
    ...parts,
  };
}
