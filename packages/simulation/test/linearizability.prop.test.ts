import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkLinearizability,
  counterModel,
  keyValueModel,
  type Model,
  type Operation,
  queueModel,
  REFUSED,
  registerModel,
  UNKNOWN,
} from "../src/linearizability/index.ts";

type History<I, O> = readonly Operation<I, O>[];

/**
 * The definition, word for word: some order of all returned operations, and of any of the others, respects real time.
 */
function byDefinition<S, I, O>(model: Model<S, I, O>, history: History<I, O>): boolean {
  const follows = (state: S, left: History<I, O>): boolean => {
    if (left.every(({ returnedAt }) => returnedAt === undefined)) return true;
    return left.some((next, index) => {
      if (left.some(({ returnedAt }) => returnedAt !== undefined && returnedAt < next.invokedAt)) return false;
      const after = model.step(state, next.input, next.returnedAt === undefined ? UNKNOWN : (next.output as O));
      return after !== REFUSED && follows(after, left.toSpliced(index, 1));
    });
  };
  return follows(model.init(), history);
}

function histories<I, O>(input: fc.Arbitrary<I>, output: fc.Arbitrary<O>, maxLength = 6): fc.Arbitrary<History<I, O>> {
  const operation = fc.record({
    client: fc.constantFrom("a", "b", "c"),
    input,
    output,
    invokedAt: fc.nat(12),
    length: fc.option(fc.nat(8), { nil: undefined, freq: 4 }),
  });
  const one = operation.map(({ length, ...rest }) => ({
    ...rest,
    returnedAt: length === undefined ? undefined : rest.invokedAt + length,
  }));
  return fc.array(one, { maxLength });
}

const value = fc.constantFrom(1, 2);
const maybe = fc.constantFrom(undefined, 1, 2);
const registers = histories(
  fc.oneof(fc.record({ type: fc.constant("write" as const), value }), fc.constant({ type: "read" as const })),
  fc.constantFrom(0, 1, 2)
);
const stores = histories(
  fc.oneof(
    fc.constant({ type: "get" as const }),
    fc.record({ type: fc.constant("set" as const), value }),
    fc.constant({ type: "delete" as const }),
    fc.record({ type: fc.constant("cas" as const), expected: maybe, value })
  ),
  fc.constantFrom<(boolean | number | undefined)[]>(undefined, 1, 2, true, false)
);
const counters = histories(
  fc.oneof(
    fc.constant({ type: "read" as const }),
    fc.record({ type: fc.constant("add" as const), amount: fc.constantFrom(1, -1, 0) })
  ),
  fc.constantFrom(undefined, -1, 0, 1, 2)
);
const queues = histories(
  fc.oneof(fc.record({ type: fc.constant("enqueue" as const), value }), fc.constant({ type: "dequeue" as const })),
  maybe
);

/** Checks that the verdict agrees with the definition, and that its evidence does, too. */
function verdicts<S, I, O>(model: Model<S, I, O>, arbitrary: fc.Arbitrary<History<I, O>>): Set<string> {
  const seen = new Set<string>();
  fc.assert(
    fc.property(arbitrary, (history) => {
      const sound = byDefinition(model, history);
      const result = checkLinearizability(model, history);
      seen.add(result.verdict);
      expect(result.verdict).toBe(sound ? "linearizable" : "not linearizable");
      if (result.verdict === "linearizable") witnessed(model, history, [...(result.orders.get(undefined) ?? [])]);
      if (result.verdict === "not linearizable") refuted(model, result.counterexample);
    }),
    { numRuns: 1_500 }
  );
  return seen;
}

function witnessed<S, I, O>(model: Model<S, I, O>, history: History<I, O>, order: Operation<I, O>[]): void {
  expect(new Set(order).size).toBe(order.length);
  for (const operation of history) if (operation.returnedAt !== undefined) expect(order).toContain(operation);
  let state = model.init();
  for (const [index, { input, output, invokedAt, returnedAt }] of order.entries()) {
    const next = model.step(state, input, returnedAt === undefined ? UNKNOWN : (output as O));
    if (next === REFUSED) throw new Error(`step ${index} of the order is refused`);
    state = next;
    for (const later of order.slice(index)) expect(later.returnedAt ?? Infinity).toBeGreaterThanOrEqual(invokedAt);
  }
}

/** Checks that the operations of a counterexample are impossible on their own, from each of its starting points. */
function refuted<S, I, O>(
  model: Model<S, I, O>,
  example: Extract<ReturnType<typeof checkLinearizability<S, I, O>>, { verdict: "not linearizable" }>["counterexample"]
): void {
  expect(example.witnesses.filter(({ role }) => role === "impossible").map(({ operation }) => operation)).toEqual([
    example.impossible,
  ]);
  for (const { state, done } of example.starts) {
    const left = example.witnesses
      .filter(({ operation }) => !done.includes(operation))
      .map(({ operation, role }) => (role === "any" ? { ...operation, returnedAt: undefined } : operation));
    expect(byDefinition({ ...model, init: () => state }, left)).toBe(false);
  }
}

