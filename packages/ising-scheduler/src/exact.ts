import { checkKeys, checkWeight } from "./compile/check.ts";
import type { Parts } from "./cluster/parts.ts";
import { arraysOf } from "./compile/compile.ts";
import type { CompiledProblem } from "./compile/compile.ts";
import { SchedulerError } from "./errors.ts";
import { ENERGY_QUANTA } from "./compile/fixed-point.ts";
import type { Partners } from "./compile/partners.ts";
import { energyOf } from "./search/assignment.ts";
import { rowOf } from "./compile/arrays.ts";
import type { Problem } from "./compile/arrays.ts";

/** Most variables of the integer program. */
export const EXACT_VARIABLES_MAX = 100_000;

/** When this is thrown, the problem has a part that no integer program of this module has, or `highs` is not there. */
export class ExactError extends SchedulerError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_EXACT", message, options);
  }
}

/** Options of an exact solution. */
export interface ExactOptions {
  /** Milliseconds of the solver. @defaultValue no limit */
  readonly timeLimitMs?: number;
}

/** Proof of the solver. */
export interface ExactResult {
  /** `optimal`: the placement has the least energy. `bound`: nothing has less than `bound`. `infeasible`: there is no placement. */
  readonly status: "optimal" | "bound" | "infeasible";
  /** No placement that fits has less energy; Infinity if there is none. */
  readonly bound: number;
  /** The best placement that the solver has, if it has one. */
  readonly placement?: Readonly<Record<string, string>>;
  /** Energy of that placement, balance included. */
  readonly energy?: number;
}

const EXACT_KEYS: ReadonlySet<string> = new Set(["timeLimitMs"] satisfies (keyof ExactOptions)[]);

/**
 * Solves a small problem exactly, with the integer programming of npm `highs`, an optional peer dependency. Where the weight
 * of `balance` is 0 the energy is linear, and the optimum is proved. Else balance, which is never below 0, is left out, and
 * the result is a bound. Tens of tasks are small; hundreds are not.
 *
 * @throws {@link ExactError} if tasks may wait, there are slots, distances or spreads with a weight, or `highs` is not
 * installed.
 * @example
 * ```ts
 * import { compile } from "@void-system/ising-scheduler";
 * import { solveExactly } from "@void-system/ising-scheduler/exact";
 * const tasks = ["x", "y", "z"].map((id) => ({ id, demand: { cpu: 1 } }));
 * const nodes = [{ id: "a", capacity: { cpu: 2 } }, { id: "b", capacity: { cpu: 2 } }];
 * const links = [{ a: "x", b: "z", weight: 3 }, { a: "x", b: "y" }];
 * const { status, energy } = await solveExactly(compile({ tasks, nodes, links, weights: { balance: 0 } }));
 * [status, energy]; // => ["optimal", 1]
 * ```
 */
export async function solveExactly(compiled: CompiledProblem, options: ExactOptions = {}): Promise<ExactResult> {
  checkKeys("options", options, EXACT_KEYS);
  const { timeLimitMs } = options;
  checkWeight("options.timeLimitMs", timeLimitMs ?? 0);
  const problem = arraysOf(compiled);
  const program = programOf(problem);
  const { default: load } = await import("highs").catch((cause: unknown) => {
    throw new ExactError("expected the package highs, which solves integer programs, got none; install it: npm install highs", { cause });
  });
  // The package's types are those of its CommonJS form: as a module, the default is the function itself.
  const highs = await (load as unknown as (typeof load)["default"])();
  const solution = highs.solve(program, {
    output_flag: false,
    mip_rel_gap: 0,
    mip_abs_gap: 0,
    mip_feasibility_tolerance: 1e-9,
    ...(timeLimitMs !== undefined && { time_limit: timeLimitMs / 1_000 }),
  });
  if (solution.Status === "Infeasible") return problem.exact ? { status: "infeasible", bound: Infinity } : { status: "bound", bound: 0 };
  const place = placementOf(problem, solution.Columns);
  const optimal = solution.Status === "Optimal";
  if (!place) return { status: "bound", bound: 0 };
  const quanta = energyOf(problem, place);
  const total = Object.values(quanta).reduce((sum, term) => sum + term, 0);
  const found = {
    placement: Object.fromEntries(problem.tasks.map((task, at) => [task, problem.nodes[place[at] ?? 0] ?? ""])),
    energy: total / ENERGY_QUANTA,
  };
  // Optimal of the energy without balance: that is a bound of the whole, and the optimum where balance adds nothing.
  if (optimal && quanta.balance === 0) return { status: "optimal", bound: found.energy, ...found };
  return { status: "bound", bound: optimal ? (total - quanta.balance) / ENERGY_QUANTA : 0, ...found };
}

