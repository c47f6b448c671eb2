/**
 * Incidents of simulated systems whose truth is known, to judge diagnoses by. FROZEN: it was written before any method was
 * tuned, and `incidents.test.ts` pins its bytes. A seed gives one random system (services, shared databases, message
 * queues, cycles, self-calls, retries, fallbacks, parallel calls), two days of its normal telemetry with gaps, and a window
 * with no fault, with one fault, or with a fault of the target itself.
 *
 * A service's time is its own, which grows as a queue's does with its load (M/M/1), and that of the calls that it waits
 * for. A failed call is repeated, which loads the callee. What the target had been without the fault comes from a second
 * run with the same dice.
 */
import { MetricTable } from "../../src/metric-table.ts";

/** One incident, and its truth. */
export interface GeneratedIncident {
  readonly seed: number;
  readonly calls: readonly { readonly caller: string; readonly callee: string }[];
  readonly normal: MetricTable;
  readonly incident: MetricTable;
  readonly target: { readonly node: string; readonly metric: string; readonly worse: "higher" | "lower" };
  readonly truth: {
    readonly kind: "none" | "cause" | "target-itself";
    /** The node at fault. */
    readonly node?: string;
    readonly fault?: "slow" | "errors" | "busy";
    /** First row of the fault. */
    readonly beginRow?: number;
    /** A node that leads nowhere near the target, and was slow at the same time. */
    readonly bystander?: string;
  };
  /** The target's metric in the incident, had the fault not been; the same dice. */
  readonly withoutFault: Float64Array;
}

const NORMAL_ROWS = 576;
const ROWS_A_DAY = 288;
const ROW_SECONDS = 300;

interface Call {
  readonly to: number;
  /** Calls a request. */
  readonly ratio: number;
  readonly retries: number;
  /** True if the caller fails when the call does. */
  readonly critical: boolean;
}

interface Service {
  readonly name: string;
  readonly kind: "front" | "service" | "database" | "queue";
  /** Milliseconds of its own at no load. */
  readonly ownMs: number;
  readonly noise: number;
  readonly persistence: number;
  readonly errors: number;
  /** Utilisation at the mean load. */
  readonly utilisation: number;
  readonly parallel: boolean;
  readonly calls: Call[];
}

interface Disturbance {
  readonly node: number;
  readonly fault: "slow" | "errors" | "busy";
  readonly size: number;
  /** By row of the incident: 0 for off, 1 for all of it. */
  readonly course: readonly number[];
}

/** The state of all services in one row. */
interface Row {
  readonly load: Float64Array;
  readonly latency: Float64Array;
  readonly failure: Float64Array;
  readonly busy: Float64Array;
}

class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = 0;
    this.reset(seed);
  }

  reset(seed: number): void {
    this.#state = (seed * 0x9e3779b1 + 0x7f4a7c15) >>> 0;
    for (let index = 0; index < 8; index++) this.uniform();
  }

  /** mulberry32 */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  logBetween(low: number, high: number): number {
    return low * (high / low) ** this.uniform();
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.uniform() * from.length)]!;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

}