const both = new Set(["linearizable", "not linearizable"]);

describe("the checker and the definition agree, unknown outcomes included", () => {
  test("on registers", () => expect(verdicts(registerModel(0), registers)).toEqual(both));
  test("on registers without readOnly", () => {
    const { readOnly: _, ...model } = registerModel(0);
    expect(verdicts(model, registers)).toEqual(both);
  });
  test("on keys with compare-and-set", () => expect(verdicts(keyValueModel<number>(), stores)).toEqual(both));
  test("on counters", () => expect(verdicts(counterModel(), counters)).toEqual(both));
  test("on queues", () => expect(verdicts(queueModel<number>(), queues)).toEqual(both));
});

/** Runs a script against a real object. Each operation takes effect at a moment between its call and its return. */
function recorded<S, I, O>(
  script: readonly { input: I; from: number; effect: number; back: number; lost: boolean }[],
  initial: S,
  apply: (state: S, input: I) => readonly [S, O]
): Operation<I, O>[] {
  const outputs = new Map<number, O>();
  let state = initial;
  const inEffect = script.map((one, index) => ({ at: one.from + one.effect, index, input: one.input }));
  for (const { index, input } of inEffect.sort((one, other) => one.at - other.at)) {
    const [next, output] = apply(state, input);
    state = next;
    outputs.set(index, output);
  }
  return script.map(({ input, from, effect, back, lost }, index) => ({
    client: `c${index % 5}`,
    input,
    output: lost ? undefined : outputs.get(index),
    invokedAt: from,
    returnedAt: lost ? undefined : from + effect + back,
  }));
}

const span = fc.integer({ min: 0, max: 300 });
const scripts = <I>(input: fc.Arbitrary<I>) =>
  fc.array(
    fc.record({
      input,
      from: fc.integer({ min: 0, max: 6_000 }),
      effect: span,
      back: span,
      // By weight: fast-check draws small numbers more often, and every lost outcome doubles the search.
      lost: fc.oneof({ weight: 40, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
    { maxLength: 120, size: "max" }
  );

describe("a history of a real object is accepted", () => {
  test("a key with compare-and-set", () => {
    const given = new Map<string, number>();
    const input = fc.oneof(
      fc.constant({ type: "get" as const }),
      fc.record({ type: fc.constant("set" as const), value: fc.nat(4) }),
      fc.record({ type: fc.constant("cas" as const), expected: fc.nat(4), value: fc.nat(4) })
    );
    fc.assert(
      fc.property(scripts(input), (script) => {
        const history = recorded<number | undefined, (typeof script)[0]["input"], number | boolean | undefined>(
          script,
          undefined,
          (state, asked) => {
            if (asked.type === "get") return [state, state];
            if (asked.type === "set") return [asked.value, undefined];
            return state === asked.expected ? [asked.value, true] : [state, false];
          }
        );
        // A history with many lost outcomes may be given up: unbounded, one in thousands ran for minutes.
        const { verdict } = checkLinearizability(keyValueModel<number>(), history, { stepsMax: 100_000 });
        given.set(verdict, (given.get(verdict) ?? 0) + 1);
      }),
      { numRuns: 60 }
    );
    expect(given.has("not linearizable")).toBe(false);
    expect(given.get("linearizable") ?? 0).toBeGreaterThan(50);
  });

  test("a queue", () => {
    const given = new Map<string, number>();
    const input = fc.oneof(
      fc.record({ type: fc.constant("enqueue" as const), value: fc.nat(3) }),
      fc.constant({ type: "dequeue" as const })
    );
    fc.assert(
      fc.property(scripts(input), (script) => {
        const history = recorded<readonly number[], (typeof script)[0]["input"], number | undefined>(
          script,
          [],
          (state, asked) =>
            asked.type === "enqueue" ? [[...state, asked.value], undefined] : [state.slice(1), state[0]]
        );
        // Unobserved enqueues have many orders. The search may give up, but must not give a wrong verdict.
        const { verdict } = checkLinearizability(queueModel<number>(), history, { stepsMax: 5_000 });
        given.set(verdict, (given.get(verdict) ?? 0) + 1);
      }),
      { numRuns: 60 }
    );
    expect(given.has("not linearizable")).toBe(false);
    expect(given.get("linearizable") ?? 0).toBeGreaterThan(20);
  });
});
