import { EffectKeyTakenError, UnhandledEffectError } from "../errors.ts";
import type { Scope } from "../handlers/direct-effects.ts";
import { current, running } from "./current.ts";
import type { Eff, Need } from "./eff.ts";
import { type Clause, type Entry, type Evidence, handledBy } from "./evidence.ts";
import type { RunningFiber } from "./running-fiber.ts";
import { answered, Step, StepBy } from "./step.ts";
import { Suspending, type Suspension } from "./suspension.ts";

/** Names that an operation cannot have, because they have a meaning on every object or on every effect. */
export type ReservedName = keyof typeof Object.prototype | "handle" | "key" | "then" | "toJSON";

/** Constraint on the operations of an effect: functions whose names are not reserved. */
export type OperationsOf<S> = {
  [M in keyof S]: M extends ReservedName | symbol ? never : (...given: never[]) => unknown;
};

/** The operations of an effect as programs for `yield*`. */
export type Performed<K extends string, S> = {
  readonly [M in keyof S]: S[M] extends (...given: infer P) => infer A ? (...given: P) => Eff<Need<K>, A> : never;
};

/**
 * The return type of a clause: the answer, a `suspend`, or a program (a `function*`) that returns the answer.
 *
 * @typeParam R - The row of that program.
 */
export type Answer<A, R = Need<string>> = A | Suspension<A> | Eff<R, A>;

/**
 * A handler: a clause for each operation. Use it as the type of a handler that is exported or a member. A handler that
 * needs no effects itself is a `Clauses<S, never>`.
 *
 * @typeParam R - The row of its clauses.
 */
export type Clauses<S, R = Need<string>> = {
  readonly [M in keyof S]: S[M] extends (...given: infer P) => infer A ? (...given: P) => Answer<A, R> : never;
};

/** The row that the clauses of a handler need themselves. */
export type ClauseRow<H> = {
  [M in keyof H]: H[M] extends (...given: never[]) => infer Returned ? AnswerRow<Returned> : never;
}[keyof H];

/** The row of an answer. A clause may return a value in one case and a program in another. */
export type AnswerRow<Returned> = Returned extends Eff<infer R, unknown> ? Extract<R, Need<string>> : never;

/** An effect: its operations, its key and `handle`. */
export type Effect<K extends string, S> = Performed<K, S> & EffectHandling<K, S>;

/** Members of every effect besides its operations. */
export interface EffectHandling<K extends string, S> {
  /** The effect's key. */
  readonly key: K;
  /**
   * Runs `body` with `handler` for this effect, which leaves the row. Inner handlers shadow outer ones. The clauses run
   * in the scope of `handle`, so effects that they perform reach the handlers around it, even for this effect.
   */
  handle<R, A, const H extends Clauses<S>>(handler: H, body: () => Eff<R, A>): Eff<Exclude<R, Need<K>> | ClauseRow<H>, A>;
}

/**
 * Defines an effect by a type with its operations and a unique key. Begin the key with the name of your package.
 *
 * An operation that its handler answers at once is performed in place. Only an operation that waits reaches the scheduler
 * of fibers.
 *
 * @throws {@link EffectKeyTakenError} when an effect with that key exists.
 * @example
 * ```ts
 * import { effect, runSync } from "@void-system/effects/fibers";
 *
 * const Dice = effect<{ roll(sides: number): number }>()("example/dice");
 *
 * function* game() {
 *   return (yield* Dice.roll(6)) + (yield* Dice.roll(6));
 * }
 *
 * runSync(() => Dice.handle({ roll: (sides) => sides }, game)); // => 12
 * ```
 */
export function effect<S extends OperationsOf<S>>(): <const K extends string>(key: K) => Effect<K, S> {
  return <const K extends string>(key: K) => {
    const slot = slotOf(key);
    const handle = (handler: object, body: () => Eff<unknown, unknown>): Eff<unknown, unknown> =>
      handled(slot, handler, undefined, body);
    const face: object = Object.assign(operations(key, slot), { key, handle });
    // `operations` has a member for every name that S may have.
    return face as Effect<K, S>;
  };
}

/** The slot of each key in the evidence. It is the only global state of effects. */
const slots = new Map<string, number>();

/** Returns a slot in the evidence for a new key. */
export function slotOf(key: string): number {
  if (slots.has(key)) throw new EffectKeyTakenError(key);
  slots.set(key, slots.size);
  return slots.size - 1;
}

/** Returns `body` inside a handler. `facets` also handle effects in direct style. */
export function handled<R, A>(
  slot: number,
  handler: object,
  facets: Scope | undefined,
  body: () => Eff<R, A>,
): Eff<R, A> {
  return new StepBy((fiber) => fiber.enter(body, handledBy(fiber.evidence, slot, handler, facets)));
}

/**
 * Returns an object with every operation. Only the type checker knows their names, so each operation is made on first
 * access. From then on it is a plain property.
 */
export function operations(key: string, slot: number): object {
  let count = 0;
  const maker = new Proxy(Object.prototype, {
    get: (target, name, face) => {
      if (typeof name === "symbol" || name in target || name === "then" || name === "toJSON")
        return Reflect.get(target, name, face);
      const value = operation({ key, slot, name, index: count++ });
      Object.defineProperty(face, name, { value, enumerable: true });
      return value;
    },
  });
  return Object.create(maker);
}

