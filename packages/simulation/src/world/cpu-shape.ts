/**
 * Shape of the option `cpu`. It refuses unknown rows: with a misspelt name the default would silently stay in force.
 */
import type { CpuCost, CpuWork, SimulatedCpuOptions } from "../engine/cpu-costs.ts";
import { SimulationUseError } from "../errors.ts";
import { callable, checked, number, object, optional, type Shape } from "../scenario/shape.ts";

/** Demands a shape for every field, including optional ones. */
type Covers<T> = Readonly<Record<keyof T, unknown>>;

/** One year. A step that takes longer is a mistake. */
export const COST_MAX_MS = 3.2e10;
/** Least and greatest speed of a CPU, so that every cost is a finite time. */
export const SPEED_MIN = 1e-6;
export const SPEED_MAX = 1e6;
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

/** Shape of {@link SimulatedCpuOptions}. */
export const cpuShape: Shape<unknown> = object({
  costs: optional(costs),
  speed: optional(callable),
} satisfies Covers<SimulatedCpuOptions>);

/** Returns the options if they have that shape, and throws otherwise. */
export function checkedCpu(options: SimulatedCpuOptions): SimulatedCpuOptions {
  checked((value) => cpuShape(value, ".cpu"), options, SimulationUseError);
  return options;
}
