/**
 * The objective in whole numbers. Energies are sums of products of integers that stay below 2^53, so that double
 * arithmetic on them is exact: the order of additions does not matter and every machine gets the same bits.
 */

/** Energies are whole multiples of 1 / 2^24. */
export const ENERGY_QUANTA: number = 2 ** 24;
/** A utilisation of 1 in the balance term is 1,024, so its square is 2^20 and its weight has 4 bits below the point. */
export const UTILISATION_UNITS = 1024;
/** Weight of the balance term in quanta per squared utilisation unit. */
export const BALANCE_QUANTA: number = ENERGY_QUANTA / UTILISATION_UNITS ** 2;
/** All energy terms together stay below this. */
export const QUANTA_MAX: number = 2 ** 52;
/** The overload term alone stays below this, wherever the tasks are put. */
export const OVERLOAD_QUANTA_MAX: number = 2 ** 49;

/** Largest capacity of a resource in units, before the overload's square must be kept small. */
const RESOURCE_UNITS_MAX = 2 ** 20;

/** The demands and capacities of one resource as integers. */
export interface ResourceUnits {
  /** Units that each task needs. */
  readonly demand: readonly number[];
  /** Units that each node has. */
  readonly capacity: readonly number[];
  /** False if values were rounded: demands up and capacities down, so that what fits in units fits. */
  readonly exact: boolean;
}

/** Noise of decimal arithmetic: 0.1 + 0.2 is three tenths. As a part of the largest capacity, and in units. */
const NOISE = 1e-9;
const NOISE_UNITS = 1e-6;

/**
 * Puts one resource in units: exact ones if all values are multiples of one that is not too small (hundredths,
 * megabytes), else the finest that keep the square of any possible overload, times the number of resources, below
 * {@link OVERLOAD_QUANTA_MAX} / 16. A task larger than the largest node counts as one unit larger: it fits nowhere, and
 * by how much does not guide the search.
 */
export function resourceUnits(
  demand: readonly number[],
  capacity: readonly number[],
  resources: number,
): ResourceUnits {
  const largest = capacity.reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return { demand: demand.map((need) => Number(need > 0)), capacity, exact: true };
  const load = demand.reduce((sum, need) => sum + Math.min(need / largest, 1), 0);
  const finest = Math.floor(Math.sqrt(OVERLOAD_QUANTA_MAX / 16 / resources) / (load + 2));
  const unitsMax = Math.min(RESOURCE_UNITS_MAX, finest);
  const values = [...demand.filter((need) => need <= largest), ...capacity];
  const unit = largest / Math.round(largest / greatestDivisor(values, largest));
  const most = Math.round(largest / unit);
  if (most <= unitsMax && values.every((value) => isWhole(value / unit))) {
    const units = (value: number): number => (value > largest ? most + 1 : Math.round(value / unit));
    return { demand: demand.map(units), capacity: capacity.map(units), exact: true };
  }
  const scale = unitsMax / largest;
  const up = demand.map((need) => (need > largest ? unitsMax + 1 : Math.ceil(need * scale - NOISE_UNITS)));
  return { demand: up, capacity: capacity.map((has) => Math.floor(has * scale + NOISE_UNITS)), exact: false };
}

/** Whole but for noise; what is so small that it is all noise is not 0. */
function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) <= Math.min(NOISE_UNITS, value * NOISE_UNITS);
}

/** The largest number of which all values are multiples, but for noise: Euclid's algorithm on real numbers. */
function greatestDivisor(values: readonly number[], largest: number): number {
  const noise = largest * NOISE;
  let divisor = largest;
  for (const value of values) {
    for (let rest = value; rest > noise; ) {
      [divisor, rest] = [rest, Math.abs(divisor - rest * Math.round(divisor / rest))];
    }
  }
  return divisor;
}
