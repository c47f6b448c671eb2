/**
 * A run, as its nodes, clients and checks see it.
 */
import type { Cancel, SeededRandom } from "@void-system/effects";
import type { CpuWork } from "../engine/cpu-costs.ts";
import type { Boot } from "../world/kernel.ts";
import type { Simulation } from "../world/simulation.ts";
import type { History } from "./history.ts";

/** A run, as its checks, its workload and its nodes see it. A is what a node's boot hands back as `api`. */
export interface Cluster<A = unknown> {
  /** The seed of the run. */
  readonly seed: number;
  /** Virtual milliseconds since the beginning. */
  readonly now: number;
  /** The names of all nodes. */
  readonly nodes: readonly string[];
  /** What clients saw so far. */
  readonly history: History;
  /** The world of the run, for what is not here: statistics, or a fault by hand. */
  readonly simulation: Simulation;
  /** A stream of chance of its own for each label. */
  random(label: string): SeededRandom;
  /** What the boot of a running node handed back as `api`: to look at. */
  api(node: string): A | undefined;
  /**
   * Calls into a node as an event of its own, soon, as a request from outside does: guarded, and only if this life of
   * the node is still going on then. False, and nothing happens, when the node is down. One that has offered no `api` yet
   * is called when it does.
   */
  call(node: string, use: (api: A) => void): boolean;
  /** Plans an action of the test for a virtual time. */
  at(timeMs: number, action: () => void): Cancel;
  /**
   * Says that the node whose code is running does work that takes time: see {@link Simulation.spend}.
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
  /** Ends the run as a violation of `name`, unless it holds. From anywhere, nodes included. */
  check(name: string, holds: boolean, detail?: string): void;
}

/** The program of a node; it may record in the history, and check. */
export type Program<A = unknown> = (world: Parameters<Boot>[0], cluster: Cluster<A>) => ReturnType<Boot<A>>;

/** Throws when what it stands for does not hold. */
export type Check<A = unknown> = (cluster: Cluster<A>) => void;

/** What must hold, and when it is looked at. The names tell violations apart. */
export interface Checks<A = unknown> {
  /** After each event. */
  readonly always?: Readonly<Record<string, Check<A>>>;
  /** Once, after the last event. */
  readonly end?: Readonly<Record<string, Check<A>>>;
}
