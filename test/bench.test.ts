/**
 * The benches' results have one form, and stand in the READMEs as they are.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allResults, mistakesIn, withTable } from "../scripts/bench-tables.mjs";

const all = allResults(join(import.meta.dirname, ".."));
const row = {
  name: "x",
  unit: "us",
  better: "lower",
  ours: 1,
  against: [{ name: "bare", version: "1", kind: "floor", value: 0.9 }],
  ratio: 0.9,
  bar: 0.8,
  command: "npm run bench",
};

describe("bench results", () => {
  test.each(all)("of $name have the form", ({ rows }) => expect(mistakesIn(rows)).toEqual([]));

  test.each(all)("of $name stand in its README", ({ readme, rows }) => {
    const text = readFileSync(readme, "utf8");
    expect(withTable(text, rows)).toBe(text);
  });

  test("of another form are refused", () => {
    expect(mistakesIn([row])).toEqual([]);
    expect(mistakesIn([{ ...row, against: [], ratio: null }])).toEqual([]);
    for (const wrong of [{ bar: undefined }, { better: "more" }, { ours: Number.NaN }, { ratio: null }, { against: [{ name: "bare" }] }, { unit: "" }]) {
      expect(mistakesIn([{ ...row, ...wrong }]).length, JSON.stringify(wrong)).toBeGreaterThan(0);
    }
    expect(mistakesIn([]).length).toBe(1);
  });
});
