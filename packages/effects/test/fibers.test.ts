import { describe, expect, test } from "vitest";
import {
  acquire,
  all,
  call,
  effect,
  type Eff,
  ensure,
  EffectKeyTakenError,
  FiberCancelledError,
  FinalizersFailedError,
  launch,
  onExit,
  type Outcome,
  OutsideFiberError,
  race,
  ResumedTwiceError,
  run,
  runSync,
  scope,
  spawn,
  StrayYieldError,
  suspend,
  SuspendedError,
  uninterrupted,
} from "../src/fibers/index.ts";
import { UnhandledEffectError } from "../src/index.ts";

const Ask = effect<{ now(): number; plus(a: number, b?: number, c?: number): number; wait(): void }>()("test/ask");
const Tell = effect<{ tell(line: string): void }>()("test/tell");

/** Someone who answers when the test says so, first come, first served. */
class Door<A> {
  readonly #waiting: { resume: (answer: A) => void; fail: (error: unknown) => void }[] = [];
  cancelled = 0;
  wait(): Eff<never, A> {
    return suspend<A>((resume, fail) => {
      const one = { resume, fail };
      this.#waiting.push(one);
      return () => {
        this.cancelled += 1;
        this.#waiting.splice(this.#waiting.indexOf(one), 1);
      };
    });
  }
  get waiting(): number {
    return this.#waiting.length;
  }
  open(answer: A): void {
    this.#waiting.shift()!.resume(answer);
  }
  fail(error: unknown): void {
    this.#waiting.shift()!.fail(error);
  }
}

/** Runs a program and shows how it ended, once it has. */
function watch<R, A>(body: () => Eff<R, A>): { outcome: Outcome<A> | undefined; cancel: () => void } {
  const seen: { outcome: Outcome<A> | undefined; cancel: () => void } = { outcome: undefined, cancel: () => undefined };
  seen.cancel = launch(body as () => Eff<never, A>, (outcome) => {
    expect(seen.outcome).toBeUndefined();
    seen.outcome = outcome;
  }).cancel;
  return seen;
}

