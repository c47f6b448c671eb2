import { type Eff, type Need, type Outcome, acquire, onExit } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import type { Component, Started } from "../../src/boot/component.ts";
import { BootError, BootOrderError } from "../../src/errors.ts";
import { Lifecycle } from "../../src/boot/lifecycle.ts";
import { Steps, Watched, cancelEverywhere } from "../support/steps.ts";

type Part = Component<Need<"void.clock">>;

/** A component that writes down what is done to it. */
function traced(trace: string[], part: Part & { readonly open?: () => Eff<never, void>; readonly close?: () => Eff<never, void>; readonly started?: Started }): Part {
  const { name, open, close, started } = part;
  return {
    ...part,
    *start() {
      yield* acquire(
        function* () {
          yield* open?.() ?? [];
          trace.push(`start ${name}`);
        },
        function* () {
          yield* close?.() ?? [];
          trace.push(`stop ${name}`);
        },
      );
      return { *drain() { trace.push(`drain ${name}`); }, ...started };
    },
  };
}

/** The life of components: up to where they all are ready, and on until it is cancelled. */
function life(steps: Steps, lifecycle: Lifecycle<Need<"void.clock">>, ready: () => void = () => undefined): Watched<void> {
  return new Watched(steps, () =>
    Clock.handle(steps, function* () {
      yield* lifecycle.start();
      ready();
      yield* steps.wait(() => undefined);
    }),
  );
}

const failureOf = (outcome: Outcome<unknown>): unknown => (outcome.type === "failed" ? outcome.error : outcome);

