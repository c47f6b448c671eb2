import { CaveatError } from "../errors.ts";

const ONCE = "once";
/** The forms of an end: the standard one, and the one of the Go bakery. */
const END = /^(?:time < [0-9]+|time-before .+)$/u;

/**
 * Returns caveats with `once` behind the others. The end that stands before `once` is in every narrowed copy, so a
 * store knows for how long it must remember the token, whichever copy comes first.
 *
 * @throws {@link CaveatError} for `once` without an end: a store would have to remember it forever.
 */
export function onceLast(caveats: readonly string[]): readonly string[] {
  if (!caveats.includes(ONCE)) return caveats;
  if (!caveats.some((caveat) => END.test(caveat))) throw new CaveatError(`expected an end ("time < MILLISECONDS") beside once, got none; add one`);
  return [...caveats.filter((caveat) => caveat !== ONCE), ONCE];
}
