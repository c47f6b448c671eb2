import { describe, expect, test } from "vitest";
import {
  acquire,
  all,
  call,
  type Eff,
  ensure,
  FiberCancelledError,
  FinalizersFailedError,
  launch,
  onExit,
  type Outcome,
  race,
  runSync,
  scope,
  spawn,
  suspend,
  uninterrupted,
} from "../src/fibers/index.ts";
import { Door, watch } from "./fiber-kit.ts";

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
        order.push("resumed");
      });
      order.push("spawned");
      yield* listener.join();
    });
    expect(order).toEqual(["spawned", "resumed", "heard"]);
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