/** The incident of a seed: the same seed gives the same numbers. */
export function generateIncident(seed: number): GeneratedIncident {
  const dice = new Dice(seed);
  const services = system(dice);
  const entryPerSecond = dice.logBetween(2, 60);
  const share = meanLoads(services);
  const incidentRows = dice.whole(8, 24);
  const target = pickTarget(dice, services, share);
  const multiplicity = callsPerRequest(services, target);
  const kind = dice.pick(["none", "none", "none", "cause", "cause", "cause", "cause", "cause", "target-itself", "target-itself"] as const);
  const fault = dice.pick(["slow", "slow", "errors", "busy"] as const);
  // A fault of errors shows in the target only along calls that it cannot do without.
  const felt = fault === "errors" ? callsPerRequest(services, target, ({ critical }) => critical) : multiplicity;
  const culprits = services.flatMap(({ kind: what }, node) => (node !== target && what !== "queue" && felt[node]! > 0.02 ? [node] : []));
  const culprit = kind === "none" ? undefined : kind === "target-itself" || culprits.length === 0 ? target : dice.pick(culprits);
  const calm = calmRow(services, share);
  const disturbances: Disturbance[] = [];
  let beginRow = 0;
  if (culprit !== undefined) {
    beginRow = dice.chance(0.3) ? 0 : dice.whole(1, Math.floor(incidentRows * 0.4));
    const size = sizeOf(dice, fault, calm.latency[target]!, felt[culprit]!);
    disturbances.push({ node: culprit, fault, size, course: course(dice, incidentRows, beginRow) });
  }
  const apart = services.flatMap((_, node) => (node !== target && multiplicity[node] === 0 && !callsIn(services, node, target) ? [node] : []));
  const bystander = apart.length > 0 && dice.chance(0.5) ? dice.pick(apart) : undefined;
  const own = new Set(disturbances);
  if (bystander !== undefined) {
    const size = calm.latency[bystander]! * dice.logBetween(0.5, 5);
    disturbances.push({ node: bystander, fault: "slow", size, course: course(dice, incidentRows, dice.whole(0, incidentRows >> 1)) });
  }
  const metric = fault === "errors" ? "availability" : "latency";
  const gaps = dice.pick([0, 0.01, 0.05]);
  const rows = NORMAL_ROWS + incidentRows;
  const weather = weatherOf(dice, services, rows);
  const measuredSeed = dice.whole(1, 1_000_000_000);
  const base = { services, share, entryPerSecond, weather, gaps, measuredSeed };
  const withFault = telemetry({ ...base, disturbances }, 0);
  const without = own.size === 0 ? withFault : telemetry({ ...base, disturbances: disturbances.filter((one) => !own.has(one)) }, NORMAL_ROWS);
  const name = services[target]!.name;
  return {
    seed,
    calls: services.flatMap(({ name: caller, calls }) => calls.map(({ to }) => ({ caller, callee: services[to]!.name }))),
    normal: cut(withFault, services, 0, NORMAL_ROWS),
    incident: cut(withFault, services, NORMAL_ROWS, rows),
    target: { node: name, metric, worse: metric === "latency" ? "higher" : "lower" },
    truth: {
      kind: culprit === target ? "target-itself" : kind,
      ...(culprit === undefined ? {} : { node: services[culprit]!.name, fault, beginRow }),
      ...(bystander === undefined ? {} : { bystander: services[bystander]!.name }),
    },
    withoutFault: without.get(name)!.get(metric)!.slice(NORMAL_ROWS),
  };
}

