/**
 * A run, as seen by its nodes, clients and checks.
 */
import type { Cancel, SeededRandom } from "@void-system/effects";
import type { CpuWork } from "../engine/cpu-costs.ts";
import type { Boot } from "../world/kernel.ts";
import type { Simulation } from "../world/simulation.ts";
import type { History } from "./history.ts";

/** A run, as seen by its checks, its workload and its nodes. `A` is the type of a node's `api`. */
export interface Cluster<A = unknown> {
  /** The seed of the run. */
  readonly seed: number;
  /** Virtual milliseconds since the beginning. */
  readonly now: number;
  /** Names of all nodes. */
  readonly nodes: readonly string[];
  /** Operations of the clients so far. */
  readonly history: History;
  /** The simulation of the run, for statistics, say, or for a fault by hand. */
  readonly simulation: Simulation;
  /** Returns an independent random stream for each label. */
  random(label: string): SeededRandom;
  /** Returns the `api` of a running node, for inspection. */
  api(node: string): A | undefined;
  /**
   * Calls into a node soon, as an event of its own, like a request from outside. The call is guarded, and skipped if
   * the node's current life has ended by then. A node without an `api` is called once it has one. Returns false if the
   * node is down.
   */
  call(node: string, use: (api: A) => void): boolean;
  /** Plans an action of the test for a virtual time. */
  at(timeMs: number, action: () => void): Cancel;
  /**
   * Charges the node whose code is running for work: see {@link Simulation.spend}.
   *
   * @example
   * ```ts
   * import { simulate } from "@void-system/simulation";
   *
   * const result = simulate({
   *   seed: 1,
   *   cpu: { costs: { step: { ms: 0.5 }, verify: { ms: 2 } } },
   *   nodes: {
   *     a: (_world, cluster) => {
   *       cluster.spend("verify");
   *       cluster.check("a start and a verification take 2.5 ms", cluster.now === 2.5);
   *     },
   *   },
   * });
   * result.ok; // => true
   * ```
   */
  spend(work: CpuWork | number, bytes?: number): void;
  /** Ends the run as a violation of `name` unless `holds` is true. It may be called from anywhere, nodes included. */
  check(name: string, holds: boolean, detail?: string): void;
}

/** Program of a node. It may record in the history, and check. */
export type Program<A = unknown> = (world: Parameters<Boot>[0], cluster: Cluster<A>) => ReturnType<Boot<A>>;

/**
 * Throws when its condition does not hold. It must return nothing: a check that returned false would pass. A `TypeError`
 * or a `ReferenceError` in it is a mistake of the test, and no finding.
 */
// The union refuses a function that returns a boolean. To `void` alone, every function would be assignable.
export type Check<A = unknown> = (cluster: Cluster<A>) => void | undefined;

/** Conditions that must hold. Their names distinguish violations. */
export interface Checks<A = unknown> {
  /** Checked after each event. */
  readonly always?: Readonly<Record<string, Check<A>>>;
  /** Checked once, after the last event. */
  readonly end?: Readonly<Record<string, Check<A>>>;
}
