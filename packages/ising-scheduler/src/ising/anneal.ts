import { checkKeys, checkWhole } from "../compile/check.ts";
import { root } from "../search/annealing.ts";
import { threshold } from "../search/metropolis.ts";
import { Random } from "../search/random.ts";
import type { Spins } from "./spins.ts";

/** Length of an annealing. */
export interface AnnealOptions {
  /** Seed, a whole number from 0 to 2^32 - 1, or the same as a BigInt. @defaultValue 1 */
  readonly seed?: number | bigint;
  /** Runs from random states, of which the best is returned. @defaultValue 8 */
  readonly reads?: number;
  /** Passes over all spins in a run. @defaultValue 1,000 */
  readonly sweeps?: number;
}

/** The best state of an annealing. */
export interface Annealed {
  /** One value for each variable, as the model has them: -1 and 1, or 0 and 1. */
  readonly state: Int8Array;
  /** Its energy. */
  readonly energy: number;
  /** Flips that were tried. */
  readonly flips: number;
}

const ANNEAL_KEYS: ReadonlySet<string> = new Set(["seed", "reads", "sweeps"] satisfies (keyof AnnealOptions)[]);
/** Longest annealing, in reads and in sweeps. */
const COUNT_MAX = 1_000_000_000;
/** About ln 2 and ln 100: at first the largest change is taken as often as not, at last the smallest one in a hundred times. */
const [HALF, HUNDREDTH] = [2 / 3, 14 / 3];

/**
 * Anneals an Ising model: sweeps of single flips by Metropolis, while the temperature falls geometrically. It is plain, and
 * there to look at models; to place tasks, moving them is far better than flipping bits. The same model, seed, reads and
 * sweeps give the same state.
 *
 * @throws `InvalidProblemError` if an option is unknown or out of range.
 * @example
 * ```ts
 * import { anneal, fromBQM, fromCoo } from "@void-system/ising-scheduler/ising";
 * const ring = fromCoo("# vartype=SPIN\n0 1 1\n1 2 1\n2 3 1\n0 3 1\n");
 * anneal(fromBQM(ring)).energy; // => -4
 * ```
 */
export function anneal(spins: Spins, options: AnnealOptions = {}): Annealed {
  checkKeys("options", options, ANNEAL_KEYS);
  const { seed = 1, reads = 8, sweeps = 1_000 } = options;
  checkWhole("options.seed", typeof seed === "bigint" ? Number(seed) : seed, 0, 2 ** 32 - 1);
  checkWhole("options.reads", reads, 1, COUNT_MAX);
  checkWhole("options.sweeps", sweeps, 1, COUNT_MAX);
  const random = new Random(Number(seed));
  const { hot, cold } = temperatures(spins);
  const cooling = sweeps > 1 ? root(cold / hot, sweeps - 1) : 1;
  let best: Int8Array | undefined;
  let least = Infinity;
  const binary = spins.model.vartype === "BINARY";
  for (let read = 0; read < reads; read++) {
    const state = run(spins, random, sweeps, hot, cooling);
    const values = binary ? state.map((spin) => (spin + 1) / 2) : state;
    const energy = spins.model.energy(values);
    if (energy < least) [best, least] = [values, energy];
  }
  return { state: best ?? new Int8Array(0), energy: least, flips: reads * sweeps * spins.field.length };
}

function run({ field, start, other, strength }: Spins, random: Random, sweeps: number, hot: number, cooling: number): Int8Array {
  const count = field.length;
  const state = Int8Array.from(field, () => ((random.next() >>> 31) === 1 ? 1 : -1));
  // Pull on each spin: a flip of spin s changes the energy by -2 s pull.
  const pull = field.slice();
  for (let spin = 0; spin < count; spin++) {
    for (let at = start[spin] ?? 0; at < (start[spin + 1] ?? 0); at++) pull[spin] = (pull[spin] ?? 0) + (strength[at] ?? 0) * (state[other[at] ?? 0] ?? 0);
  }
  let temperature = hot;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let spin = 0; spin < count; spin++) {
      const value = state[spin] ?? 0;
      const change = -2 * value * (pull[spin] ?? 0);
      if (change > 0 && change > temperature * threshold(random.next())) continue;
      state[spin] = -value;
      const end = start[spin + 1] ?? 0;
      for (let at = start[spin] ?? 0; at < end; at++) {
        const to = other[at] ?? 0;
        pull[to] = (pull[to] ?? 0) - 2 * value * (strength[at] ?? 0);
      }
    }
    temperature *= cooling;
  }
  return state;
}

/** First and last temperature: by the largest and the smallest change that a flip can make. */
function temperatures({ field, start, strength }: Spins): { readonly hot: number; readonly cold: number } {
  let [largest, smallest] = [0, Infinity];
  field.forEach((bias, spin) => {
    let sum = Math.abs(bias);
    if (bias !== 0) smallest = Math.min(smallest, Math.abs(bias));
    for (let at = start[spin] ?? 0; at < (start[spin + 1] ?? 0); at++) {
      const size = Math.abs(strength[at] ?? 0);
      sum += size;
      if (size > 0) smallest = Math.min(smallest, size);
    }
    largest = Math.max(largest, sum);
  });
  if (largest === 0) return { hot: 1, cold: 1 };
  return { hot: (2 * largest) / HALF, cold: (2 * smallest) / HUNDREDTH };
}
