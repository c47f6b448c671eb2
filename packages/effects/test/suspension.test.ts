import { describe, expect, test } from "vitest";
import {
  call,
  ensure,
  FiberCancelledError,
  ResumedTwiceError,
  run,
  runSync,
  spawn,
  suspend,
  uninterrupted,
} from "../src/fibers/index.ts";
import { answers, Ask, Door, watch } from "./fiber-kit.ts";

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

  // Half a second, but half a minute with an algorithm that is quadratic in the depth.
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
