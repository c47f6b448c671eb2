import { OptionError } from "./errors.ts";

/** Bounds on a value, the same for what is sent and for what arrives. */
export interface ValueLimits {
  /** Longest encoding, its version included. @defaultValue 1 MiB */
  readonly bytes: number;
  /** Deepest nesting: 0 is a value without parts. @defaultValue 32 */
  readonly depth: number;
  /** Values in all: arrays, objects, what is in them, and keys. @defaultValue 100_000 */
  readonly items: number;
}

/** The default of each of {@link ValueLimits}. */
export const VALUE_LIMITS: ValueLimits = { bytes: 1024 * 1024, depth: 32, items: 100_000 };

/** Deepest `depth` that can be asked for: encoding and decoding recurse. */
export const VALUE_DEPTH_MAX = 512;
/** Largest `bytes` and `items` that can be asked for. */
export const VALUE_BYTES_MAX: number = 2 ** 31;
/** Fewest bytes of an encoding: its version, and a value of one byte. */
const VALUE_BYTES_MIN = 2;

type Range = readonly [least: number, most: number];

const RANGES: Readonly<Record<keyof ValueLimits, Range>> = {
  bytes: [VALUE_BYTES_MIN, VALUE_BYTES_MAX],
  depth: [0, VALUE_DEPTH_MAX],
  items: [1, VALUE_BYTES_MAX],
};

/** Fills up what was left out. */
export function limitsFrom(given: Partial<ValueLimits>): ValueLimits {
  const limits: ValueLimits = { ...VALUE_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!isLimit(name)) throw new OptionError(name, `one of ${Object.keys(RANGES).join(", ")}`, "an unknown name");
    const [least, most] = RANGES[name];
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new OptionError(name, `a whole number from ${least} to ${most}`, String(value));
  }
  return limits;
}

function isLimit(name: string): name is keyof ValueLimits {
  return Object.hasOwn(RANGES, name);
}