const answers = { now: () => 7, plus: (a: number, b = 10, c = 100) => a + b + c, wait: () => undefined };

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
    const teller = (name: string) => ({ tell: (line: string) => void lines.push(`${name}: ${line}`) });
    const seen = watch(() =>
      Tell.handle(teller("outer"), () =>
        Ask.handle(
          {
            ...answers,
            *now() {
              const answer = yield* door.wait();
              yield* Tell.tell(answer);
              return 3;
            },
          },
          () =>
            Tell.handle(teller("inner"), function* () {
              const answer = yield* Ask.now();
              yield* Tell.tell(`got ${answer}`);
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

  test("an effect is no thenable and prints as an object", async () => {
    expect(await (Ask as object)).toBe(Ask);
    expect(JSON.parse(JSON.stringify({ Ask })).Ask.key).toBe("test/ask");
    expect(String(Ask)).toBe("[object Object]");
  });
});

describe("suspension", () => {
  test("an answer that is there at once is taken in place; a late one resumes; a failure throws", () => {
    const door = new Door<number>();
    const seen = watch(function* () {
      const first = yield* suspend<number>((resume) => resume(1));
      const second = yield* door.wait();
      try {
        return yield* door.wait();
      } catch (error) {
        return [first, second, error];
      }
    });
    door.open(2);
    expect(seen.outcome).toBeUndefined();
    door.fail("broken");
    expect(seen.outcome).toEqual({ type: "done", value: [1, 2, "broken"] });
  });

  test("resuming twice throws, to the one who does; after a cancellation it does nothing", () => {
    let again: (answer: number) => void = () => undefined;
    expect(runSync(() => suspend<number>((resume) => { again = resume; resume(1); }))).toBe(1);
    expect(() => again(2)).toThrow(ResumedTwiceError);
    const seen = watch(() => suspend<number>((resume) => { again = resume; }));
    seen.cancel();
    expect(seen.outcome).toEqual({ type: "cancelled" });
    again(1);
    again(2);
  });

  test("run gives a promise; a signal cancels", async () => {
    await expect(run(() => suspend<number>((resume) => void queueMicrotask(() => resume(4))))).resolves.toBe(4);
    await expect(run(() => { throw new Error("at once"); })).rejects.toThrow("at once");
    const abort = new AbortController();
    const door = new Door<void>();
    const running = run(() => door.wait(), { signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(running).rejects.toThrow(FiberCancelledError);
    expect(door.cancelled).toBe(1);
    await expect(run(() => door.wait(), { signal: abort.signal })).rejects.toThrow(FiberCancelledError);
    expect(door.waiting).toBe(0);
  });

  test("a program that aborts its own signal before it first waits is cancelled", async () => {
    const abort = new AbortController();
    const door = new Door<void>();
    const program = function* (): Generator<never, void> {
      abort.abort();
      yield* door.wait();
    };
    await expect(run(program, { signal: abort.signal })).rejects.toThrow(FiberCancelledError);
    expect(door.cancelled).toBe(1);
  });

  test("an error whose stack cannot be read is thrown as it is", async () => {
    const broken = Object.defineProperty(new Error("broken"), "stack", { get: () => { throw new Error("no stack"); } });
    await expect(run(() => suspend((_resume, fail) => void queueMicrotask(() => fail(broken))))).rejects.toBe(broken);
  });

  test("an error that cannot be looked at, or changed, ends the fiber as any other", () => {
    const refuse = (): never => { throw new Error("no"); };
    const sealed = Object.defineProperty(new Error("sealed"), "stack", { get: () => "Error: sealed\n    at somewhere (file.js:1:1)", set: refuse });
    const unlike = new Proxy(new Error("unlike"), { getPrototypeOf: refuse });
    for (const broken of [sealed, unlike, new Proxy(new Error("closed"), { set: refuse, defineProperty: refuse }), Object.freeze(new Error("frozen"))]) {
      const order: string[] = [];
      const seen = watch(() => ensure(function* () { throw broken; }, function* () { order.push("closed"); }));
      expect(seen.outcome?.type === "failed" && seen.outcome.error === broken).toBe(true);
      expect(order).toEqual(["closed"]);
    }
  });

  test("a million operations in one fiber: flat stack and heap", () => {
    const program = function* () {
      let sum = 0;
      for (let at = 0; at < 1_000_000; at += 1) sum += yield* Ask.plus(at, 0, 0);
      return sum;
    };
    runSync(() => Ask.handle(answers, program));
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    expect(runSync(() => Ask.handle(answers, program))).toBe(499_999_500_000);
    globalThis.gc?.();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(64 * 1024 * 1024);
  });

  test("two fibers that answer each other 100,000 times: flat stack", () => {
    const [ping, pong] = [new Door<number>(), new Door<number>()];
    const seen = watch(function* () {
      yield* spawn(function* () {
        for (;;) {
          const ball = yield* ping.wait();
          pong.open(ball + 1);
        }
      });
      let ball = 0;
      while (ball < 100_000) {
        const back = pong.wait();
        yield* spawn(function* () {
          ping.open(ball);
        });
        ball = yield* back;
      }
      return ball;
    });
    expect(seen.outcome).toEqual({ type: "done", value: 100_000 });
  });

  test("calls 100,000 deep wait and go on, without a handler lost", () => {
    const door = new Door<number>();
    function* deep(n: number): Generator<never, number> {
      if (n === 0) return yield* door.wait();
      return 1 + (yield* call(deep(n - 1)));
    }
    const seen = watch(() => deep(100_000));
    door.open(5);
    expect(seen.outcome).toEqual({ type: "done", value: 100_005 });
    function* handled(n: number): Generator<never, number> {
      if (n === 0) return yield* door.wait();
      return 1 + (yield* Ask.handle({ ...answers, now: () => n }, () => handled(n - 1)));
    }
    const nested = watch(() => handled(10_000));
    door.open(1);
    expect(nested.outcome).toEqual({ type: "done", value: 10_001 });
    function* failing(n: number): Generator<never, number> {
      if (n === 0) throw new Error("at the bottom");
      return 1 + (yield* call(failing(n - 1)));
    }
    expect(() => runSync(() => failing(100_000))).toThrow("at the bottom");
  });

  // It takes half a second, or half a minute if each of them looks at all the others.
  test("what a cancellation waits for may be 100,000 calls deep", { timeout: 15_000 }, () => {
    const door = new Door<number>();
    function* deep(n: number): Generator<never, number> {
      return n === 0 ? yield* door.wait() : 1 + (yield* call(deep(n - 1)));
    }
    let depth = 0;
    const seen = watch(() => uninterrupted(function* () { depth = yield* deep(100_000); }));
    seen.cancel();
    door.open(5);
    expect([depth, seen.outcome]).toEqual([100_005, { type: "cancelled" }]);
  });
});

describe("structured concurrency", () => {
  test("all gives results in order; the first failure ends the others before it comes out", () => {
    const [a, b] = [new Door<string>(), new Door<string>()];
    const both = watch(() => all([() => a.wait(), () => b.wait()]));
    b.open("b");
    a.open("a");
    expect(both.outcome).toEqual({ type: "done", value: ["a", "b"] });
    const order: string[] = [];
    const failing = watch(function* () {
      try {
        yield* all([
          () => a.wait(),
          function* () {
            yield* onExit(() => void order.push("b ended"));
            yield* b.wait();
          },
        ]);
      } catch (error) {
        order.push(String(error));
      }
    });
    a.fail("a failed");
    expect(order).toEqual(["b ended", "a failed"]);
    expect(b.cancelled).toBe(1);
    expect(failing.outcome?.type).toBe("done");
    expect(runSync(() => all([]))).toEqual([]);
  });

  test("race gives the first, and ends the others", () => {
    const [a, b] = [new Door<string>(), new Door<string>()];
    const seen = watch(() => race([() => a.wait(), () => b.wait()]));
    b.open("b");
    expect(seen.outcome).toEqual({ type: "done", value: "b" });
    expect([a.cancelled, a.waiting]).toEqual([1, 0]);
    expect(() => runSync(() => race([]))).toThrow(RangeError);
  });

  test("those that lose end one after the other, the last one first", () => {
    const order: string[] = [];
    const door = new Door<void>();
    const loser = (name: string) =>
      function* (): Generator<never, void> {
        yield* onExit(() => void order.push(name));
        yield* door.wait();
      };
    runSync(() => race([loser("a"), loser("b"), () => suspend<void>((resume) => resume()), loser("c")]));
    expect(order).toEqual(["c", "b", "a"]);
  });

  test("children end before their parent does, the last one first, between finalisers", () => {
    const order: string[] = [];
    const door = new Door<void>();
    const child = (name: string) => () =>
      spawn(function* () {
        yield* onExit(() => void order.push(`${name} ended`));
        yield* door.wait();
      });
    const gate = new Door<void>();
    const seen = watch(function* () {
      yield* onExit(() => void order.push("first finaliser"));
      yield* child("one")();
      yield* onExit(() => void order.push("second finaliser"));
      yield* child("two")();
      yield* gate.wait();
      order.push("body ended");
    });
    gate.open();
    expect(order).toEqual(["body ended", "two ended", "second finaliser", "one ended", "first finaliser"]);
    expect(seen.outcome).toEqual({ type: "done", value: undefined });
  });

  test("a child that fails ends its parent, and its siblings", () => {
    const [door, other] = [new Door<void>(), new Door<void>()];
    const order: string[] = [];
    const seen = watch(function* () {
      try {
        yield* scope(function* () {
          yield* spawn(() => other.wait());
          yield* spawn(() => door.wait());
          try {
            yield* other.wait();
          } finally {
            order.push("unwound");
          }
        });
      } catch (error) {
        order.push(String(error));
      }
    });
    door.fail("child failed");
    expect(order).toEqual(["unwound", "child failed"]);
    expect(seen.outcome?.type).toBe("done");
    expect(other.cancelled).toBe(2);
  });

  test("join gives a child's result; cancel waits for its finalisers, which may wait themselves", () => {
    const [door, slow] = [new Door<number>(), new Door<void>()];
    const order: string[] = [];
    const seen = watch(function* () {
      const quick = yield* spawn(() => door.wait());
      const endless = yield* spawn(function* () {
        try {
          yield* suspend(() => undefined);
        } finally {
          yield* call(slow.wait());
          order.push("closed");
        }
      });
      const value = yield* quick.join();
      yield* endless.cancel();
      order.push("cancelled");
      yield* endless.cancel();
      return value;
    });
    door.open(9);
    expect(order).toEqual([]);
    seen.cancel();
    slow.open();
    expect(order).toEqual(["closed"]);
    expect(seen.outcome).toEqual({ type: "cancelled" });
  });

  test("a finaliser that returns what is no program is done when it returns", () => {
    const order: string[] = [];
    const push: () => void = () => order.push("closed");
    runSync(() => onExit(push));
    expect(order).toEqual(["closed"]);
  });

  test("joining what is cancelled says so", () => {
    expect(() =>
      runSync(function* () {
        const child = yield* spawn(() => suspend(() => undefined));
        yield* child.cancel();
        yield* child.join();
      }),
    ).toThrow(FiberCancelledError);
  });

  test("finalisers that throw do not keep others from running, and nothing is lost", () => {
    const order: string[] = [];
    const program = function* () {
      yield* onExit(() => void order.push("last"));
      yield* onExit(() => { throw new Error("one"); });
      yield* onExit(() => { throw new Error("two"); });
      throw new Error("body");
    };
    let thrown: unknown;
    try {
      runSync(program);
    } catch (error) {
      thrown = error;
    }
    expect(order).toEqual(["last"]);
    expect(thrown).toBeInstanceOf(FinalizersFailedError);
    expect((thrown as FinalizersFailedError).errors.map((error) => (error as Error).message)).toEqual(["body", "two", "one"]);
    expect((thrown as Error).cause).toBe((thrown as FinalizersFailedError).errors[0]);
  });

  test("a cancelled program unwinds from the inside out, through calls, each finally once", () => {
    const order: string[] = [];
    const door = new Door<void>();
    const close = (): void => {
      throw new Error("finally threw");
    };
    function* level(n: number): Generator<never, void> {
      try {
        if (n === 0) yield* door.wait();
        else yield* call(level(n - 1));
      } finally {
        order.push(`level ${n}`);
        if (n === 1) close();
      }
    }
    const seen = watch(() => level(2));
    seen.cancel();
    seen.cancel();
    expect(order).toEqual(["level 0", "level 1", "level 2"]);
    expect(seen.outcome).toMatchObject({ type: "failed", error: { message: "finally threw" } });
  });

  test("ensure: the finaliser may wait and is not cut short, under plain yield* as well", () => {
    const order: string[] = [];
    const [work, first, second] = [new Door<void>(), new Door<void>(), new Door<void>()];
    function* closing(): Generator<never, void> {
      yield* first.wait();
      order.push("half closed");
      yield* second.wait();
      order.push("closed");
    }
    function* inner(): Generator<never, void> {
      yield* ensure(() => work.wait(), closing);
      order.push("never after a cancellation");
    }
    function* outer(): Generator<never, void> {
      try {
        yield* inner();
        order.push("nor this");
      } finally {
        order.push("outer");
      }
    }
    const seen = watch(outer);
    seen.cancel();
    seen.cancel();
    first.open();
    second.open();
    expect(order).toEqual(["half closed", "closed", "outer"]);
    expect(seen.outcome).toEqual({ type: "cancelled" });
    order.length = 0;
    const late = watch(outer);
    work.open();
    late.cancel();
    first.open();
    second.open();
    expect(order).toEqual(["half closed", "closed", "outer"]);
    expect(late.outcome).toEqual({ type: "cancelled" });
  });

  test("ensure: neither the program's failure nor the finaliser's is lost", () => {
    const fails = (message: string) => function* (): Generator<never, void> {
      throw new Error(message);
    };
    const messages = (body: () => Eff<never, unknown>): readonly string[] => {
      const outcome = watch(body).outcome!;
      if (outcome.type !== "failed") return [outcome.type];
      const errors = outcome.error instanceof FinalizersFailedError ? outcome.error.errors : [outcome.error];
      return errors.map((error) => (error as Error).message);
    };
    const fine = function* (): Generator<never, void> {};
    expect(messages(() => ensure(fails("a"), fails("b")))).toEqual(["a", "b"]);
    expect(messages(() => ensure(fine, fails("b")))).toEqual(["b"]);
    expect(messages(() => ensure(fails("a"), fine))).toEqual(["a"]);
    expect(messages(() => ensure(fine, fine))).toEqual(["done"]);
    expect(messages(() => ensure(() => ensure(fails("a"), fails("b")), fails("c")))).toEqual(["a", "b", "c"]);
    const door = new Door<void>();
    const cancelled = watch(() => ensure(() => door.wait(), fails("b")));
    cancelled.cancel();
    expect(cancelled.outcome).toMatchObject({ type: "failed", error: { message: "b" } });
  });

  test("what takes a wait back may throw: it is reported, and everything else still ends", () => {
    const order: string[] = [];
    const seen = watch(function* () {
      yield* onExit(() => void order.push("exit"));
      yield* suspend(() => () => {
        throw new Error("no way back");
      });
    });
    seen.cancel();
    expect(order).toEqual(["exit"]);
    expect(seen.outcome).toMatchObject({ type: "failed", error: { message: "no way back" } });
  });

  test("a fiber that answers another goes on first; what was started first runs first", () => {
    const order: string[] = [];
    const door = new Door<string>();
    runSync(function* () {
      const listener = yield* spawn(function* () {
        order.push(yield* door.wait());
      });
      yield* spawn(function* () {
        door.open("heard");
        order.push("told");
      });
      order.push("spawned");
      yield* listener.join();
    });
    expect(order).toEqual(["spawned", "told", "heard"]);
  });

  test("a fiber that is cancelled before it began never begins", () => {
    const order: string[] = [];
    runSync(function* () {
      const child = yield* spawn(function* () {
        order.push("began");
      });
      yield* child.cancel();
    });
    expect(order).toEqual([]);
  });

  test("a fiber may cancel itself: it ends where it waits next", () => {
    const order: string[] = [];
    const seen: { cancel: () => void } = { cancel: () => undefined };
    let outcome: Outcome<void> | undefined;
    const door = new Door<void>();
    seen.cancel = launch(
      function* () {
        yield* door.wait();
        seen.cancel();
        order.push("still here");
        yield* door.wait();
        order.push("never");
      },
      (ended) => { outcome = ended; },
    ).cancel;
    door.open();
    expect(order).toEqual(["still here"]);
    expect(outcome).toEqual({ type: "cancelled" });
    expect(door.waiting).toBe(0);
  });

  test("a fiber that was cancelled begins no wait, not even one that would be answered at once", () => {
    const order: string[] = [];
    const seen: { cancel: () => void } = { cancel: () => undefined };
    const door = new Door<void>();
    seen.cancel = launch(
      function* () {
        yield* door.wait();
        yield* onExit(() => void order.push("ended"));
        seen.cancel();
        yield* suspend<void>((resume) => {
          order.push("begun");
          resume();
        });
        order.push("never");
      },
      () => undefined,
    ).cancel;
    door.open();
    expect(order).toEqual(["ended"]);
  });

  const door = new Door<void>();
  test("nor does it begin others beside it", () => {
    for (const together of [() => all([() => door.wait()]), () => race([() => door.wait()]), () => scope(() => door.wait())]) {
      const seen = watch(function* () {
        yield* door.wait();
        seen.cancel();
        yield* together();
      });
      door.open();
      expect(seen.outcome).toEqual({ type: "cancelled" });
      expect(door.waiting).toBe(0);
    }
  });

  test("uninterrupted: a cancellation waits for its end, however it ends, and comes before the next thing", () => {
    for (const fails of [false, true]) {
      const door = new Door<void>();
      const order: string[] = [];
      const seen = watch(function* () {
        yield* ensure(
          function* () {
            yield* uninterrupted(function* () {
              yield* uninterrupted(() => door.wait());
              yield* door.wait();
              order.push("whole");
            });
            order.push("never");
          },
          function* () { order.push("finaliser"); },
        );
      });
      seen.cancel();
      door.open();
      seen.cancel();
      expect(seen.outcome).toBeUndefined();
      if (fails) door.fail(new Error("torn"));
      else door.open();
      expect(order).toEqual(fails ? ["finaliser"] : ["whole", "finaliser"]);
      expect(seen.outcome).toMatchObject(fails ? { type: "failed", error: { message: "torn" } } : { type: "cancelled" });
    }
  });

  test("uninterrupted does not begin in a fiber that was cancelled; in a finaliser it does", () => {
    const order: string[] = [];
    const door = new Door<void>();
    const seen = watch(function* () {
      yield* onExit(() => uninterrupted(function* () { order.push("finaliser"); }));
      yield* door.wait();
      seen.cancel();
      yield* uninterrupted(function* () { order.push("never"); });
    });
    door.open();
    expect(order).toEqual(["finaliser"]);
    expect(seen.outcome).toEqual({ type: "cancelled" });
  });

  test("acquire: what is opened while the fiber is cancelled is released, what did not open is not, the last first", () => {
    const order: string[] = [];
    const door = new Door<string>();
    const opened = () => acquire(() => door.wait(), (name) => void order.push(`close ${name}`));
    const program = function* () {
      order.push(`open ${yield* opened()}`);
      order.push(`open ${yield* opened()}`);
      yield* door.wait();
    };
    const cancelled = watch(program);
    door.open("a");
    cancelled.cancel();
    expect(cancelled.outcome).toBeUndefined();
    door.open("b");
    expect(order.splice(0)).toEqual(["open a", "close b", "close a"]);
    expect(cancelled.outcome).toEqual({ type: "cancelled" });
    const failed = watch(program);
    door.open("a");
    door.fail(new Error("b does not open"));
    expect(order).toEqual(["open a", "close a"]);
    expect(failed.outcome).toMatchObject({ type: "failed", error: { message: "b does not open" } });
  });
});

describe("stacks", () => {
  const door = new Door<void>();
  function* bottom(): Generator<never, void> {
    yield* door.wait();
    throw new Error("lost");
  }
  function* middle(): Generator<never, void> {
    yield* call(bottom());
  }
  function* plain(): Generator<never, void> {
    yield* middle();
  }
  function* top(): Generator<never, void> {
    yield* call(plain());
  }
  const framesOf = (error: unknown): string[] =>
    (error as Error).stack!.split("\n").filter((line) => line.startsWith("    at ")).map((line) => line.trim().split(" ")[1]!);

  test("show the user's functions from the throw outward, across a suspension, and nothing else", () => {
    const seen = watch(top);
    door.open();
    expect(seen.outcome).toMatchObject({ type: "failed", error: { message: "lost" } });
    const { error } = seen.outcome as { error: unknown };
    expect(framesOf(error)).toEqual(["bottom", "middle", "plain", "top"]);
  });

  test("go on from a child to who waits for it, and keep who called runSync", () => {
    function* parent(): Generator<never, void> {
      yield* all([bottom]);
    }
    const seen = watch(parent);
    door.open();
    expect(framesOf((seen.outcome as { error: unknown }).error)).toEqual(["bottom", "parent"]);
    function* inner(): Generator<never, void> {
      throw new Error("at once");
    }
    function* outer(): Generator<never, void> {
      yield* call(inner());
    }
    const caller = (): unknown => {
      try {
        return runSync(outer);
      } catch (error) {
        return error;
      }
    };
    expect(framesOf(caller()).slice(0, 3)).toEqual(["inner", "outer", "caller"]);
  });

  test("are those of the user in a cause, too", () => {
    const seen = watch(function* named(): Generator<never, void> {
      try {
        yield* plain();
      } catch (cause) {
        throw new Error("wrapped", { cause });
      }
    });
    door.open();
    const { error } = seen.outcome as { error: Error };
    expect(framesOf(error)).toEqual(["named"]);
    expect(framesOf(error.cause)).toEqual(["bottom", "middle", "plain", "named"]);
  });

  test("leave the engine's limit of lines as it was", () => {
    const limit = Error.stackTraceLimit;
    expect(runSync(function* () { return Error.stackTraceLimit; })).toBeGreaterThan(limit);
    expect(Error.stackTraceLimit).toBe(limit);
    const frozen = Object.freeze(new Error("frozen"));
    expect(() => runSync(() => { throw frozen; })).toThrow(frozen);
  });
});
