import { describe, expect, test } from "vitest";
import {
  effect,
  type Eff,
  EffectKeyTakenError,
  enterOperationWatcher,
  OutsideFiberError,
  runSync,
  StrayYieldError,
  suspend,
  SuspendedError,
} from "../src/fibers/index.ts";
import { UnhandledEffectError } from "../src/index.ts";
import { answers, Ask, Door, Lines, watch } from "./fiber-kit.ts";

describe("effects", () => {
  test("operations are answered in place, with any number of arguments", () => {
    const program = function* () {
      return [yield* Ask.now(), yield* Ask.plus(1), yield* Ask.plus(1, 2), yield* Ask.plus(1, 2, 3)];
    };
    expect(runSync(() => Ask.handle(answers, program))).toEqual([7, 111, 103, 6]);
    expect(runSync(() => Ask.handle(answers, () => Ask.now()))).toBe(7);
  });

  test("a clause is given the very arguments, and no more", () => {
    const Count = effect<{ count(...given: unknown[]): number }>()("test/count");
    const program = function* () {
      return [yield* Count.count(), yield* Count.count(undefined), yield* Count.count(1, undefined), yield* Count.count(1, 2, 3, 4)];
    };
    expect(runSync(() => Count.handle({ count: (...given: unknown[]) => given.length }, program))).toEqual([0, 1, 2, 4]);
  });

  test("a handler may be an object of a class; a performance can be kept and performed again", () => {
    class Counter {
      #count = 0;
      now(): number {
        return ++this.#count;
      }
      plus(): number {
        return 0;
      }
      wait(): void {}
    }
    const now = Ask.now();
    const program = function* () {
      return [yield* now, yield* now, yield* Ask.now()];
    };
    expect(runSync(() => Ask.handle(new Counter(), program))).toEqual([1, 2, 3]);
  });

  test("nested handlers shadow; a clause that performs its own effect reaches the outer handler", () => {
    const later = { ...answers, now: function* () { return 1 + (yield* Ask.now()); } };
    const seen: number[] = [];
    runSync(() =>
      Ask.handle(answers, function* () {
        seen.push(yield* Ask.now());
        yield* Ask.handle(later, function* () {
          seen.push(yield* Ask.now());
          yield* Ask.handle(later, function* () {
            seen.push(yield* Ask.now());
          });
          seen.push(yield* Ask.now());
        });
        seen.push(yield* Ask.now());
      }),
    );
    expect(seen).toEqual([7, 8, 9, 8, 7]);
  });

  test("clauses run in the scope of their definition, also when what they perform waits", () => {
    const door = new Door<string>();
    const lines: string[] = [];
    const writer = (name: string) => ({ write: (line: string) => void lines.push(`${name}: ${line}`) });
    const seen = watch(() =>
      Lines.handle(writer("outer"), () =>
        Ask.handle(
          {
            ...answers,
            *now() {
              const answer = yield* door.wait();
              yield* Lines.write(answer);
              return 3;
            },
          },
          () =>
            Lines.handle(writer("inner"), function* () {
              const answer = yield* Ask.now();
              yield* Lines.write(`got ${answer}`);
            }),
        ),
      ),
    );
    expect(lines).toEqual([]);
    door.open("hello");
    expect(lines).toEqual(["outer: hello", "inner: got 3"]);
    expect(seen.outcome).toEqual({ type: "done", value: undefined });
  });

  test("a clause that throws, throws at the operation; handlers are right behind the catch", () => {
    const failing = { ...answers, now: () => { throw new Error("no clock"); } };
    const program = function* () {
      const seen: unknown[] = [];
      try {
        yield* Ask.handle(failing, () => Ask.now());
      } catch (error) {
        seen.push((error as Error).message);
      }
      seen.push(yield* Ask.now());
      return seen;
    };
    expect(runSync(() => Ask.handle(answers, program))).toEqual(["no clock", 7]);
  });

  test("one key, one effect", () => {
    expect(() => effect()("test/ask")).toThrow(EffectKeyTakenError);
  });

  test("what the type checker refuses fails at run time, too, and says so", () => {
    expect(() => runSync((() => Ask.now()) as unknown as () => Eff<never, number>)).toThrow(UnhandledEffectError);
    expect(() => runSync(() => Ask.handle({} as typeof answers, () => Ask.now()))).toThrow(/now\(\)/);
    expect(() => [...(Ask.now() as unknown as Iterable<unknown>)]).toThrow(OutsideFiberError);
    expect(() => runSync(function* () { yield 3 as never; })).toThrow(StrayYieldError);
    expect(() => runSync(() => suspend(() => undefined))).toThrow(SuspendedError);
  });

  test("operations can be watched as they are made, and each is an object of its own then", () => {
    const made: unknown[] = [];
    const programs = new Set<unknown>();
    const look = (program: unknown, ...more: unknown[]): void => {
      programs.add(program);
      made.push(more);
    };
    expect(enterOperationWatcher(look)).toBeUndefined();
    Ask.now();
    Ask.now();
    expect(programs.size).toBe(2);
    expect(runSync(() => Ask.handle(answers, () => Ask.plus(1, 2, 3)))).toBe(6);
    expect(enterOperationWatcher(undefined)).toBe(look);
    expect(made).toEqual([
      ["test/ask", "now", undefined],
      ["test/ask", "now", undefined],
      ["test/ask", "plus", 1],
    ]);
    Ask.now();
    expect(made).toHaveLength(3);
  });

  test("an effect is no thenable and prints as an object", async () => {
    expect(await (Ask as object)).toBe(Ask);
    expect(JSON.parse(JSON.stringify({ Ask })).Ask.key).toBe("test/ask");
    expect(String(Ask)).toBe("[object Object]");
  });
});