function system(dice: Dice): Service[] {
  const fronts = dice.whole(1, 2);
  const middle = dice.whole(4, 20);
  const databases = dice.whole(1, 4);
  const queues = dice.whole(0, 2);
  const services: Service[] = [];
  const add = (name: string, kind: Service["kind"], ownMs: number): number =>
    services.push({
      name,
      kind,
      ownMs,
      noise: dice.logBetween(0.02, 0.2),
      persistence: dice.between(0.2, 0.9),
      errors: dice.chance(0.3) ? 0 : dice.logBetween(1e-4, 4e-3),
      utilisation: dice.between(0.1, 0.6),
      parallel: dice.chance(0.2),
      calls: [],
    }) - 1;
  const call = (from: number, to: number, ratio: number): void => {
    if (services[from]!.calls.some((one) => one.to === to)) return;
    const retries = dice.chance(0.3) ? dice.whole(1, 2) : 0;
    services[from]!.calls.push({ to, ratio, retries, critical: dice.chance(0.75) });
  };
  const ratio = (): number => (dice.chance(0.6) ? 1 : dice.between(0.15, 1.4));
  for (let index = 0; index < fronts; index++) add(`front-${index}`, "front", dice.logBetween(5, 60));
  for (let index = 0; index < middle; index++) {
    const node = add(`service-${index}`, "service", dice.logBetween(2, 80));
    call(dice.whole(Math.max(0, node - 8), node - 1), node, ratio());
    if (dice.chance(0.35)) call(dice.whole(0, node - 1), node, ratio() * 0.5);
  }
  const callers = services.flatMap(({ kind }, node) => (kind === "service" ? [node] : []));
  for (let index = 0; index < databases; index++) {
    const node = add(`database-${index}`, "database", dice.logBetween(1, 30));
    for (let count = dice.whole(2, 5); count > 0; count--) call(dice.pick(callers), node, ratio());
  }
  for (let index = 0; index < queues; index++) {
    const node = add(`queue-${index}`, "queue", dice.logBetween(1, 6));
    call(dice.pick(callers), node, 1);
    // The consumer is loaded by what is queued; nobody waits for it.
    const consumer = add(`consumer-${index}`, "service", dice.logBetween(5, 80));
    call(consumer, node, 1);
    call(consumer, dice.pick(services.flatMap(({ kind }, at) => (kind === "database" ? [at] : []))), ratio());
  }
  if (dice.chance(0.4)) {
    const from = dice.pick(callers);
    const above = callers.filter((node) => node !== from && callsIn(services, node, from));
    if (above.length > 0) call(from, dice.pick(above), dice.between(0.02, 0.15));
  }
  if (dice.chance(0.3)) {
    const node = dice.pick(callers);
    call(node, node, dice.between(0.05, 0.2));
  }
  return services;
}

/** Returns true if calls of `from` come to `to`, directly or not. */
function callsIn(services: readonly Service[], from: number, to: number): boolean {
  const seen = new Set([from]);
  for (const node of seen) for (const { to: next } of services[node]!.calls) seen.add(next);
  return seen.has(to);
}

/** Load of each service for one request a front, without failures. */
function meanLoads(services: readonly Service[]): Float64Array {
  let load = new Float64Array(services.length);
  for (let round = 0; round < 60; round++) {
    const next = Float64Array.from(services, ({ kind, name }) => (kind === "front" || name.startsWith("consumer") ? 1 : 0));
    for (const [node, { calls }] of services.entries()) for (const { to, ratio } of calls) next[to]! += load[node]! * ratio;
    load = next;
  }
  return load;
}

/** Calls that one request at `start` makes of each service, by calls of a kind. */
function callsPerRequest(services: readonly Service[], start: number, counts: (call: Call) => boolean = () => true): Float64Array {
  let count = new Float64Array(services.length);
  for (let round = 0; round < 60; round++) {
    const next = new Float64Array(services.length);
    next[start] = 1;
    for (const [node, { calls }] of services.entries()) for (const call of calls) if (counts(call)) next[call.to]! += count[node]! * call.ratio;
    count = next;
  }
  return count;
}

function pickTarget(dice: Dice, services: readonly Service[], share: Float64Array): number {
  const able = services.flatMap(({ kind }, node) =>
    (kind === "front" || kind === "service") && share[node]! > 0.05 && callsPerRequest(services, node).filter((value) => value > 0.02).length > 2 ? [node] : [],
  );
  return dice.chance(0.6) || able.length === 0 ? 0 : dice.pick(able);
}

function sizeOf(dice: Dice, fault: Disturbance["fault"], targetMs: number, multiplicity: number): number {
  if (fault === "slow") return (targetMs * dice.logBetween(0.15, 3)) / multiplicity;
  if (fault === "errors") return Math.min(0.9, dice.logBetween(0.02, 0.5) / multiplicity);
  return dice.between(0.85, 0.97);
}

function course(dice: Dice, rows: number, begin: number): readonly number[] {
  const shape = dice.pick(["step", "step", "ramp", "on and off"] as const);
  return Array.from({ length: rows }, (_, row) => {
    if (row < begin) return 0;
    if (shape === "ramp") return Math.min(1, (row - begin + 1) / 5);
    return shape === "on and off" && dice.chance(0.3) ? 0 : 1;
  });
}

