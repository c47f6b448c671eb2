import { describe, expect, test } from "vitest";
import {
  checkLinearizability,
  counterModel,
  explain,
  HistoryError,
  keyValueModel,
  type Model,
  ModelError,
  type Operation,
  queueModel,
  registerModel,
} from "../src/linearizability/index.ts";

const write = (client: string, value: number, invokedAt: number, returnedAt: number | undefined) =>
  ({ client, input: { type: "write", value }, invokedAt, returnedAt }) as const;
const read = (client: string, output: number, invokedAt: number, returnedAt: number | undefined) =>
  ({ client, input: { type: "read" }, output, invokedAt, returnedAt }) as const;

describe("verdicts", () => {
  test("concurrent operations may take effect in any order", () => {
    const history = [write("a", 1, 0, 10), write("b", 2, 0, 10), read("c", 1, 11, 12), read("d", 1, 11, 12)];
    expect(checkLinearizability(registerModel(0), history).verdict).toBe("linearizable");
    expect(checkLinearizability(registerModel(0), [...history, read("e", 2, 13, 14)]).verdict).toBe("not linearizable");
  });

  test("an unknown outcome may come late, once, or never", () => {
    const lost = write("a", 1, 0, undefined);
    const verdict = (...outputs: number[]): string =>
      checkLinearizability(registerModel(0), [
        lost,
        ...outputs.map((output, at) => read("b", output, 10 * at + 10, 10 * at + 15)),
      ]).verdict;
    expect(verdict(0, 0, 1)).toBe("linearizable");
    expect(verdict(0, 0, 0)).toBe("linearizable");
    expect(verdict(0, 1, 0)).toBe("not linearizable");
  });

  test("a return and a call at one time are concurrent", () => {
    expect(checkLinearizability(registerModel(0), [write("a", 1, 0, 5), read("b", 0, 5, 6)]).verdict).toBe(
      "linearizable"
    );
  });

  test("keys are judged separately", () => {
    const history = [
      { ...write("a", 1, 0, 1), key: "x" },
      { ...read("b", 0, 2, 3), key: "y" },
    ];
    expect(checkLinearizability(registerModel(0), history).verdict).toBe("linearizable");
    const result = checkLinearizability(registerModel(0), [...history, { ...read("b", 0, 4, 5), key: "x" }]);
    expect(result).toMatchObject({ verdict: "not linearizable", counterexample: { key: "x" } });
  });

  test("too few steps give no verdict, and progress is reported", () => {
    const history: Operation<{ type: "enqueue"; value: number } | { type: "dequeue" }, number | undefined>[] = [];
    for (let at = 0; at < 10; at += 1)
      history.push({ client: `c${at}`, input: { type: "enqueue", value: at }, invokedAt: 0, returnedAt: 100 });
    history.push({ client: "z", input: { type: "dequeue" }, output: 99, invokedAt: 101, returnedAt: 102 });
    const result = checkLinearizability(queueModel<number>(), history, { stepsMax: 1_000 });
    expect(result).toMatchObject({ verdict: "unknown", undecided: [undefined] });
    expect(result.steps).toBeLessThan(1_000);
    const reports: number[] = [];
    const onProgress = ({ steps }: { steps: number }): number => reports.push(steps);
    checkLinearizability(queueModel<number>(), history, { stepsMax: 350_000, onProgress });
    expect(reports).toEqual([65_536, 131_072]);
  });

  test("large states use up the steps sooner, which bounds memory, too", () => {
    const ofLength = (length: number): number => {
      const value = "x".repeat(length);
      const history = Array.from({ length: 10 }, (_, at) => ({
        client: `c${at}`, input: { type: "enqueue" as const, value: `${at}${value}` }, invokedAt: 0, returnedAt: 100,
      }));
      const impossible = { client: "z", input: { type: "dequeue" as const }, output: "y", invokedAt: 101, returnedAt: 102 };
      return checkLinearizability(queueModel<string>(), [...history, impossible], { stepsMax: 1_000 }).steps;
    };
    expect(ofLength(1_000)).toBeLessThan(ofLength(1) / 4);
  });

  test("impossible histories are refused", () => {
    expect(() => checkLinearizability(registerModel(0), [read("a", 0, 5, 4)])).toThrow(HistoryError);
    expect(() => checkLinearizability(registerModel(0), [read("a", 0, Number.NaN, 4)])).toThrow(HistoryError);
    expect(() =>
      checkLinearizability(registerModel(0), [read("a", 0, 1, 2), { ...read("a", 0, 1, 2), key: "x" }])
    ).toThrow(/every operation has a key or none has/);
    const nameless: Model<readonly number[], "x", void> = { init: () => [], step: (state) => state };
    expect(() => checkLinearizability(nameless, [{ client: "a", input: "x", invokedAt: 0, returnedAt: 1 }])).toThrow(
      ModelError
    );
  });

  test("a long sequential history with a hundred unknown outcomes is decided", () => {
    const history: Operation<{ type: "read" } | { type: "write"; value: number }, number | undefined>[] = [];
    for (let at = 0; at < 3_000; at += 1) {
      history.push(write("a", at, at * 10, at * 10 + 5));
      if (at % 30 === 0) history.push(write(`lost ${at}`, -at, at * 10 + 1, undefined));
      history.push(read("b", at, at * 10 + 6, at * 10 + 7));
    }
    expect(checkLinearizability(registerModel(-1), history).verdict).toBe("linearizable");
  });
});