describe("Lifecycle", () => {
  test("starts by phase, then by needs; drains and stops in reverse", () => {
    const trace: string[] = [];
    const lifecycle = new Lifecycle([
      traced(trace, { name: "resp", phase: "faces", needs: ["pbft"] }),
      traced(trace, { name: "pbft", phase: "distributed", needs: ["links"] }),
      traced(trace, { name: "links", phase: "distributed" }),
      traced(trace, { name: "config", phase: "types" }),
    ]);
    life(new Steps(), lifecycle, () => trace.push("ready")).end();
    expect(trace.slice(0, 5)).toEqual(["start config", "start links", "start pbft", "start resp", "ready"]);
    expect(trace.slice(5).join(", ")).toBe(
      "drain resp, stop resp, drain pbft, stop pbft, drain links, stop links, drain config, stop config",
    );
  });

  test("all start, then all are waited for; what is not ready yet is well already", () => {
    const trace: string[] = [];
    const steps = new Steps();
    const recovers = (name: string): Started => ({
      ready: () => steps.wait(() => void trace.push(`ready ${name}`)),
      health: () => ({ ok: trace.includes(`ready ${name}`), detail: {} }),
    });
    const lifecycle = new Lifecycle([
      traced(trace, { name: "a", phase: "types", started: recovers("a") }),
      traced(trace, { name: "b", phase: "faces", started: recovers("b") }),
    ]);
    const living = life(steps, lifecycle, () => trace.push("up")).goOn(1);
    expect(trace).toEqual(["start a", "start b", "ready a"]);
    expect(lifecycle.health()).toEqual({ a: { ok: true, detail: {} }, b: { ok: false, detail: {} } });
    expect(lifecycle.at).toBe("b");
    living.goOn(1);
    expect(trace.slice(3)).toEqual(["ready b", "up"]);
    living.cancel();
    living.end();
    expect(lifecycle.health()).toEqual({});
  });

  test("a component that fails unwinds all before it and is named; nothing is drained", () => {
    const trace: string[] = [];
    const cause = new Error("port 6379 is taken");
    const lifecycle = new Lifecycle([
      traced(trace, { name: "config", phase: "types" }),
      traced(trace, { name: "resp", phase: "faces", open: () => { throw cause; } }),
      traced(trace, { name: "http", phase: "faces" }),
    ]);
    const failure = failureOf(life(new Steps(), lifecycle).end());
    expect(failure).toBeInstanceOf(BootError);
    expect(failure).toMatchObject({ component: "resp", cause, code: "ERR_BOOT" });
    expect(trace).toEqual(["start config", "stop config"]);
  });

  test("one that never becomes ready fails the boot, too", () => {
    const trace: string[] = [];
    const steps = new Steps();
    const broken: Started = { ready: () => steps.wait(() => { throw new Error("the log is damaged"); }) };
    const lifecycle = new Lifecycle([
      traced(trace, { name: "pbft", phase: "distributed", started: broken }),
      traced(trace, { name: "resp", phase: "faces" }),
    ]);
    expect(failureOf(life(steps, lifecycle).end())).toMatchObject({ component: "pbft", message: "pbft did not start: the log is damaged" });
    expect(trace).toEqual(["start pbft", "start resp", "stop resp", "stop pbft"]);
  });

  test("one that fails to stop does not keep the others from it, nor from their drain", () => {
    const trace: string[] = [];
    const lifecycle = new Lifecycle([
      traced(trace, { name: "a", phase: "types" }),
      traced(trace, { name: "b", phase: "faces", close: () => { throw new Error("stuck"); } }),
    ]);
    expect(failureOf(life(new Steps(), lifecycle).end())).toMatchObject({ message: "stuck" });
    expect(trace.slice(2)).toEqual(["drain b", "drain a", "stop a"]);
  });

  test("a drain that takes too long is cut short, each by itself; without a deadline there is none", () => {
    for (const drainMs of [0, 250]) {
      const trace: string[] = [];
      const steps = new Steps();
      const slow: Started = { drain: (deadlineMs) => steps.wait(() => { throw new Error(`not within ${deadlineMs} ms`); }) };
      const never: Started = { drain: () => Clock.handle(steps, () => Clock.sleep(60_000)) };
      const lifecycle = new Lifecycle([
        traced(trace, { name: "slow", phase: "types", started: slow }),
        traced(trace, { name: "never", phase: "faces", started: never }),
      ]);
      lifecycle.drainMs = drainMs;
      const outcome = life(steps, lifecycle).end();
      expect(trace.slice(2)).toEqual(["stop never", "stop slow"]);
      expect(steps.monotonicMs()).toBe(drainMs);
      expect(steps.isQuiet).toBe(true);
      expect(outcome).toMatchObject(drainMs === 0 ? { type: "done" } : { type: "failed", error: { message: "not within 250 ms" } });
    }
  });

  test("a component that ends the boot is the last to start", () => {
    const trace: string[] = [];
    const steps = new Steps();
    const lifecycle = new Lifecycle([
      { name: "first", phase: "types", start: () => steps.wait(() => undefined) },
      {
        name: "a",
        phase: "types",
        *start() {
          yield* onExit(() => void trace.push("stop a"));
          living.cancel();
        },
      },
      traced(trace, { name: "b", phase: "faces" }),
    ]);
    const living = life(steps, lifecycle);
    expect(living.end()).toEqual({ type: "cancelled" });
    expect(lifecycle.at).toBe("b");
    expect(trace).toEqual(["stop a"]);
  });

  test("cancelled wherever it waits: what started is stopped, once, in reverse", () => {
    let trace: string[] = [];
    const waits = cancelEverywhere(
      (steps) => {
        trace = [];
        const pause = (): Eff<never, void> => steps.wait(() => undefined);
        const part = (name: string, phase: Part["phase"]): Part =>
          traced(trace, { name, phase, open: pause, close: pause, started: { ready: pause, drain: pause } });
        const lifecycle = new Lifecycle([part("a", "types"), part("b", "security"), part("c", "faces")]);
        return () => Clock.handle(steps, () => lifecycle.start());
      },
      () => {
        const begun = trace.filter((line) => line.startsWith("start")).map((line) => line.slice(6));
        const ended = trace.filter((line) => line.startsWith("stop")).map((line) => line.slice(5));
        expect(ended).toEqual(begun.toReversed());
      },
    );
    // Three each to open, to be ready, to drain, to close.
    expect(waits).toBe(12);
  });

  test("a failure shows the functions of its component and of the boot, across its waits", () => {
    const steps = new Steps();
    function* readKeys(): Generator<never, void> {
      yield* steps.wait(() => undefined);
      throw new Error("the key is damaged");
    }
    const component: Part = { name: "identity", phase: "effects", *start() { yield* readKeys(); } };
    const failure = failureOf(life(steps, new Lifecycle([component])).end());
    const { stack } = (failure as BootError).cause as Error;
    const frames = stack!.split("\n").filter((line) => line.startsWith("    at ")).map((line) => line.trim().split(" ")[1]!);
    expect(frames.slice(0, 4)).toEqual(["readKeys", "Object.start", "named", "Lifecycle.start"]);
    expect(stack).not.toMatch(/effects\/(src|dist)\/fibers/);
  });

  test.each([
    ["a circle", [{ name: "a", phase: "types", needs: ["b"] }, { name: "b", phase: "types", needs: ["a"] }]],
    ["a missing need", [{ name: "a", phase: "types", needs: ["b"] }]],
    ["a need of a later phase", [{ name: "a", phase: "types", needs: ["b"] }, { name: "b", phase: "faces" }]],
    ["one name twice", [{ name: "a", phase: "types" }, { name: "a", phase: "faces" }]],
  ] satisfies [string, Component[]][])("refuses %s before anything starts", (_, parts) => {
    expect(() => new Lifecycle(parts)).toThrow(BootOrderError);
  });
});
