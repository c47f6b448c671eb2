import { launch } from "@void-system/effects/fibers";
import { afterEach, expect, test } from "vitest";
import { ProcessSignals } from "../../src/cli/signals.ts";

const before = new Map((["SIGINT", "SIGTERM", "SIGHUP"] as const).map((signal) => [signal, process.listeners(signal)]));
afterEach(() => {
  for (const [signal, listeners] of before) {
    for (const listener of process.listeners(signal)) if (!listeners.includes(listener)) process.off(signal, listener);
  }
});

/** Waits, and counts how often it was worth it. */
function counted(wait: ReturnType<ProcessSignals["hungUp"]>): () => number {
  let count = 0;
  launch(function* () { yield* wait; }, () => count++);
  return () => count;
}

test("SIGHUP ends a program that does not wait for it", () => {
  const signals = new ProcessSignals();
  process.emit("SIGHUP");
  expect(signals.cancelled.aborted).toBe(true);
});

test("SIGHUP never ends one that does, also while it is busy with the last one; SIGTERM does", () => {
  const signals = new ProcessSignals();
  const first = counted(signals.hungUp());
  expect(first()).toBe(0);
  process.emit("SIGHUP");
  expect(first()).toBe(1);
  process.emit("SIGHUP");
  expect(counted(signals.hungUp())()).toBe(1);
  expect(counted(signals.hungUp())()).toBe(0);
  expect(signals.cancelled.aborted).toBe(false);
  process.emit("SIGTERM");
  expect(signals.cancelled.aborted).toBe(true);
});
