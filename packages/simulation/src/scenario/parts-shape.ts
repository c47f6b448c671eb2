/**
 * Shape of a scenario's parts. Unknown names, unknown kinds and times that are no numbers are refused. Otherwise a
 * mistyped scenario would run differently than its author thinks, and pass unnoticed.
 */
import { cpuShape } from "../world/cpu-shape.ts";
import type { FaultKind } from "../world/fault.ts";
import { conditionFields } from "../world/link-conditions.ts";
import { type Covers, ENTRIES_MAX, fault, FAULT_KINDS, ms, node } from "./plan-shape.ts";
import type { Checks } from "./cluster.ts";
import type { FaultBudget, Liveness, ProgramWorkload, SimulateOptions, Workload } from "./scenario.ts";
import type { PctSchedule, Schedule } from "../engine/schedule.ts";
import {
  array,
  boolean,
  callable,
  integer,
  number,
  object,
  oneOf,
  optional,
  record,
  refuse,
  type Shape,
} from "./shape.ts";
import type { SimulatedDiskOptions } from "../world/simulated-disk.ts";
import type { SimulatedNetworkOptions } from "../world/simulated-links.ts";
import type { SimulatedClockOptions, SimulatedComputeOptions } from "../world/simulation-options.ts";

const whole = integer(0, Number.MAX_SAFE_INTEGER);
const some = integer(1, Number.MAX_SAFE_INTEGER);
/** A limit, which may be infinite. */
const most = number(1, Infinity);

/** A range of times. */
const range: Shape<readonly [number, number]> = (value, path) => {
  const [from, to, ...more] = array(ms, 2)(value, path);
  const isRange = from !== undefined && to !== undefined && from <= to && more.length === 0;
  return isRange ? [from, to] : refuse(path, "two times [from, to], from <= to", value);
};

const network = object({
  ...conditionFields,
  link: optional(callable),
  linked: optional(callable),
  silentMs: optional(callable),
  linkFramesMax: optional(most),
  linkBytesMax: optional(most),
} satisfies Covers<SimulatedNetworkOptions>);

const schedules: { readonly [K in Schedule["kind"]]: Shape<unknown> } = {
  fifo: object({ kind: oneOf("fifo") }),
  random: object({ kind: oneOf("random"), windowMs: optional(ms) }),
  pct: object({
    kind: oneOf("pct"),
    windowMs: optional(ms),
    depth: optional(some),
    events: optional(some),
  } satisfies Covers<PctSchedule>),
};

const schedule: Shape<unknown> = (value, path) => {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  const known = Object.entries(schedules).find(([name]) => name === kind);
  return known ? known[1](value, path) : refuse(`${path}.kind`, `one of ${Object.keys(schedules).join(", ")}`, kind);
};

const budget = object({
  kinds: optional(array(oneOf<FaultKind>(...FAULT_KINDS), ENTRIES_MAX)),
  fromMs: optional(ms),
  untilMs: optional(ms),
  everyMs: optional(ms),
  lastMs: optional(range),
  nodes: optional(array(node, ENTRIES_MAX)),
  downMax: optional(whole),
  rottenMax: optional(whole),
} satisfies Covers<FaultBudget>);

/** A function that makes programs. An async function would make promises, and their errors would be lost. */
const program: Shape<unknown> = (value, path) => {
  const isAsync = Object.prototype.toString.call(value).startsWith("[object Async");
  return isAsync ? refuse(path, "a function*, not async (for an async one: client.fromAsync(async …))", "an async one") : callable(value, path);
};

const clients = { clients: byType("number", whole, array(node, ENTRIES_MAX)), timeoutMs: optional(ms) };
const programs = object({ ...clients, program } satisfies Covers<ProgramWorkload>);
const drawn = object({
  ...clients,
  operations: whole,
  draw: callable,
  perform: program,
  thinkMs: optional(range),
} satisfies Covers<Workload>);

const workload: Shape<unknown> = (value, path) =>
  (typeof value === "object" && value !== null && "program" in value ? programs : drawn)(value, path);

const named = record(callable);
const checks = object({ always: optional(named), end: optional(named) } satisfies Covers<Checks>);

const liveness = object({
  atMs: ms,
  core: optional(byType("number", whole, array(node, ENTRIES_MAX))),
  progress: optional(callable),
  withinMs: optional(ms),
} satisfies Covers<Liveness>);

/** Shape of the parts of a run, and its seed. */
export const partsShape: Shape<unknown> = object({
  seed: optional(whole),
  nodes: named,
  network: optional(network),
  disk: optional(
    object({
      syncMinMs: optional(ms),
      syncMaxMs: optional(ms),
      tornWrites: optional(boolean),
    } satisfies Covers<SimulatedDiskOptions>)
  ),
  clock: optional(
    object({ skewMs: optional(ms), driftPpm: optional(number(0, 999_999)) } satisfies Covers<SimulatedClockOptions>)
  ),
  compute: optional(object({ minMs: optional(ms), maxMs: optional(ms) } satisfies Covers<SimulatedComputeOptions>)),
  cpu: optional(cpuShape),
  schedule: optional(schedule),
  log: optional(callable),
  faults: optional((value, path) => (Array.isArray(value) ? array(fault, ENTRIES_MAX) : budget)(value, path)),
  workload: optional(byType("function", callable, workload)),
  until: optional(byType("function", callable, ms)),
  deadlineMs: optional(number(0, Infinity)),
  check: optional(byType("function", callable, checks)),
  liveness: optional(liveness),
  absent: optional(array(node, ENTRIES_MAX)),
  trace: optional(boolean),
  eventsMax: optional(most),
} satisfies Covers<SimulateOptions>);

/** Picks one shape for functions or numbers, and another for all other values. */
function byType(type: "function" | "number", shape: Shape<unknown>, other: Shape<unknown>): Shape<unknown> {
  return (value, path) => (typeof value === type ? shape : other)(value, path);
}
