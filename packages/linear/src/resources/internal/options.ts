/** Checks of options, for callers without a compiler: a misspelt hook must not be a hook that never runs. */
import { LinearOptionError } from "../../errors.ts";

/** Kind of value that an option may have, besides undefined. */
export interface Kind {
  /** Name of the kind in messages. */
  readonly words: string;
  has(value: unknown): boolean;
}

export const TEXT: Kind = { words: "a string", has: (value) => typeof value === "string" };
export const FUNCTION: Kind = { words: "a function", has: (value) => typeof value === "function" };

/** @throws {@link LinearOptionError} for options that are no object, one of an unknown name and one of the wrong kind. */
export function checkOptions(of: string, options: unknown, known: ReadonlyMap<string, Kind>): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) {
    throw new LinearOptionError(`expected an object of options for ${of}, got ${inWords(options)}`);
  }
  for (const name of Object.keys(options)) {
    const value: unknown = Reflect.get(options, name);
    const kind = known.get(name);
    if (kind === undefined) {
      const names = [...known.keys()].join(", ");
      throw new LinearOptionError(`expected options of ${of} out of ${names}, got ${JSON.stringify(name)}; correct its name`);
    }
    if (value !== undefined && !kind.has(value)) {
      throw new LinearOptionError(`expected ${kind.words} as ${name} of ${of}, got ${inWords(value)}; pass one, or leave it out`);
    }
  }
}

function inWords(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "another object" : `a ${typeof value}`;
}