/** Everything random about the rows, so that two runs can share it. */
interface Weather {
  readonly rows: number;
  readonly entry: Float64Array;
  /** By service: a factor on its own time. */
  readonly own: readonly Float64Array[];
  readonly errors: readonly Float64Array[];
}

function weatherOf(dice: Dice, services: readonly Service[], rows: number): Weather {
  const swing = dice.between(0, 0.5);
  const entry = new Float64Array(rows);
  let drift = 0;
  for (let row = 0; row < rows; row++) {
    drift = 0.9 * drift + 0.03 * dice.normal();
    entry[row] = (1 + swing * Math.sin((2 * Math.PI * row) / ROWS_A_DAY)) * Math.exp(drift);
  }
  const series = (noise: number, persistence: number, spikes: number): Float64Array => {
    let state = noise * dice.normal();
    return Float64Array.from({ length: rows }, () => {
      state = persistence * state + Math.sqrt(1 - persistence ** 2) * noise * dice.normal();
      return Math.exp(state) * (dice.chance(spikes) ? dice.between(1.5, 4) : 1);
    });
  };
  return {
    rows,
    entry,
    own: services.map(({ noise, persistence }) => series(noise, persistence, 0.004)),
    errors: services.map(() => series(0.5, 0.5, 0.004)),
  };
}

interface Run {
  readonly services: readonly Service[];
  readonly share: Float64Array;
  readonly entryPerSecond: number;
  readonly weather: Weather;
  readonly gaps: number;
  readonly measuredSeed: number;
  readonly disturbances: readonly Disturbance[];
}

/**
 * Brings a system into its steady state under the row's own times, errors and utilisations: loads downwards, then failures
 * and times upwards, until they agree. `row` holds the state to start from, and the result.
 */
function settle(services: readonly Service[], share: Float64Array, entry: number, own: Float64Array, errors: Float64Array, utilisation: Float64Array, row: Row): void {
  const { load, latency, failure, busy } = row;
  const next = new Float64Array(services.length);
  for (let round = 0; round < 25; round++) {
    let change = 0;
    for (let node = services.length - 1; node >= 0; node--) {
      const { calls, parallel } = services[node]!;
      busy[node] = Math.min(0.98, (utilisation[node]! * load[node]!) / Math.max(share[node]!, 1e-9));
      let [waited, longest, fine] = [0, 0, 1 - errors[node]!];
      for (const { to, ratio, retries, critical } of calls) {
        const failed = failure[to]!;
        const time = ratio * attempts(retries, failed) * latency[to]!;
        waited += time;
        longest = Math.max(longest, time);
        if (critical) fine *= 1 - Math.min(1, ratio) * failed ** (retries + 1);
      }
      const time = own[node]! / (1 - busy[node]!) + (parallel ? longest : waited);
      change = Math.max(change, Math.abs(time - latency[node]!) / time, Math.abs(1 - fine - failure[node]!));
      latency[node] = time;
      failure[node] = 1 - fine;
    }
    for (const [node, { kind, name }] of services.entries()) next[node] = kind === "front" || name.startsWith("consumer") ? entry : 0;
    for (const [node, { calls }] of services.entries()) {
      for (const { to, ratio, retries } of calls) next[to]! += load[node]! * ratio * attempts(retries, failure[to]!);
    }
    for (let node = 0; node < services.length; node++) change = Math.max(change, Math.abs(next[node]! - load[node]!) / Math.max(1e-9, next[node]!));
    load.set(next);
    if (change < 1e-6) break;
  }
}

/** Mean attempts of a call that is repeated after a failure. */
function attempts(retries: number, failed: number): number {
  return retries === 0 ? 1 : (1 - failed ** (retries + 1)) / Math.max(1e-9, 1 - failed);
}

function idleRow(share: Float64Array, entry: number): Row {
  const zeros = (): Float64Array => new Float64Array(share.length);
  return { load: share.map((value) => value * entry), latency: zeros(), failure: zeros(), busy: zeros() };
}

