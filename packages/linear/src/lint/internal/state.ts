import type { Fact } from "./facts.ts";
import { isOf, keyOf, refutes } from "./facts.ts";
import type { Variable } from "./variables.ts";

/** One way to reach a point of the program: the facts from its conditions, and the possible states of each variable. */
interface Case {
  readonly facts: ReadonlyMap<string, Fact>;
  readonly held: ReadonlyMap<Variable, number>;
}

/**
 * The cases in which a point is reached; `undefined` if no path arrives. Cases are kept apart only while their facts
 * contradict each other (Mauborgne, Rival: Trace Partitioning in Abstract Interpretation Based Static Analyzers, 2005),
 * so that two tests of one condition have the same outcome.
 */
export type State = readonly Case[] | undefined;

/** The value is present. */
export const LIVE = 1;
/** The value has left the variable. */
export const DONE = 2;
/** The value's context has closed. */
export const CLOSED = 4;
/** The variable holds no linear value: `undefined`, or another part of its type. */
export const NOTHING = 8;
/** A callback that uses the value has been passed to code that runs it later. */
export const LATER = 16;
/** The value is on its way into a call or literal whose other parts are still evaluated. It can be borrowed until then. */
export const PASSED = 32;
/** A disposable stack takes the value when it ends. It can be borrowed until then. */
export const DEFERRED = 64;

/** Maximum of cases at one point. Beyond it, all are merged into one. */
const CASES_MAX = 16;

/** The state at a function's beginning. */
export const START: State = [{ facts: new Map(), held: new Map() }];

/** Returns the state at which two paths meet. */
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

/** Returns true if `a` adds nothing to `b`, so that a loop is fully covered. */
export function within(a: State, b: State): boolean {
  return a === undefined || a.every((one) => b?.some((other) => isWithin(one, other)));
}

/** Returns the possible states of a variable over all cases; `undefined` if it is unknown. */
export function bitsOf(state: State, variable: Variable): number | undefined {
  let bits: number | undefined;
  for (const { held } of state ?? []) {
    const here = held.get(variable);
    if (here !== undefined) bits = (bits ?? 0) | here;
  }
  return bits;
}

/** Returns every variable that a state knows, with its possible states. */
export function allBits(state: State): ReadonlyMap<Variable, number> {
  return state === undefined ? new Map() : state.map(({ held }) => held).reduce(either);
}

/** Returns the state with one variable set. */
export function withBits(state: State, variable: Variable, bits: number): State {
  return state?.map(({ facts, held }) => ({ facts, held: new Map(held).set(variable, bits) }));
}

/** Returns the state with the bits of one variable changed in each case that knows it. */
export function changed(state: State, variable: Variable, change: (bits: number) => number): State {
  return state?.map((one) => {
    const bits = one.held.get(variable);
    return bits === undefined ? one : { facts: one.facts, held: new Map(one.held).set(variable, change(bits)) };
  });
}

/** Returns possible states in which a value on its way has left. */
export function arrived(bits: number): number {
  return (bits & PASSED) === 0 ? bits : (bits & ~PASSED) | DONE;
}

/** Returns possible states in which a value that a disposable stack will take has left. */
export function unstacked(bits: number): number {
  return (bits & DEFERRED) === 0 ? bits : (bits & ~DEFERRED) | DONE;
}

/** Returns the state of a path that leaves by a throw before a value on its way has left. */
export function returned(state: State): State {
  return state?.map(({ facts, held }) => {
    const kept = [...held].map(([variable, bits]) => [variable, (bits & PASSED) === 0 ? bits : (bits & ~PASSED) | LIVE] as const);
    return { facts, held: new Map(kept) };
  });
}

/** Returns the cases that a fact leaves possible, with that fact added. */
export function learned(state: State, fact: Fact): State {
  const possible = (state ?? []).filter(({ facts }) => !refutes(facts, fact));
  if (possible.length === 0) return undefined;
  return possible.map(({ facts, held }) => ({ facts: new Map(facts).set(keyOf(fact), fact), held }));
}

/** Returns the state without facts about a variable, for one that is written. */
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
