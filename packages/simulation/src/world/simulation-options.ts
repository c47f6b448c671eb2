/**
 * What a simulation is made of, and what it tells.
 */
import type { SimulatedCpuOptions } from "../engine/cpu-costs.ts";
import type { SimulationLine } from "./kernel.ts";
import type { Decision, Schedule } from "../engine/schedule.ts";
import type { SimulatedDiskOptions } from "./simulated-disk.ts";
import type { SimulatedNetworkOptions } from "./simulated-links.ts";
import type { TraceEvent } from "../engine/trace.ts";

/** What a `Simulation` is made of. */
export interface SimulationOptions {
  /** Decides everything that chance decides: a whole number >= 0. */
  readonly seed: number;
  /** The links. */
  readonly network?: SimulatedNetworkOptions;
  /** The disks. */
  readonly disk?: SimulatedDiskOptions;
  /** The clocks. */
  readonly clock?: SimulatedClockOptions;
  /** The threads for jobs. */
  readonly compute?: SimulatedComputeOptions;
  /** The CPU of each node, on which its work takes virtual time. @defaultValue work takes none */
  readonly cpu?: SimulatedCpuOptions;
  /** Which of several events that may happen next does. @defaultValue fifo */
  readonly schedule?: Schedule;
  /** Repeats these decisions of an earlier run of the same schedule, instead of drawing. */
  readonly decisions?: readonly Decision[];
  /** Number of the event after which the schedule draws all the same. @defaultValue never */
  readonly drawnAfter?: number;
  /** Sees each line that a node logs. */
  readonly log?: (line: SimulationLine) => void;
  /** Sees each event after it happened. */
  readonly trace?: (event: TraceEvent) => void;
}

/** How far `Simulation.run` goes; without either, until nothing is left to happen. */
export interface RunOptions {
  /** Virtual milliseconds since the beginning. */
  readonly untilMs?: number;
  /** Virtual milliseconds from now. */
  readonly forMs?: number;
}

/** How much has happened in a `Simulation`. */
export interface SimulationStats {
  /** Events: starts and ends of nodes, timers, frames, links, disks, faults. */
  readonly events: number;
  /** Frames that reached a node. */
  readonly framesDelivered: number;
  /** Frames that were lost on their way. */
  readonly framesLost: number;
  /** Virtual milliseconds for which each node's thread worked, by name; empty without the option `cpu`. */
  readonly busyMs: Readonly<Record<string, number>>;
}

/** How wrong the nodes' clocks are. */
export interface SimulatedClockOptions {
  /** Each wall clock is off by up to this much, either way. @defaultValue 0 */
  readonly skewMs?: number;
  /** Each clock runs too fast or too slow by up to this many millionths. @defaultValue 0 */
  readonly driftPpm?: number;
}

/**
 * How long jobs of `World.compute` take; they run in place, whatever they take. Beside the option `cpu` it gives jobs
 * threads of their own: without it they run on the one thread of their node.
 */
export interface SimulatedComputeOptions {
  /** The shortest. @defaultValue 0.05 */
  readonly minMs?: number;
  /** The longest. @defaultValue 1 */
  readonly maxMs?: number;
}
