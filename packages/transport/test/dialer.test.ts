import { expect, test } from "vitest";
import { resolveLimits } from "../src/tls/limits.ts";
import { Dialer } from "../src/tls/peers/dialer.ts";
import { Identity } from "../src/tls/peers/identity.ts";
import { node } from "./nodes.ts";

interface Timer {
  readonly delayMs: number;
  readonly wake: () => void;
}

test("a link counts as a success when it has been up for the longest pause, and not before", async () => {
  const self = await node("a");
  const timers: Timer[] = [];
  const clock = {
    schedule(delayMs: number, wake: () => void) {
      const timer = { delayMs, wake };
      timers.push(timer);
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1));
    },
  };
  const identity = new Identity(self.key, self.certificate);
  const limits = resolveLimits({ reconnectMinMs: 50, reconnectMaxMs: 2_000 });
  const nothing = (): void => undefined;
  const parts = { identity, limits, clock, random: { next: () => 0.999 }, connected: nothing, failed: nothing };
  const dialer = new Dialer({ host: "192.0.2.1", port: 1 }, identity.pin, parts);
  const pause = (): number => {
    dialer.retry();
    expect(timers).toHaveLength(1);
    return timers[0]!.delayMs;
  };
  expect([pause(), pause(), pause()]).toEqual([50, 100, 200]);
  dialer.rest(); // up,
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([2_000]);
  expect(pause()).toBe(400); // and down again at once
  dialer.rest();
  timers.pop()!.wake(); // it has lasted
  expect(pause()).toBe(50);
  dialer.stop();
  expect(timers).toEqual([]);
});
