/**
 * The shape of the option `cpu`. A row of a name that means nothing would leave the default in force, and nobody would
 * know.
 */
import type { CpuCost, CpuWork, SimulatedCpuOptions } from "../engine/cpu-costs.ts";
import { SimulationUseError } from "../errors.ts";
import { callable, checked, number, object, optional, type Shape } from "../scenario/shape.ts";

/** Every field has a shape, also those that may be missing. */
type Covers<T> = Readonly<Record<keyof T, unknown>>;

/** A year: a step that takes longer is a mistake. */
const COST_MAX_MS = 3.2e10;
const ms = number(0, COST_MAX_MS);
const cost = object({ ms, msPerMiB: optional(ms) } satisfies Covers<CpuCost>);

const costs = object({
  step: optional(cost),
  sign: optional(cost),
  verify: optional(cost),
  hash: optional(cost),
  mac: optional(cost),
  agree: optional(cost),
  job: optional(cost),
} satisfies Covers<Record<CpuWork, CpuCost>>);

/** The CPU of nodes. */
export const cpuShape: Shape<unknown> = object({
  costs: optional(costs),
  speed: optional(callable),
} satisfies Covers<SimulatedCpuOptions>);

/** The options, if they have that shape. */
export function checkedCpu(options: SimulatedCpuOptions): SimulatedCpuOptions {
  checked((value) => cpuShape(value, ".cpu"), options, SimulationUseError);
  return options;
}
