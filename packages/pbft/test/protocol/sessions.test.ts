import { ByteReader } from "@void-system/bytes";
import { peerId } from "@void-system/effects";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SESSION_AHEAD_MAX, SESSION_RESULT_BYTES_MAX, SESSION_WINDOW } from "../../src/limits.ts";
import { ReplyStatus } from "../../src/codec/message.ts";
import { Sessions } from "../../src/protocol/sessions.ts";
import { hex } from "../support/cluster.ts";

const [a, b, c] = ["a", "b", "c"].map(peerId) as [
  ReturnType<typeof peerId>,
  ReturnType<typeof peerId>,
  ReturnType<typeof peerId>,
];
const ok = (number: number, ...result: number[]): { number: number; status: 0; result: Uint8Array } => ({
  number,
  status: ReplyStatus.ok,
  result: Uint8Array.from(result),
});
const told = (sessions: Sessions, client: typeof a, number: number): number =>
  new ByteReader(sessions.answer(client, number)!.result).u53();

describe("sessions", () => {
  test("a number executes once; a resend gets the reply that was stored", () => {
    const sessions = new Sessions(8);
    expect(sessions.answer(a, 5)).toBeUndefined();
    sessions.record(a, ok(5, 1, 2));
    expect(sessions.answer(a, 5)).toEqual(ok(5, 1, 2));
    expect(sessions.answer(b, 5)).toBeUndefined();
  });

  test("numbers come in any order within the window; what falls out of it is stale and told the highest", () => {
    const sessions = new Sessions(8);
    sessions.record(a, ok(10_000));
    sessions.record(a, ok(9_500));
    expect(sessions.answer(a, 10_000 - SESSION_WINDOW + 1)).toBeUndefined();
    expect(sessions.answer(a, 10_000 - SESSION_WINDOW)).toMatchObject({ status: ReplyStatus.stale });
    expect(told(sessions, a, 3)).toBe(10_000);
    sessions.record(a, ok(10_000 + 2 * SESSION_WINDOW));
    expect(sessions.answer(a, 10_000)).toMatchObject({ status: ReplyStatus.stale });
  });

  test("the client unused for longest is dropped, and can never execute its old numbers again", () => {
    const sessions = new Sessions(2);
    sessions.record(a, ok(100));
    sessions.record(b, ok(50));
    sessions.record(a, ok(101));
    sessions.record(c, ok(7_000));
    expect(sessions.size).toBe(2);
    expect(sessions.answer(b, 50)).toMatchObject({ status: ReplyStatus.stale });
    expect(told(sessions, b, 50)).toBe(50);
    expect(sessions.answer(b, 51)).toBeUndefined();
    expect(sessions.answer(a, 101)).toEqual(ok(101));
  });

  test("numbers may not run ahead of the agreed time, so that a liar cannot push the floor far", () => {
    const sessions = new Sessions(2);
    expect(sessions.refuseAhead(a, 1_000_000 + SESSION_AHEAD_MAX, 1_000)).toBeUndefined();
    expect(sessions.refuseAhead(a, 1_000_001 + SESSION_AHEAD_MAX, 1_000)).toMatchObject({ status: ReplyStatus.ahead });
  });

  test("results beyond the budget are forgotten, the execution is not", () => {
    const sessions = new Sessions(2);
    const big = new Uint8Array(SESSION_RESULT_BYTES_MAX / 2);
    for (const number of [1, 2, 3]) sessions.record(a, { number, status: ReplyStatus.ok, result: big });
    expect(sessions.answer(a, 1)).toMatchObject({ status: ReplyStatus.forgotten });
    expect(sessions.answer(a, 3)).toMatchObject({ status: ReplyStatus.ok });
  });

  test("restored from their chunks they answer and evict alike, and encode to the same bytes", () => {
    const step = fc.tuple(
      fc.constantFrom(a, b, c, peerId("d")),
      fc.integer({ min: 0, max: 4_000 }),
      fc.uint8Array({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.array(step, { maxLength: 60 }), (before, after) => {
        const run = (sessions: Sessions, steps: typeof before): void => {
          for (const [client, number, result] of steps) {
            if (sessions.answer(client, number) === undefined)
              sessions.record(client, { number, status: ReplyStatus.ok, result });
          }
        };
        const live = new Sessions(3);
        run(live, before);
        const restored = new Sessions(3);
        restored.restore(live.encode());
        run(live, after);
        run(restored, after);
        expect(restored.encode().map(hex)).toEqual(live.encode().map(hex));
      }),
      { numRuns: 200 },
    );
  });

  test("against a model that forgets nothing: nothing executes twice, whatever is evicted", () => {
    const step = fc.tuple(fc.constantFrom(a, b, c), fc.integer({ min: 1, max: 3_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const sessions = new Sessions(2);
        const executed = new Set<string>();
        for (const [client, number] of steps) {
          if (sessions.answer(client, number) !== undefined) continue;
          expect(executed.has(`${client} ${number}`)).toBe(false);
          executed.add(`${client} ${number}`);
          sessions.record(client, ok(number));
        }
      }),
    );
  });
});