describe("counterexamples", () => {
  test("show the impossible answer, its neighbours and the states tried", () => {
    const model = keyValueModel<number>();
    const history = Array.from({ length: 400 }, (_, at) => ({
      client: "w",
      key: "x",
      input: { type: "set", value: at } as const,
      invokedAt: at * 10,
      returnedAt: at * 10 + 5,
    }));
    const stale = {
      client: "r",
      key: "x",
      input: { type: "get" } as const,
      output: 397,
      invokedAt: 3_998,
      returnedAt: 4_000,
    };
    const result = checkLinearizability(model, [...history, stale]);
    if (result.verdict !== "not linearizable") throw new Error(result.verdict);
    expect(result.counterexample).toMatchObject({ impossible: stale, prefix: 401, omitted: 397 });
    expect(explain(result, model)).toMatchInlineSnapshot(`
      "not linearizable (key "x"): no order of these operations explains the answer marked with !; 397 more came before them or do not matter
          w  set 397                  |--|
          w  set 398                        |--|
          w  set 399 (or any answer)              |--|
        ! r  get -> 397                                 |--|
      before them: 396
      tried: set 397, then set 398, then set 399 gives 399, where get -> 397 is impossible"
    `);
  });

  test("show several starting states, unknown outcomes and irrelevant answers", () => {
    const model = counterModel();
    const add = (client: string, output: number | undefined, invokedAt: number, returnedAt: number | undefined) =>
      ({ client, input: { type: "add", amount: 1 }, output, invokedAt, returnedAt }) as const;
    const result = checkLinearizability(model, [
      add("a", undefined, 0, undefined),
      add("b", 1, 1, 4),
      add("c", 1, 2, 6),
      { client: "d", input: { type: "read" }, output: 2, invokedAt: 3, returnedAt: 9 },
    ]);
    expect(explain(result, model)).toMatchInlineSnapshot(`
      "not linearizable: no order of these operations explains the answer marked with !; 1 more came before them or do not matter
          a  add 1 (outcome unknown)  |--------------...
          b  add 1 -> 1                  |-----|
        ! c  add 1 -> 1                     |-----|
      before them: 0
      tried: add 1 -> 1, then add 1 (outcome unknown) gives 2, where add 1 -> 1 is impossible
      tried: add 1 -> 1 gives 1, where add 1 -> 1 is impossible"
    `);
  });

  test("other verdicts are explained, too", () => {
    expect(explain(checkLinearizability(registerModel(0), []))).toBe("linearizable (0 steps)");
    const two = [write("a", 1, 0, 5), write("b", 2, 0, 5), read("c", 3, 6, 7)];
    expect(explain(checkLinearizability(registerModel(0), two, { stepsMax: 2 }))).toMatch(
      /^unknown: \d steps did not decide the object/
    );
  });
});
