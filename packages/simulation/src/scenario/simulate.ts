/**
 * Runs a whole system from one seed and checks its conditions.
 */
import { SimulationUseError } from "../errors.ts";
import { planShape } from "./plan-shape.ts";
import { ScenarioRun } from "./scenario-run.ts";
import type { RunPlan, Scenario, SimulateOptions, SimulationResult } from "./scenario.ts";
import { checked } from "./shape.ts";
import { shown } from "./simulating.ts";

/**
 * Runs nodes, faults and clients in a seeded world until the end or the first failure. A run is a function of its
 * options, so it can be repeated by its seed. This holds as long as the programs keep the state that they change within
 * themselves.
 *
 * @throws {@link SimulationUseError} for invalid options. A failure in the run is a result, not an error.
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { simulate } from "@void-system/simulation";
 *
 * // A counter that forgets what it acknowledged: it syncs only now and then.
 * const result = simulate({
 *   seed: 1,
 *   nodes: {
 *     server: ({ disk, network, clock }) => {
 *       disk.open("counter", (opened) => {
 *         if (opened instanceof Error) throw opened;
 *         let count = [...opened.records].length;
 *         network.onFrame((from) => {
 *           opened.log.append(new Uint8Array(1));
 *           network.send(from, Uint8Array.of(++count));
 *         });
 *         const flush = () => opened.log.sync(() => { clock.schedule(100, flush); });
 *         flush();
 *       });
 *     },
 *     client: ({ network, clock }, { check }) => {
 *       let seen = 0;
 *       network.onFrame((_from, [count = 0]) => { check("counts go up", count > seen); seen = count; });
 *       const ask = () => { network.send(peerId("server"), new Uint8Array(1)); clock.schedule(20, ask); };
 *       ask();
 *     },
 *   },
 *   faults: [{ kind: "crash", atMs: 250, node: "server", forMs: 50 }],
 *   until: 1_000,
 * });
 * result.ok ? "passed" : result.failure.name; // => "counts go up"
 * ```
 */
export function simulate<A = unknown>(options: SimulateOptions<A>): SimulationResult {
  return shown(new ScenarioRun(options, options.seed).finish());
}

/**
 * Repeats a run by its plan: the same faults, order of events and randomness. With the same scenario, it gives the same
 * result.
 *
 * @throws {@link SimulationUseError} for an invalid plan.
 * @example
 * ```ts
 * import { replay, type Scenario, simulate } from "@void-system/simulation";
 *
 * const scenario: Scenario = () => ({
 *   nodes: { a: ({ clock, random }) => { clock.schedule(random.next() * 10, () => undefined); } },
 *   faults: { untilMs: 2_000 },
 * });
 * const first = simulate({ ...scenario(), seed: 5 });
 * const saved = JSON.stringify(first.plan);
 * replay(scenario, JSON.parse(saved)).traceHash === first.traceHash; // => true
 * ```
 */
export function replay<A = unknown>(scenario: Scenario<A>, plan: RunPlan): SimulationResult {
  return shown(new ScenarioRun(scenario(), plan.seed, { plan: checked(planShape, plan, SimulationUseError) }).finish());
}
