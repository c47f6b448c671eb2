import { EffectKeyTakenError, UnhandledEffectError } from "../errors.ts";
import type { Scope } from "../handlers/direct-effects.ts";
import { current, running } from "./current.ts";
import type { Eff, Need } from "./eff.ts";
import { type Clause, type Entry, type Evidence, handledBy } from "./evidence.ts";
import type { RunningFiber } from "./running-fiber.ts";
import { answered, Step, StepBy } from "./step.ts";
import { Suspending, type Suspension } from "./suspension.ts";

/** Names that an operation cannot have: they mean something on every object, or on every effect. */
export type ReservedName = keyof typeof Object.prototype | "handle" | "key" | "then" | "toJSON";

/** The operations of an effect: functions, by names that are free. */
export type OperationsOf<S> = {
  [M in keyof S]: M extends ReservedName | symbol ? never : (...given: never[]) => unknown;
};

/** An effect's operations as programs: what `yield*` performs. */
export type Performed<K extends string, S> = {
  readonly [M in keyof S]: S[M] extends (...given: infer P) => infer A ? (...given: P) => Eff<Need<K>, A> : never;
};

/**
 * What a clause may return: the answer, a `suspend`, or a program (a `function*`) that ends with the answer.
 *
 * @typeParam R - What that program needs.
 */
export type Answer<A, R = Need<string>> = A | Suspension<A> | Eff<R, A>;

/**
 * A handler: a clause for each operation. The type of a handler that is exported, or a member: `Clauses<S, never>` for
 * one that needs nothing itself.
 *
 * @typeParam R - What its clauses need.
 */
export type Clauses<S, R = Need<string>> = {
  readonly [M in keyof S]: S[M] extends (...given: infer P) => infer A ? (...given: P) => Answer<A, R> : never;
};

/** What the clauses of a handler need themselves. */
export type ClauseRow<H> = {
  [M in keyof H]: H[M] extends (...given: never[]) => infer Returned ? AnswerRow<Returned> : never;
}[keyof H];

/** What an answer needs, which may be a value in one case and a program in another. */
export type AnswerRow<Returned> = Returned extends Eff<infer R, unknown> ? Extract<R, Need<string>> : never;

/** An effect: its operations, and how to handle them. */
export type Effect<K extends string, S> = Performed<K, S> & EffectHandling<K, S>;

/** What every effect has besides its operations. */
export interface EffectHandling<K extends string, S> {
  /** Its key. */
  readonly key: K;
  /**
   * Runs `body` with `handler` for this effect, which is then no longer in the row. Handlers inside shadow those around.
   * The clauses run where the handler was put: what they perform reaches the handlers around it, even of this effect.
   */
  handle<R, A, const H extends Clauses<S>>(handler: H, body: () => Eff<R, A>): Eff<Exclude<R, Need<K>> | ClauseRow<H>, A>;
}

/**
 * Defines an effect: its operations by a type, its key by a string that no other effect has (begin it with the name of
 * your package).
 *
 * An operation that its handler answers at once is performed in place; only one that has to wait reaches the driver.
 *
 * @throws {@link EffectKeyTakenError} when there is an effect of that key.
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
    // `operations` answers to every name that S may have with what performs it.
    return face as Effect<K, S>;
  };
}

/** All that is global: which key has which slot. */
const slots = new Map<string, number>();

/** A slot in the evidence for a new key. */
export function slotOf(key: string): number {
  if (slots.has(key)) throw new EffectKeyTakenError(key);
  slots.set(key, slots.size);
  return slots.size - 1;
}

/** `body` inside of a handler; `facets` answer in direct style, too. */
export function handled<R, A>(
  slot: number,
  handler: object,
  facets: Scope | undefined,
  body: () => Eff<R, A>,
): Eff<R, A> {
  return new StepBy((fiber) => fiber.enter(body, handledBy(fiber.evidence, slot, handler, facets)));
}

/**
 * An object with every operation. Their names are known to the type checker alone, so each is made when it is first
 * asked for; from then on it is a plain property.
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

/** Makes what performs one operation. */
function operation(id: OperationId): (...given: unknown[]) => unknown {
  const withoutArguments = new Operation(id, 0);
  return function (first, second, ...more) {
    // oxlint-disable-next-line prefer-rest-params: only its length is looked at, which costs nothing.
    const count = arguments.length;
    if (count === 0) return withoutArguments;
    return new Operation(id, count, first, count > 2 ? [first, second, ...more] : second);
  };
}

interface OperationId {
  readonly key: string;
  readonly slot: number;
  readonly name: string;
  /** Among the operations of its effect. */
  readonly index: number;
}

/** One performance of an operation. */
class Operation extends Step<unknown, unknown> {
  // Declared, not defined: a defined field is written twice.
  declare readonly id: OperationId;
  declare readonly count: number;
  declare readonly first: unknown;
  /** The second argument, or all of them when there are more than two. */
  declare readonly second: unknown;

  constructor(id: OperationId, count: number, first?: unknown, second?: unknown) {
    super();
    this.id = id;
    this.count = count;
    this.first = first;
    this.second = second;
  }

  // The engine does not inline a `next` into a `yield*` (V8 of Node.js 20): so all of it stands here, and what may be missing
  // is compared with `undefined`, which takes one instruction where a truth test takes ten.
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
    // Where the same facets answer, nobody can tell in which evidence the clause runs.
    if (outer.facets === around.facets) answer = asked(this, clause, entry.handler);
    else {
      fiber.evidence = outer;
      try {
        answer = asked(this, clause, entry.handler);
      } finally {
        fiber.evidence = around;
      }
    }
    return typeof answer === "object" ? performed(fiber, answer, outer) : fiber.answer(answer);
  }
}

function asked({ count, first, second }: Operation, clause: Clause, handler: object): unknown {
  if (count === 0) return clause.call(handler);
  if (count === 1) return clause.call(handler, first);
  if (count === 2) return clause.call(handler, first, second);
  // More than two arguments were kept as an array.
  return clause.apply(handler, second as unknown[]);
}

/** What a clause returned may be a program that ends with the answer. It runs where the clause did. */
function performed(fiber: RunningFiber, answer: object | null, inside: Evidence): IteratorResult<unknown, unknown> {
  if (answer instanceof Suspending) return fiber.park(answer.register, inside);
  return isProgram(answer) ? fiber.enter(() => answer, inside) : fiber.answer(answer);
}

/** The clause of a handler for one operation, looked up for the first time: a handler may be an object of a class. */
function clauseOf(entry: Entry, id: OperationId): Clause {
  const clause: unknown = Reflect.get(entry.handler, id.name);
  if (typeof clause !== "function") throw unhandled(id);
  // A function may be called with anything; what fits, the type checker has seen to.
  return (entry.clauses[id.index] = clause as Clause);
}

function unhandled({ key, name }: OperationId): UnhandledEffectError {
  return new UnhandledEffectError(key, `${name}()`, `handle({ ${name}: … }, () => …)`);
}

/** True for what a clause or a finaliser returns to have it performed: a step, or the generator of a `function*`. */
export function isProgram(answer: unknown): answer is Eff<unknown, unknown> {
  return answer instanceof Step || Object.prototype.toString.call(answer) === "[object Generator]";
}
