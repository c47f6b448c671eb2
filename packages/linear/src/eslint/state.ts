import type { TSESLint } from "@typescript-eslint/utils";

/** A variable that holds a linear value. */
export type Variable = TSESLint.Scope.Variable;

/** What each variable may be at one point of the program, as a set of bits; `undefined` where no path arrives. */
export type State = ReadonlyMap<Variable, number> | undefined;

/** The value is there. */
export const LIVE = 1;
/** The value has left the variable. */
export const DONE = 2;
/** The context of the value has closed. */
export const CLOSED = 4;
/** The variable holds no linear value: `undefined`, or another part of its type. */
export const NOTHING = 8;

/** What may be where two paths meet. */
export function join(a: State, b: State): State {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  const joined = new Map(a);
  for (const [variable, bits] of b) joined.set(variable, (joined.get(variable) ?? 0) | bits);
  return joined;
}

/** Whether `a` adds nothing to `b`, so that a loop has been seen wholly. */
export function within(a: State, b: State): boolean {
  if (a === undefined) return true;
  if (b === undefined) return false;
  for (const [variable, bits] of a) if ((bits & ~(b.get(variable) ?? 0)) !== 0) return false;
  return true;
}

/** The state with one variable set. */
export function withBits(state: State, variable: Variable, bits: number): State {
  return state === undefined ? undefined : new Map(state).set(variable, bits);
}
