/**
 * Explains to people why a history is not linearizable. Instead of thousands of operations, it shows the few around the
 * first return that no order explains, and the states in which that return is impossible.
 *
 * Operations are left out soundly: a linearizable history stays linearizable when a read is removed, or when an answer
 * is forgotten. So if the few are not linearizable, neither is the whole.
 */
import { type Operation, type Timeline, timeline } from "./history.ts";
import type { Model } from "./model.ts";
import { type DeadEnd, type Found, Search, type Start } from "./search.ts";

/** An operation of a counterexample. */
export interface Witness<Input, Output> {
  /** Operation of the history. */
  readonly operation: Operation<Input, Output>;
  /**
   * Role of the operation. `impossible`: its answer fits no order. `needed`: without its answer there would be an
   * order. `any`: no answer, and no absence of the operation, would make a difference. `unknown`: its outcome was
   * unknown from the beginning.
   */
  readonly role: "impossible" | "needed" | "any" | "unknown";
}

/** A state before the operations of a counterexample, and the operations that it already includes. */
export interface StartingPoint<State, Input, Output> {
  /** State of the object. */
  readonly state: State;
  /** Operations that have already taken effect in the state although they have not returned. */
  readonly done: readonly Operation<Input, Output>[];
}

/** One order that leads to the impossible answer, and the state in which that answer does not fit. */
export interface Attempt<State, Input, Output> {
  /** Operations in this order. */
  readonly order: readonly Operation<Input, Output>[];
  /** State after these operations. */
  readonly state: State;
}

/** Reason why a history is not linearizable. */
export interface Counterexample<State, Input, Output> {
  /** Key of the object. */
  readonly key: string | undefined;
  /** Operation whose answer fits no order. */
  readonly impossible: Operation<Input, Output>;
  /** The impossible operation and those around it, by their call. */
  readonly witnesses: readonly Witness<Input, Output>[];
  /** States in which the object may have been before them. */
  readonly starts: readonly StartingPoint<State, Input, Output>[];
  /** Some of the orders that were tried, the longest first. */
  readonly attempts: readonly Attempt<State, Input, Output>[];
  /** Number of operations called before the impossible answer: the smallest failing prefix of the history. */
  readonly prefix: number;
  /** Number of operations of that prefix that came before the witnesses, or that do not matter. */
  readonly omitted: number;
}

/** Most operations to show. */
const WITNESSES_MAX = 10;
/** Most orders to show. */
const ATTEMPTS_MAX = 6;
/** Most steps of each search that makes a counterexample smaller. If they do not suffice, it stays as it is. */
const SHRINK_STEPS_MAX = 100_000;
const UNBOUNDED = { stepsMax: Infinity };

/** Returns the counterexample of a search that found no order. */
export function counterexample<State, Input, Output>(
  model: Model<State, Input, Output>,
  key: string | undefined,
  whole: Timeline<Input, Output>,
  { deepest }: Found
): Counterexample<State, Input, Output> {
  const impossible = (whole.events[deepest] ?? 0) >> 1;
  const { starts, witnesses } = explanation(model, whole, deepest, impossible);
  return {
    key,
    impossible: operationOf(whole, impossible),
    witnesses: witnesses.map(({ operation, role }) => ({ operation, role })),
    starts: starts.map(({ state, done }) => ({ state, done: done.flatMap((at) => operationsAt(witnesses, at)) })),
    attempts: attempts(model, starts, witnesses),
    prefix: calledBefore(whole, deepest),
    omitted: calledBefore(whole, deepest) - witnesses.length,
  };
}

/**
 * A witness with its index in the whole history, and its place in the window. The place does not change when other
 * witnesses are left out.
 */
interface Placed<Input, Output> extends Witness<Input, Output> {
  readonly place: number;
  readonly index: number;
}

interface Window<State, Input, Output> {
  readonly operations: readonly Placed<Input, Output>[];
  /** `done` holds places. */
  readonly starts: readonly Start<State>[];
}

/** Returns the operations of the shortest window that begins with one that is needed. */
function explanation<State, Input, Output>(
  model: Model<State, Input, Output>,
  whole: Timeline<Input, Output>,
  deepest: number,
  impossible: number
): { readonly starts: readonly Start<State>[]; readonly witnesses: readonly Placed<Input, Output>[] } {
  const widest = beginOf(whole, deepest, impossible);
  const wide = windowFrom(model, whole, widest, deepest, impossible);
  const first = shrunk(model, wide).find(({ role }) => role === "needed" || role === "impossible");
  const begin = whole.events.indexOf(2 * (first?.index ?? impossible));
  const window = begin > widest ? windowFrom(model, whole, begin, deepest, impossible) : wide;
  return { starts: window.starts, witnesses: shrunk(model, window) };
}

