/**
 * Options and statistics of a simulation.
 */
import type { OperationWatcher } from "@void-system/effects/fibers";
import type { SimulatedCpuOptions } from "../engine/cpu-costs.ts";
import type { SimulationLine } from "./kernel.ts";
import type { Decision, Schedule } from "../engine/schedule.ts";
import type { SimulatedDiskOptions } from "./simulated-disk.ts";
import type { SimulatedNetworkOptions } from "./simulated-links.ts";
import type { TraceEvent } from "../engine/trace.ts";

/** Options of a `Simulation`. */
export interface SimulationOptions {
  /** Seed of all randomness: a whole number >= 0. */
  readonly seed: number;
  /** Behaviour of the network. */
  readonly network?: SimulatedNetworkOptions;
  /** Behaviour of the disks. */
  readonly disk?: SimulatedDiskOptions;
  /** Errors of the clocks. */
  readonly clock?: SimulatedClockOptions;
  /** Durations of jobs. */
  readonly compute?: SimulatedComputeOptions;
  /** CPU of each node, on which its work takes virtual time. @defaultValue work takes no time */
  readonly cpu?: SimulatedCpuOptions;
  /** Choice between events that may happen next. @defaultValue fifo */
  readonly schedule?: Schedule;
  /** Repeats the decisions of an earlier run with the same schedule, instead of drawing. */
  readonly decisions?: readonly Decision[];
  /** Number of the event after which the schedule draws again. @defaultValue never */
  readonly drawnAfter?: number;
  /** Is called with each line that a node logs. */
  readonly log?: (line: SimulationLine) => void;
  /**
   * Is called when a node sends a frame to a name that no node has, before `send` returns "down".
   * @defaultValue nothing happens
   */
  readonly stranger?: (from: string, to: string) => void;
  /**
   * Is called with each operation of an effect that a program of a node makes, before it is performed.
   * @defaultValue nothing happens
   */
  readonly watch?: OperationWatcher;
  /**
   * Is called with each frame to another node, before it is sent, and the virtual time in milliseconds.
   * @defaultValue nothing happens
   */
  readonly sending?: ((from: string, to: string, nowMs: number) => void) | undefined;
  /** Is called with each event after it happened. */
  readonly trace?: (event: TraceEvent) => void;
}

/** Limit of `Simulation.run`. Without one, it runs until no event is pending. */
export interface RunOptions {
  /** Virtual milliseconds since the beginning. */
  readonly untilMs?: number;
  /** Virtual milliseconds from now. */
  readonly forMs?: number;
}

/** Counters of a `Simulation`. */
export interface SimulationStats {
  /** Number of events: starts and ends of nodes, timers, frames, links, disks, faults. */
  readonly events: number;
  /** Number of frames that reached a node. */
  readonly framesDelivered: number;
  /** Number of frames that were lost on their way. */
  readonly framesLost: number;
  /** Number of calls that were in flight when the async function that made them returned. */
  readonly callsLeft: number;
  /** Virtual milliseconds that each node's thread has worked, by name. Empty without the option `cpu`. */
  readonly busyMs: Readonly<Record<string, number>>;
}

/** Errors of the nodes' clocks. */
export interface SimulatedClockOptions {
  /** Largest error of each wall clock in milliseconds, either way. @defaultValue 0 */
  readonly skewMs?: number;
  /** Largest drift of each clock in millionths, either way. @defaultValue 0 */
  readonly driftPpm?: number;
}

/**
 * Durations of jobs of `World.compute`, which run in place.
 *
 * Together with the option `cpu`, this option gives jobs threads of their own. With `cpu` alone, jobs run on the one
 * thread of their node.
 */
export interface SimulatedComputeOptions {
  /** Shortest duration in milliseconds. @defaultValue 0.05 */
  readonly minMs?: number;
  /** Longest duration in milliseconds. @defaultValue 1 */
  readonly maxMs?: number;
}
