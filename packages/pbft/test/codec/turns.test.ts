import { peerId } from "@void-system/effects";
import { expect, test } from "vitest";
import { Turns } from "../../src/codec/turns.ts";
import { VERIFICATIONS_BURST_MAX, VERIFICATIONS_PER_MS, WAITING_BYTES_MAX } from "../../src/limits.ts";

const [liar, honest] = [peerId("liar"), peerId("honest")];

/** A thread of which the test is the event loop. */
class Thread {
  nowMs = 0;
  spent = 0;
  readonly opened: string[] = [];
  readonly #due: (() => void)[] = [];
  readonly turns = new Turns(
    {
      monotonicMs: () => this.nowMs,
      schedule: (_delayMs, wake) => {
        this.#due.push(wake);
        return () => undefined;
      },
    },
    () => this.spent,
  );

  frame(peer: typeof liar, cost: number, bytes = 100): boolean {
    return this.turns.take(peer, bytes, () => {
      this.spent += cost;
      this.opened.push(peer);
    });
  }

  turn(): boolean {
    const wake = this.#due.shift();
    wake?.();
    return wake !== undefined;
  }
}

test("a frame of a peer with credit is opened at once, also while those of others wait", () => {
  const thread = new Thread();
  for (let count = 0; count < 10; count += 1) thread.frame(liar, VERIFICATIONS_BURST_MAX);
  expect(thread.opened).toEqual([liar]);
  thread.frame(honest, 1);
  expect(thread.opened).toEqual([liar, honest]);
});

test("frames that wait are opened a few a turn, each of the peer that has spent least, and none is left", () => {
  const thread = new Thread();
  for (const peer of [liar, honest]) thread.frame(peer, VERIFICATIONS_BURST_MAX);
  for (let count = 0; count < 20; count += 1) thread.frame(liar, 40);
  for (let count = 0; count < 4; count += 1) thread.frame(honest, 10);
  thread.opened.length = 0;
  while (thread.turn());
  expect(thread.opened).toHaveLength(24);
  // Four of ten cost as much as one of forty.
  expect(thread.opened.slice(0, 6).filter((peer) => peer === honest)).toHaveLength(4);
});

test("the frames of one peer keep their order", () => {
  const thread = new Thread();
  const order: number[] = [];
  const take = (count: number): boolean => thread.turns.take(liar, 1, () => void (order.push(count), (thread.spent += 100)));
  for (let count = 0; count < 6; count += 1) take(count);
  thread.nowMs += 10 * VERIFICATIONS_BURST_MAX;
  take(6);
  while (thread.turn());
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test("credit comes back with time, up to a burst", () => {
  const thread = new Thread();
  thread.frame(liar, VERIFICATIONS_BURST_MAX);
  thread.nowMs += 5;
  for (let count = 0; count < 10; count += 1) thread.frame(liar, 5 * VERIFICATIONS_PER_MS);
  expect(thread.opened).toHaveLength(2);
});

test("a turn ends: also frames that cost no verification are opened a few at a time", () => {
  const thread = new Thread();
  thread.frame(liar, VERIFICATIONS_BURST_MAX);
  for (let count = 0; count < 1_000; count += 1) thread.frame(liar, 0);
  thread.opened.length = 0;
  thread.turn();
  expect(thread.opened.length).toBeGreaterThan(50);
  expect(thread.opened.length).toBeLessThan(300);
});

test("what waits of one peer is bounded", () => {
  const thread = new Thread();
  thread.frame(liar, VERIFICATIONS_BURST_MAX);
  const half = WAITING_BYTES_MAX / 2;
  expect([thread.frame(liar, 1, half), thread.frame(liar, 1, half), thread.frame(liar, 1, half)]).toEqual([true, true, false]);
  while (thread.turn());
  expect(thread.frame(liar, 1, half)).toBe(true);
});