/** Makes the function that performs one operation. */
function operation(id: OperationId): (...given: unknown[]) => unknown {
  const withoutArguments = new Operation(id, 0);
  return function (first, second, ...more) {
    // oxlint-disable-next-line prefer-rest-params: only the length is read, which costs nothing.
    const count = arguments.length;
    if (watcher !== undefined) {
      const made = new Operation(id, count, first, count > 2 ? [first, second, ...more] : second);
      watcher(made, id.key, id.name, first);
      return made;
    }
    if (count === 0) return withoutArguments;
    return new Operation(id, count, first, count > 2 ? [first, second, ...more] : second);
  };
}

/**
 * Is called with each operation that a program makes: the program of one step, the key of its effect, its name and its
 * first argument.
 */
export type OperationWatcher = (made: Eff<unknown, unknown>, key: string, name: string, first: unknown) => void;

let watcher: OperationWatcher | undefined;

/**
 * Calls `next` with each operation of an effect that is made from now on, before it is performed; undefined ends it.
 * Returns the watcher before, which the caller must enter again. A simulation finds operations that lack their `yield*`
 * by it.
 *
 * @example
 * ```ts
 * import { effect, enterOperationWatcher } from "@void-system/effects/fibers";
 *
 * const Dice = effect<{ roll(sides: number): number }>()("example/watched-dice");
 * const made: string[] = [];
 * const before = enterOperationWatcher((_program, key, name) => made.push(`${key} ${name}`));
 * Dice.roll(6);
 * enterOperationWatcher(before);
 * made; // => ["example/watched-dice roll"]
 * ```
 */
export function enterOperationWatcher(next: OperationWatcher | undefined): OperationWatcher | undefined {
  const before = watcher;
  watcher = next;
  return before;
}

interface OperationId {
  readonly key: string;
  readonly slot: number;
  readonly name: string;
  /** Index among the operations of its effect. */
  readonly index: number;
}

/** One performance of an operation. */
class Operation extends Step<unknown, unknown> {
  // Declared, not defined, because a defined field is written twice.
  declare readonly id: OperationId;
  declare readonly count: number;
  declare readonly first: unknown;
  /** The second argument, or an array of all arguments when there are more than two. */
  declare readonly second: unknown;

  constructor(id: OperationId, count: number, first?: unknown, second?: unknown) {
    super();
    this.id = id;
    this.count = count;
    this.first = first;
    this.second = second;
  }

  // V8 of Node.js 20 does not inline a `next` into a `yield*`, so the whole path is in this function. Optional values are
  // compared with `undefined`, which takes one instruction where a truth test takes ten.
  override next(signal?: unknown): IteratorResult<unknown, unknown> {
    if (signal !== undefined) return answered(signal);
    const fiber = current ?? running();
    const { id } = this;
    const around = fiber.evidence;
    const entry = around.entries[id.slot];
    if (entry === undefined) throw unhandled(id);
    let clause = entry.clauses[id.index];
    if (clause === undefined) clause = clauseOf(entry, id);
    const { outer } = entry;
    let answer: unknown;
    // With the same facets, the clause cannot observe in which evidence it runs.
    if (outer.facets === around.facets) answer = invoke(this, clause, entry.handler);
    else {
      fiber.evidence = outer;
      try {
        answer = invoke(this, clause, entry.handler);
      } finally {
        fiber.evidence = around;
      }
    }
    return typeof answer === "object" ? performed(fiber, answer, outer) : fiber.answer(answer);
  }
}

function invoke({ count, first, second }: Operation, clause: Clause, handler: object): unknown {
  if (count === 0) return clause.call(handler);
  if (count === 1) return clause.call(handler, first);
  if (count === 2) return clause.call(handler, first, second);
  // More than two arguments were kept as an array.
  return clause.apply(handler, second as unknown[]);
}

/** Handles an object that a clause returned. A program that returns the answer runs in the evidence of the clause. */
function performed(fiber: RunningFiber, answer: object | null, inside: Evidence): IteratorResult<unknown, unknown> {
  if (answer instanceof Suspending) return fiber.park(answer.register, inside);
  return isProgram(answer) ? fiber.enter(() => answer, inside) : fiber.answer(answer);
}

/** Looks up a clause on its first use. A handler may be an instance of a class, so its names cannot be listed up front. */
function clauseOf(entry: Entry, id: OperationId): Clause {
  const clause: unknown = Reflect.get(entry.handler, id.name);
  if (typeof clause !== "function") throw unhandled(id);
  // The type checker has checked that the clause's parameters fit the operation.
  return (entry.clauses[id.index] = clause as Clause);
}

function unhandled({ key, name }: OperationId): UnhandledEffectError {
  return new UnhandledEffectError(key, `${name}()`, `handle({ ${name}: … }, () => …)`);
}

/** Returns true for a program: a step, or the generator of a `function*`. */
export function isProgram(answer: unknown): answer is Eff<unknown, unknown> {
  return answer instanceof Step || Object.prototype.toString.call(answer) === "[object Generator]";
}
