import { peerId } from "@void-system/effects";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SESSION_AHEAD_MAX, SESSION_RESULT_BYTES_MAX, SESSION_WINDOW } from "../../src/limits.ts";
import { HintReason, ReplyStatus } from "../../src/codec/message.ts";
import { Fate } from "../../src/codec/question.ts";
import { Sessions, type Answer } from "../../src/protocol/sessions.ts";
import { hex } from "../support/cluster.ts";
import { results } from "../support/messages.ts";

const [a, b, c] = ["a", "b", "c"].map(peerId) as [
  ReturnType<typeof peerId>,
  ReturnType<typeof peerId>,
  ReturnType<typeof peerId>,
];
let batches = 0;
/** Executes a request in a batch of its own, and returns the answer that is kept. */
function execute(sessions: Sessions, client: typeof a, number: number, result: Uint8Array = new Uint8Array(0), lowest = 0): Answer {
  batches += 1;
  const { executed, results: [made] } = results(client, [{ number, status: ReplyStatus.ok, result }], batches);
  sessions.record(client, executed, made!, lowest);
  return { type: "result", executed, result: made! };
}
const hint = (reason: HintReason, number: number, highest: number): Answer => ({ type: "hint", number, reason, highest });

describe("sessions", () => {
  test("a number executes once; a resend gets the reply that was stored", () => {
    const sessions = new Sessions(8);
    expect(sessions.answer(a, 5)).toBeUndefined();
    const answer = execute(sessions, a, 5, Uint8Array.of(1, 2));
    expect(sessions.answer(a, 5)).toEqual(answer);
    expect(sessions.answer(b, 5)).toBeUndefined();
  });

  test("numbers come in any order within the window; what falls out of it is stale and told the highest", () => {
    const sessions = new Sessions(8);
    execute(sessions, a, 10_000);
    execute(sessions, a, 9_500);
    expect(sessions.answer(a, 10_000 - SESSION_WINDOW + 1)).toBeUndefined();
    expect(sessions.answer(a, 10_000 - SESSION_WINDOW)).toEqual(hint(HintReason.stale, 10_000 - SESSION_WINDOW, 10_000));
    expect(sessions.answer(a, 3)).toEqual(hint(HintReason.stale, 3, 10_000));
    execute(sessions, a, 10_000 + 2 * SESSION_WINDOW);
    expect(sessions.answer(a, 10_000)).toMatchObject({ reason: HintReason.stale });
  });

  test("the client unused for longest is dropped, and can never execute its old numbers again", () => {
    const sessions = new Sessions(2);
    execute(sessions, a, 100);
    execute(sessions, b, 50);
    const answer = execute(sessions, a, 101);
    execute(sessions, c, 7_000);
    expect(sessions.size).toBe(2);
    expect(sessions.answer(b, 50)).toEqual(hint(HintReason.stale, 50, 50));
    expect(sessions.answer(b, 51)).toBeUndefined();
    expect(sessions.answer(a, 101)).toEqual(answer);
  });

  test("numbers may not run ahead of the agreed time, so that a liar cannot push the floor far", () => {
    const sessions = new Sessions(2);
    const asked = (number: number, notAfterMs = 1_000) => ({ client: a, number, notAfterMs });
    expect(sessions.refuseAt(1_000, asked(1_000_000 + SESSION_AHEAD_MAX))).toBeUndefined();
    expect(sessions.refuseAt(1_000, asked(1_000_001 + SESSION_AHEAD_MAX))).toEqual(hint(HintReason.ahead, 1_000_001 + SESSION_AHEAD_MAX, 0));
  });

  test("what a client has settled is forgotten, and never executed any longer", () => {
    const sessions = new Sessions(2);
    for (const number of [10, 11, 13]) execute(sessions, a, number);
    execute(sessions, a, 14, new Uint8Array(1), 12);
    for (const number of [10, 11]) expect(sessions.answer(a, number)).toEqual(hint(HintReason.stale, number, 14));
    expect(sessions.answer(a, 12)).toBeUndefined();
    expect(sessions.answer(a, 13)).toMatchObject({ type: "result" });
    // An older request does not move it back.
    execute(sessions, a, 12, new Uint8Array(0), 9);
    expect(sessions.answer(a, 11)).toMatchObject({ reason: HintReason.stale });
  });

  test("the fate of a number: never, executed, or gone", () => {
    const sessions = new Sessions(1);
    execute(sessions, a, 10, new Uint8Array(0), 5);
    expect([10, 11, 5, 4].map((number) => sessions.fateOf(a, number))).toEqual([Fate.executed, Fate.never, Fate.never, Fate.gone]);
    execute(sessions, b, 20);
    expect([10, 11].map((number) => sessions.fateOf(a, number))).toEqual([Fate.gone, Fate.never]);
  });

  test("a request whose time is over is refused for good", () => {
    const sessions = new Sessions(1);
    expect(sessions.refuseAt(1_001, { client: a, number: 7, notAfterMs: 1_000 })).toEqual(hint(HintReason.expired, 7, 0));
  });

  test("results beyond the budget are forgotten, the execution is not", () => {
    const sessions = new Sessions(2);
    const big = new Uint8Array(SESSION_RESULT_BYTES_MAX / 2);
    for (const number of [1, 2, 3]) execute(sessions, a, number, big);
    expect(sessions.answer(a, 1)).toEqual(hint(HintReason.forgotten, 1, 3));
    expect(sessions.answer(a, 3)).toMatchObject({ type: "result" });
  });

  test("restored from their chunks they answer and evict alike, and encode to the same bytes", () => {
    const step = fc.tuple(
      fc.constantFrom(a, b, c, peerId("d")),
      fc.integer({ min: 0, max: 4_000 }),
      fc.uint8Array({ maxLength: 5 }),
      fc.integer({ min: 0, max: 4_000 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.array(step, { maxLength: 60 }), (before, after) => {
        const run = (sessions: Sessions, steps: typeof before): void => {
          for (const [client, number, result, lowest] of steps) {
            if (sessions.answer(client, number) === undefined) execute(sessions, client, number, result, Math.min(lowest, number));
          }
        };
        const live = new Sessions(3);
        run(live, before);
        const restored = new Sessions(3);
        restored.restore(live.encode());
        const from = batches;
        run(live, after);
        batches = from;
        run(restored, after);
        expect(restored.encode().map(hex)).toEqual(live.encode().map(hex));
      }),
      { numRuns: 200 },
    );
  });

  test("against a model that forgets nothing: nothing executes twice, whatever is evicted", () => {
    const step = fc.tuple(fc.constantFrom(a, b, c), fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 0, max: 3_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const sessions = new Sessions(2);
        const executed = new Set<string>();
        for (const [client, number, lowest] of steps) {
          if (sessions.answer(client, number) !== undefined) continue;
          expect(executed.has(`${client} ${number}`)).toBe(false);
          executed.add(`${client} ${number}`);
          execute(sessions, client, number, new Uint8Array(0), Math.min(lowest, number));
        }
      }),
    );
  });
});
