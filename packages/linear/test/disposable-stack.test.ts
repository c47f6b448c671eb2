import { describe, expect, test } from "vitest";
import { LinearResource } from "../src/index.ts";
import { DisposableStack } from "../src/resources/disposable-stack.ts";

describe("a disposable stack", () => {
  test("releases in reverse, once, and moves to a new stack", () => {
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

  test("runs every release, and throws their errors", () => {
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