/** Returns the operations from a call to a return, and the states before them. */
function windowFrom<State, Input, Output>(
  model: Model<State, Input, Output>,
  whole: Timeline<Input, Output>,
  begin: number,
  deepest: number,
  impossible: number
): Window<State, Input, Output> {
  const members = membersFrom(whole, begin, deepest);
  const place = new Map(members.map((operation, index) => [operation, index]));
  const operations = members.map((index, at): Placed<Input, Output> => {
    const operation = operationOf(whole, index);
    const known = operation.returnedAt === undefined ? "unknown" : "needed";
    return { operation, role: index === impossible ? "impossible" : known, place: at, index };
  });
  if (calledBefore(whole, begin) === 0) return { operations, starts: [{ state: model.init(), done: [] }] };
  const starts = new Map<string, Start<State>>();
  const identity = model.identity ?? String;
  const onState = ({ state, done }: Start<State>): void => {
    const places = done.flatMap((operation) => place.get(operation) ?? []).sort((one, other) => one - other);
    const name = `${places.join(" ")} ${typeof state} ${String(identity(state))}`;
    if (!starts.has(name)) starts.set(name, { state, done: places });
  };
  new Search(model, whole, UNBOUNDED, { passing: { event: begin, onState } }).run([{ state: model.init(), done: [] }]);
  return { operations, starts: [...starts.values()] };
}

/**
 * Returns the earliest call with which the window is small enough to show, or else the impossible operation's own call.
 */
function beginOf<Input, Output>(whole: Timeline<Input, Output>, deepest: number, impossible: number): number {
  const { events } = whole;
  let begin = events.indexOf(2 * impossible);
  for (let at = begin; at >= 0; at -= 1) {
    if ((events[at] ?? 0) % 2 === 1) continue;
    if (membersFrom(whole, at, deepest).length > WITNESSES_MAX) break;
    begin = at;
  }
  return begin;
}

/** Returns the operations that are open at a call, unknown outcomes included, and those called from there on. */
function membersFrom<Input, Output>(whole: Timeline<Input, Output>, begin: number, deepest: number): number[] {
  const returned = new Set<number>();
  const called = new Set<number>();
  for (let at = 0; at < deepest; at += 1) {
    const event = whole.events[at] ?? 0;
    if (event % 2 === 0) called.add(event >> 1);
    else if (at < begin) returned.add(event >> 1);
  }
  return [...called].filter((operation) => !returned.has(operation));
}

/** Leaves out reads and forgets answers, as long as the same answer stays impossible. */
function shrunk<State, Input, Output>(
  model: Model<State, Input, Output>,
  { operations, starts }: Window<State, Input, Output>
): readonly Placed<Input, Output>[] {
  let current = operations;
  for (const candidate of operations.toReversed()) {
    const readOnly = model.readOnly?.(candidate.operation.input) ?? false;
    if (candidate.role === "impossible" || (candidate.role === "unknown" && !readOnly)) continue;
    const smaller = readOnly
      ? current.filter((one) => one.place !== candidate.place)
      : current.map((one): Placed<Input, Output> => (one.place === candidate.place ? { ...one, role: "any" } : one));
    if (stillImpossible(model, smaller, starts)) current = smaller;
  }
  return current;
}

function stillImpossible<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: readonly Placed<Input, Output>[],
  starts: readonly Start<State>[]
): boolean {
  const line = lineOf(operations);
  const search = new Search(model, line, { stepsMax: SHRINK_STEPS_MAX });
  const { end, deepest } = search.run(startsAmong(operations, starts));
  return end === "none" && operations[(line.events[deepest] ?? 0) >> 1]?.role === "impossible";
}

function attempts<State, Input, Output>(
  model: Model<State, Input, Output>,
  starts: readonly Start<State>[],
  operations: readonly Placed<Input, Output>[]
): Attempt<State, Input, Output>[] {
  let deepest = 0;
  let ends: DeadEnd<State>[] = [];
  const onPoint = (at: number, end: DeadEnd<State>): void => {
    if (at > deepest) ends = [];
    deepest = Math.max(deepest, at);
    if (at === deepest) ends.push(end);
  };
  // With all known answers, so these are orders that could have happened.
  const line = timeline(operations.map(({ operation }) => operation));
  new Search(model, line, { stepsMax: SHRINK_STEPS_MAX }, { onPoint }).run(startsAmong(operations, starts));
  return ends
    .sort((one, other) => other.order.length - one.order.length)
    .slice(0, ATTEMPTS_MAX)
    .map(({ order, state }) => ({ order: order.flatMap((at) => operations[at]?.operation ?? []), state }));
}

/** Returns a timeline of the operations. They are in the order of their calls, so the timeline keeps their indices. */
function lineOf<Input, Output>(operations: readonly Placed<Input, Output>[]): Timeline<Input, Output> {
  return timeline(
    operations.map(({ operation, role }) => (role === "any" ? { ...operation, returnedAt: undefined } : operation))
  );
}

function startsAmong<State, Input, Output>(
  operations: readonly Placed<Input, Output>[],
  starts: readonly Start<State>[]
): Start<State>[] {
  const index = new Map(operations.map(({ place }, at) => [place, at]));
  return starts.map(({ state, done }) => ({ state, done: done.flatMap((place) => index.get(place) ?? []) }));
}

function operationsAt<Input, Output>(
  operations: readonly Placed<Input, Output>[],
  place: number
): Operation<Input, Output>[] {
  return operations.filter((one) => one.place === place).map(({ operation }) => operation);
}

function operationOf<Input, Output>(line: Timeline<Input, Output>, index: number): Operation<Input, Output> {
  const operation = line.operations[index];
  if (!operation) throw new RangeError(`expected one of ${line.operations.length} operations, got ${index}`);
  return operation;
}

function calledBefore<Input, Output>(line: Timeline<Input, Output>, event: number): number {
  return line.events.subarray(0, event).filter((one) => one % 2 === 0).length;
}
