import fc from "fast-check";
import { expect, test } from "vitest";
import { EVENT } from "../src/engine/event-kind.ts";
import { EventQueue } from "../src/engine/event-queue.ts";
import { EventTable, NO_EVENT } from "../src/engine/event-table.ts";

/** Distance from the last event taken: behind it, at the same time, within the wheel, at its edge, or far beyond. */
const aheadUs = fc.oneof(
  fc.integer({ min: -20, max: 40 }),
  fc.integer({ min: 8_180, max: 8_204 }),
  fc.integer({ min: 0, max: 9_000 }),
  fc.integer({ min: 0, max: 10_000_000 }),
  fc.integer({ min: 262_130, max: 262_160 }),
  fc.integer({ min: 0, max: 300_000 }),
  fc.constant(2 ** 33)
);
const step = fc.oneof(
  fc.record({ push: fc.array(fc.tuple(aheadUs, fc.integer({ min: -1, max: 1 })), { minLength: 1, maxLength: 60 }) }),
  fc.record({ pop: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ sweep: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ flood: fc.integer({ min: 17, max: 60 }), aheadUs })
);

test("events come out in the order of time, tie and planning, whenever they were added", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(1, 5, 50, 1_000_000), (steps, growsAt) => {
      const table = new EventTable();
      const queue = new EventQueue(table, growsAt);
      const model: number[] = [];
      let nowUs = 100;
      let order = 0;
      const push = (ahead: number, tie: number): void => {
        const one = table.add(EVENT.timer, -1, -1, undefined);
        table.time(one, Math.max(0, nowUs + ahead), tie, order++);
        queue.push(one);
        const at = model.findIndex((other) => table.before(one, other));
        model.splice(at < 0 ? model.length : at, 0, one);
      };
      const pop = (): void => {
        const expected = model.shift() ?? NO_EVENT;
        if (queue.peek() !== expected || queue.pop() !== expected) throw new Error("another one was next");
        if (expected === NO_EVENT) return;
        nowUs = table.timeUs(expected);
        table.remove(expected);
      };
      for (const one of steps) {
        if ("push" in one) for (const [ahead, tie] of one.push) push(ahead, tie);
        else if ("sweep" in one) {
          // The heap gives up what the predicate names, the wheel nothing. Whatever it names is gone.
          queue.sweep((event) => {
            if (event % one.sweep !== 0) return false;
            model.splice(model.indexOf(event), 1);
            table.remove(event);
            return true;
          });
        } else if ("flood" in one) for (let count = 0; count < one.flood; count += 1) push(one.aheadUs, (count * 7) % 5);
        else for (let count = 0; count < one.pop; count += 1) pop();
        expect(queue.size).toBe(model.length);
        expect(new Set(queue.all())).toEqual(new Set(model));
      }
      while (model.length > 0) pop();
      expect(queue.pop()).toBe(NO_EVENT);
    })
  );
});