/** The problem in CPLEX's LP format. Variable `x_t_n` is 1 if task t is on node n. */
function programOf(problem: Problem): string {
  const { tasks, nodes, resources, demandUnits, capacityUnits, home, migrationCost, conflicts, links, affinities } = problem;
  // Only compile() of `/cluster` makes parts.
  const parts = problem.more?.parts as Parts | undefined;
  refuse(parts);
  const count = tasks.length * nodes.length + nodes.length * (pairsOf(links).length + pairsOf(affinities).length);
  if (count > EXACT_VARIABLES_MAX) throw new ExactError(`expected at most ${EXACT_VARIABLES_MAX} variables, got ${count}; a search is for problems of this size`);
  const x = (task: number, node: number): string => `x_${task}_${node}`;
  const objective: string[] = [];
  const rules: string[] = [];
  const forbidden: string[] = [];
  tasks.forEach((_, task) => {
    rules.push(`${nodes.map((_node, node) => x(task, node)).join(" + ")} = 1`);
    nodes.forEach((_node, node) => {
      const moved = (home[task] ?? -1) >= 0 && home[task] !== node ? migrationCost : 0;
      const cost = [parts?.preference, parts?.cost].reduce((sum, table) => sum + (table?.quanta[(table.classOf[task] ?? 0) * nodes.length + node] ?? 0), moved);
      if (cost > 0) objective.push(`${cost / ENERGY_QUANTA} ${x(task, node)}`);
      const { eligibility } = parts ?? {};
      if (eligibility && eligibility.allowed[(eligibility.classOf[task] ?? 0) * nodes.length + node] === 0) forbidden.push(`${x(task, node)} = 0`);
    });
  });
  nodes.forEach((_, node) =>
    resources.forEach((_resource, r) => {
      const load = tasks.flatMap((_task, task) => {
        const need = demandUnits[rowOf(problem, task, node) * resources.length + r] ?? 0;
        return need > 0 ? [`${need} ${x(task, node)}`] : [];
      });
      if (load.length > 0) rules.push(`${load.join(" + ")} <= ${capacityUnits[node * resources.length + r] ?? 0}`);
    }),
  );
  for (const [a, b] of pairsOf(conflicts)) nodes.forEach((_, node) => rules.push(`${x(a, node)} + ${x(b, node)} <= 1`));
  // A pair saves its weight where both are on one node.
  let constant = 0;
  const together: string[] = [];
  for (const [kind, partners] of [["l", links], ["f", affinities]] as const) {
    for (const [a, b, cost] of pairsOf(partners)) {
      if (cost === 0) continue;
      constant += cost / ENERGY_QUANTA;
      nodes.forEach((_, node) => {
        const both = `${kind}_${a}_${b}_${node}`;
        together.push(both);
        objective.push(`- ${cost / ENERGY_QUANTA} ${both}`);
        rules.push(`${both} - ${x(a, node)} <= 0`, `${both} - ${x(b, node)} <= 0`);
      });
    }
  }
  rules.push(...boundRules(parts, x), ...migrationRules(problem, parts, x));
  const all = tasks.flatMap((_, task) => nodes.map((_node, node) => x(task, node)));
  const sum = objective.map((term, at) => (at === 0 || term.startsWith("-") ? term : `+ ${term}`)).join("\n ");
  return [
    "Minimize", ` cost: ${sum}${sum === "" ? "" : " + "}${constant} one`,
    "Subject To", ...rules.map((rule, at) => ` r${at}: ${rule}`),
    "Bounds", " one = 1", ...forbidden.map((bound) => ` ${bound}`), ...together.map((name) => ` 0 <= ${name} <= 1`),
    "Binary", ` ${all.join("\n ")}`,
    "End",
  ].join("\n");
}

function refuse(parts: Parts | undefined): void {
  const refused = [
    [parts?.waiting, "tasks that may wait"],
    [parts?.slots.length, "slots"],
    [parts?.distance, "distances"],
    [parts?.spread.length, "spreads with a weight"],
  ].flatMap(([part, name]) => (part ? [name] : []));
  if (refused.length > 0) throw new ExactError(`expected a problem that is an integer program, got one with ${refused.join(", ")}; leave that out`);
}

/** Bounds on groups that are a must, which are linear. */
function boundRules(parts: Parts | undefined, x: (task: number, node: number) => string): readonly string[] {
  return (parts?.separation ?? []).flatMap(({ member, domain, domains, skew, max }) => {
    const sums = Array.from({ length: domains }, (_, one) =>
      [...member].flatMap((is, task) => (is === 1 ? [...domain].flatMap((at, node) => (at === one ? [x(task, node)] : [])) : [])),
    );
    const outside = [...member].flatMap((is, task) => (is === 1 ? [...domain].flatMap((at, node) => (at < 0 ? [`${x(task, node)} <= 0`] : [])) : []));
    const most = max === Infinity ? [] : sums.map((sum) => `${sum.join(" + ")} <= ${max}`);
    const pairs = skew === Infinity ? [] : sums.flatMap((sum, a) => sums.flatMap((other, b) => (a === b ? [] : [`${sum.join(" + ")} - ${other.join(" - ")} <= ${skew}`])));
    return [...outside, ...most, ...pairs];
  });
}

function migrationRules({ home, nodes }: Problem, parts: Parts | undefined, x: (task: number, node: number) => string): readonly string[] {
  if (parts?.maxMigrations === undefined) return [];
  const moves = [...home].flatMap((at, task) => (at < 0 ? [] : nodes.flatMap((_, node) => (node === at ? [] : [x(task, node)]))));
  return moves.length === 0 ? [] : [`${moves.join(" + ")} <= ${parts.maxMigrations}`];
}

/** Each pair once, with its quanta. */
function pairsOf({ start, task, cost }: Partners): readonly (readonly [number, number, number])[] {
  const pairs: [number, number, number][] = [];
  for (let a = 0; a + 1 < start.length; a++) {
    for (let at = start[a] ?? 0; at < (start[a + 1] ?? 0); at++) if (a < (task[at] ?? 0)) pairs.push([a, task[at] ?? 0, cost[at] ?? 0]);
  }
  return pairs;
}

/** Nodes of the solver's variables; undefined if it has none for a task. */
function placementOf({ tasks, nodes }: Problem, columns: Readonly<Record<string, object>>): Int32Array | undefined {
  const place = Int32Array.from(tasks, (_, task) =>
    nodes.findIndex((_node, node) => Number(Reflect.get(columns[`x_${task}_${node}`] ?? {}, "Primal") ?? 0) > 0.5),
  );
  return place.includes(-1) ? undefined : place;
}
