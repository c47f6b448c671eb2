import fc from "fast-check";
import { expect, test } from "vitest";
import { LaneIndex } from "../src/world/lane-index.ts";
import { LaneTable, NO_LANE, WORD } from "../src/world/lane-table.ts";

test("a lane is found by its ends among any number of lanes", () => {
  const node = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 5_000 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(node, node), { maxLength: 200 }), (pairs) => {
      const table = new LaneTable();
      const index = new LaneIndex(table);
      for (let added = 0; added <= 5_000; added += 1) table.addNode();
      const known = new Map<string, number>();
      for (const [from, to] of pairs) {
        expect(index.find(from, to)).toBe(known.get(`${from} ${to}`) ?? NO_LANE);
        if (from === to || known.has(`${from} ${to}`)) continue;
        const lane = table.add(from, to);
        index.add(lane);
        index.add(table.back(lane));
        known.set(`${from} ${to}`, lane).set(`${to} ${from}`, table.back(lane));
      }
      for (const [ends, lane] of known) {
        const [from = -1, to = -1] = ends.split(" ").map(Number);
        expect(index.find(from, to)).toBe(lane);
        expect([table.get(lane, WORD.from), table.get(lane, WORD.to)]).toEqual([from, to]);
        expect(table.of(from)).toContain(lane);
      }
    }),
    { numRuns: 50 }
  );
});
