import type { Fact } from "./facts.ts";
import { isOf, keyOf, refutes } from "./facts.ts";
import type { Variable } from "./variables.ts";

/** One of the ways to a point of the program: what its conditions have said, and what each variable then may be. */
interface Case {
  readonly facts: ReadonlyMap<string, Fact>;
  readonly held: ReadonlyMap<Variable, number>;
}

/**
 * The cases in which a point is reached; `undefined` where no path arrives. Cases are kept apart only while their facts
 * contradict each other (Mauborgne, Rival: Trace Partitioning in Abstract Interpretation Based Static Analyzers, 2005),
 * so that two tests of one condition go the same way.
 */
export type State = readonly Case[] | undefined;

/** The value is there. */
export const LIVE = 1;
/** The value has left the variable. */
export const DONE = 2;
/** The context of the value has closed. */
export const CLOSED = 4;
/** The variable holds no linear value: `undefined`, or another part of its type. */
export const NOTHING = 8;
/** A callback that uses the value has been handed to somebody who runs it later. */
export const LATER = 16;

/** Cases at one point; with more, all become one. */
const CASES_MAX = 16;

/** The state at a function's beginning. */
export const START: State = [{ facts: new Map(), held: new Map() }];

/** What may be where two paths meet. */
export function join(a: State, b: State): State {
  if (a === undefined || b === undefined || a === b) return a ?? b;
  const cases = [...a];
  for (const one of b) {
    const same = cases.findIndex((other) => isEqual(one.held, other.held));
    const at = same < 0 ? cases.findIndex((other) => !isApart(one, other)) : same;
    const other = cases[at];
    if (other === undefined) cases.push(one);
    else cases[at] = merge(one, other);
  }
  return cases.length > CASES_MAX ? [cases.reduce(merge)] : cases;
}

/** Whether `a` adds nothing to `b`, so that a loop has been seen wholly. */
export function within(a: State, b: State): boolean {
  return a === undefined || a.every((one) => b?.some((other) => isWithin(one, other)));
}

/** What a variable may be, over all cases; `undefined` where it is not known. */
export function bitsOf(state: State, variable: Variable): number | undefined {
  let bits: number | undefined;
  for (const { held } of state ?? []) {
    const here = held.get(variable);
    if (here !== undefined) bits = (bits ?? 0) | here;
  }
  return bits;
}

/** Every variable that a state knows, with what it may be. */
export function allBits(state: State): ReadonlyMap<Variable, number> {
  return state === undefined ? new Map() : state.map(({ held }) => held).reduce(either);
}

/** The state with one variable set. */
export function withBits(state: State, variable: Variable, bits: number): State {
  return state?.map(({ facts, held }) => ({ facts, held: new Map(held).set(variable, bits) }));
}

/** The state with the bits of one variable changed in each case that knows it. */
export function changed(state: State, variable: Variable, change: (bits: number) => number): State {
  return state?.map((one) => {
    const bits = one.held.get(variable);
    return bits === undefined ? one : { facts: one.facts, held: new Map(one.held).set(variable, change(bits)) };
  });
}

/** The cases that a fact leaves possible, each of which then knows it. */
export function learned(state: State, fact: Fact): State {
  const possible = (state ?? []).filter(({ facts }) => !refutes(facts, fact));
  if (possible.length === 0) return undefined;
  return possible.map(({ facts, held }) => ({ facts: new Map(facts).set(keyOf(fact), fact), held }));
}

/** The state without what was known of a variable that gets another value. */
export function forgotten(state: State, variable: Variable): State {
  return state?.map(({ facts, held }) => {
    const kept = [...facts].filter(([, fact]) => !isOf(fact, variable));
    return { facts: new Map(kept), held };
  });
}

function merge(a: Case, b: Case): Case {
  const facts = new Map([...a.facts].filter(([key, { holds }]) => b.facts.get(key)?.holds === holds));
  return { facts, held: either(a.held, b.held) };
}

function either(a: ReadonlyMap<Variable, number>, b: ReadonlyMap<Variable, number>): ReadonlyMap<Variable, number> {
  const both = new Map(a);
  for (const [variable, bits] of b) both.set(variable, (both.get(variable) ?? 0) | bits);
  return both;
}

function isEqual(a: ReadonlyMap<Variable, number>, b: ReadonlyMap<Variable, number>): boolean {
  return a.size === b.size && [...a].every(([variable, bits]) => b.get(variable) === bits);
}

function isApart(a: Case, b: Case): boolean {
  return [...a.facts.values()].some((fact) => refutes(b.facts, fact));
}

function isWithin(a: Case, b: Case): boolean {
  const isNarrower = [...b.facts].every(([key, { holds }]) => a.facts.get(key)?.holds === holds);
  return isNarrower && [...a.held].every(([variable, bits]) => (bits & ~(b.held.get(variable) ?? 0)) === 0);
}
