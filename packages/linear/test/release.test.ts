import { describe, expect, test } from "vitest";
import { AffineResource, LinearContext, LinearLeakError, LinearResource, LinearTypeError, observeResources } from "../src/index.ts";
import { DisposableStack } from "../src/resources/disposable-stack.ts";
import { reportForgotten } from "../src/resources/forgotten.ts";
import { expectNoLeaks, leakMatchers } from "../src/vitest.ts";

declare module "vitest" {
  // oxlint-disable-next-line no-explicit-any -- as vitest declares it
  interface Matchers<T = any> {
    toLeaveNoLeaks(): T;
  }
}

describe("disposal hooks", () => {
  test("run once, at the close of the context or of using, and not after consume", () => {
    const log: string[] = [];
    const dispose = (value: string): void => void log.push(value);
    const context = new LinearContext({ onLeak: (leaks) => log.push(`${leaks.length} left`) });
    new LinearResource("a", { context, dispose });
    new LinearResource("b", { context, dispose }).consume();
    new AffineResource("c", { context, dispose: () => { throw new Error("no"); } });
    context.close();
    {
      using own = new LinearResource("d", { dispose });
      own.use(() => 0);
    }
    {
      using taken = new LinearResource("e", { dispose });
      taken.consume();
    }
    expect(log).toEqual(["a", "1 left", "d"]);
  });

  test("move takes the hook along; a borrow holds it back", () => {
    const log: number[] = [];
    const context = new LinearContext();
    const moved = new LinearResource(1, { dispose: (n) => log.push(n) }).move(context);
    moved.use(() => {
      expect(() => moved[Symbol.dispose]()).toThrow(LinearTypeError);
    });
    moved[Symbol.dispose]();
    context.close();
    expect(log).toEqual([1]);
  });
});

test("map and split do nothing when they throw, and keep name and context", () => {
  const context = new LinearContext({ name: "job" });
  const r = new LinearResource(2, { name: "r", context });
  expect(() => r.map(() => { throw new Error("no"); })).toThrow("no");
  expect(r.isConsumed).toBe(false);
  const text = r.map(String);
  expect([text.name, r.isConsumed]).toEqual(["r", true]);
  expect(() => r.map(String)).toThrow(LinearTypeError);
  const parts = text.split((one) => [one, 7]);
  expect(() => context.close()).toThrow(LinearLeakError);
  expect(parts.map((part) => part.isConsumed)).toEqual([true, true]);
});

describe("a disposable stack", () => {
  test("releases in reverse, once, and hands on", () => {
    const log: string[] = [];
    const stack = new DisposableStack();
    expect(stack.use(null)).toBe(null);
    stack.use(new LinearResource("r", { dispose: (text) => log.push(text) }));
    stack.adopt("a", (text) => log.push(text));
    const next = stack.move();
    expect(() => stack.defer(() => undefined)).toThrow(ReferenceError);
    expect(() => stack.move()).toThrow(ReferenceError);
    stack.dispose();
    expect(log).toEqual([]);
    next[Symbol.dispose]();
    next.dispose();
    expect(log).toEqual(["a", "r"]);
    expect(next.disposed).toBe(true);
  });

  test("runs every release, and throws what they threw", () => {
    const log: string[] = [];
    const fails = (text: string) => (): void => {
      throw new Error(text);
    };
    const one = new DisposableStack();
    one.defer(() => log.push("ran"));
    one.defer(fails("x"));
    expect(() => one.dispose()).toThrow("x");
    expect(log).toEqual(["ran"]);
    const two = new DisposableStack();
    two.defer(fails("x"));
    two.defer(fails("y"));
    expect(() => two.dispose()).toThrow(AggregateError);
  });
});

describe("watching for leaks", () => {
  test("expectNoLeaks names what was left, sync and async, and lets the rest through", async () => {
    expect(expectNoLeaks(() => new LinearResource(1).consume())).toBe(1);
    expect(() => expectNoLeaks(() => void new LinearResource(1, { name: "lost" }))).toThrow("lost");
    expect(() => expectNoLeaks(() => void new AffineResource(1))).not.toThrow();
    await expect(expectNoLeaks(async () => new LinearResource(1, { name: "late" }).name)).rejects.toThrow(LinearLeakError);
    await expect(expectNoLeaks(async () => new LinearResource(2).consume())).resolves.toBe(2);
    await expect(expectNoLeaks(async () => { throw new Error("own"); })).rejects.toThrow("own");
    expect(() => expectNoLeaks(() => { throw new Error("own"); })).toThrow("own");
    expect(() => expectNoLeaks(() => expectNoLeaks(() => new LinearResource(1)))).toThrow(LinearLeakError);
    expect(observeResources(undefined)).toBe(undefined);
  });

  test("the matcher", () => {
    expect.extend(leakMatchers);
    expect(() => new LinearResource(1).consume()).toLeaveNoLeaks();
    expect(() => void new LinearResource(1)).not.toLeaveNoLeaks();
    expect(leakMatchers.toLeaveNoLeaks(() => undefined).pass).toBe(true);
    const verdict = leakMatchers.toLeaveNoLeaks(() => void new LinearResource(1, { name: "lost" }));
    expect([verdict.pass, verdict.message().includes("lost")]).toEqual([false, true]);
    expect(() => leakMatchers.toLeaveNoLeaks(() => { throw new Error("own"); })).toThrow("own");
  });

  test("reportForgotten stands in line with other watchers, and stops", () => {
    const seen: string[] = [];
    observeResources({ created: ({ name }) => seen.push(name), ended: () => undefined });
    const stop = reportForgotten(() => undefined);
    new LinearResource(1, { name: "a" }).consume();
    stop();
    new LinearResource(1, { name: "b" }).consume();
    observeResources(undefined);
    new LinearResource(1, { name: "c" }).consume();
    expect(seen).toEqual(["a", "b"]);
  });
});