function calmRow(services: readonly Service[], share: Float64Array): Row {
  const row = idleRow(share, 1);
  const column = (of: (service: Service) => number): Float64Array => Float64Array.from(services, of);
  settle(services, share, 1, column(({ ownMs }) => ownMs), column(({ errors }) => errors), column(({ utilisation }) => utilisation), row);
  return row;
}

/** The metrics of every service as measured, from `firstRow` on; NaN before it. */
function telemetry({ services, share, entryPerSecond, weather, gaps, measuredSeed, disturbances }: Run, firstRow: number): Map<string, Map<string, Float64Array>> {
  const dice = new Dice(measuredSeed);
  const { rows } = weather;
  const empty = (): Float64Array => new Float64Array(rows).fill(Number.NaN);
  const tables = new Map(services.map(({ name, kind }) => [name, new Map(["latency", "availability", "requests", ...(kind === "queue" ? [] : ["cpu"])].map((metric) => [metric, empty()]))]));
  const silent = services.map(() => (dice.chance(0.05) ? { from: dice.whole(0, NORMAL_ROWS - 100), count: dice.whole(20, 90) } : undefined));
  const [own, errors, utilisation] = [share.slice(), share.slice(), share.slice()];
  const state = idleRow(share, 1);
  for (let row = firstRow; row < rows; row++) {
    const at = row - NORMAL_ROWS;
    for (const [node, service] of services.entries()) {
      own[node] = service.ownMs * weather.own[node]![row]!;
      errors[node] = service.errors * weather.errors[node]![row]!;
      utilisation[node] = service.utilisation;
    }
    for (const { node, fault, size, course } of at < 0 ? [] : disturbances) {
      const now = size * (course[at] ?? 0);
      if (fault === "slow") own[node]! += now * (1 - services[node]!.utilisation);
      else if (fault === "errors") errors[node] = Math.min(0.95, errors[node]! + now);
      else utilisation[node] = Math.max(utilisation[node]!, now);
    }
    settle(services, share, weather.entry[row]!, own, errors, utilisation, state);
    const { load, latency, failure, busy } = state;
    dice.reset(measuredSeed + 7919 * (row + 1));
    for (const [node, { name }] of services.entries()) {
      // Every draw is made in every run, so that both runs share their dice.
      const mean = load[node]! * entryPerSecond * ROW_SECONDS;
      const [countNoise, latencyNoise, failureNoise, busyNoise] = [dice.normal(), dice.normal(), dice.normal(), dice.normal()];
      const gone = [dice.uniform(), dice.uniform(), dice.uniform()].map((value) => value < gaps);
      const quiet = silent[node];
      if (quiet && row >= quiet.from && row < quiet.from + quiet.count) continue;
      const requests = Math.max(0, Math.round(mean + Math.sqrt(mean) * countNoise));
      const table = tables.get(name)!;
      if (!gone[0]) table.get("requests")![row] = requests;
      if (requests === 0) continue;
      const failures = Math.max(0, Math.round(requests * failure[node]! + Math.sqrt(requests * failure[node]! * (1 - failure[node]!)) * failureNoise));
      if (!gone[1]) table.get("latency")![row] = latency[node]! * Math.max(0.1, 1 + (0.8 / Math.sqrt(requests)) * latencyNoise);
      if (!gone[2]) table.get("availability")![row] = 1 - Math.min(1, failures / requests);
      const cpu = table.get("cpu");
      if (cpu) cpu[row] = Math.max(0, busy[node]! * (1 + 0.03 * busyNoise));
    }
  }
  return tables;
}

function cut(tables: ReadonlyMap<string, ReadonlyMap<string, Float64Array>>, services: readonly Service[], from: number, to: number): MetricTable {
  const table = new MetricTable(to - from);
  for (const { name } of services) for (const [metric, values] of tables.get(name)!) table.set(name, metric, values.slice(from, to));
  return table;
}
