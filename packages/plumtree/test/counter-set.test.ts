import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CounterSet } from "../src/protocol/counter-set.ts";

const MAX = 40;

describe("CounterSet", () => {
  test("is a set of counters, whatever the order in which they come", () => {
    const action = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: MAX }) }),
      fc.record({ raise: fc.integer({ min: 0, max: MAX }) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), fc.integer({ min: 0, max: MAX }), (actions, upTo) => {
        const set = new CounterSet();
        const model = new Set<number>();
        for (const one of actions) {
          if ("raise" in one) {
            set.raise(one.raise);
            for (let counter = 1; counter <= one.raise; counter += 1) model.add(counter);
          } else if (!model.has(one.add)) {
            set.add(one.add);
            model.add(one.add);
          }
        }
        let low = 0;
        while (model.has(low + 1)) low += 1;
        expect([set.low, set.high]).toEqual([low, Math.max(0, ...model)]);
        const counters = Array.from({ length: MAX }, (_, index) => index + 1);
        expect(counters.filter((counter) => set.has(counter))).toEqual(counters.filter((counter) => model.has(counter)));
        const holes = [...set.holes(upTo)].flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
        expect(holes).toEqual(counters.filter((counter) => counter <= upTo && !model.has(counter)));
        for (const [index, { from, to }] of set.runs.entries()) {
          expect(from).toBeGreaterThan((set.runs[index - 1]?.to ?? set.low) + 1);
          expect(to).toBeGreaterThanOrEqual(from);
        }
      }),
    );
  });
});
