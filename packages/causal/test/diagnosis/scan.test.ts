import * as fc from "fast-check";
import { expect, test } from "vitest";
import { scan, usualLargest, WindowScan } from "../../src/diagnosis/scan.ts";
import { baseline } from "../../src/statistics.ts";

const values = fc.array(fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constant(Number.NaN)), { minLength: 5, maxLength: 80 }).map((all) => Float64Array.from(all));

test("the heights of all windows are those of a scan of each", () => {
  const judge = (series: Float64Array, wanted: number, stride: number): void => {
    const rows = Math.min(wanted, series.length);
    const found = [...new WindowScan(series.length, rows, stride).of(series)];
    const expected = found.map((_, window) => scan(series.slice(window * stride, window * stride + rows)).height);
    expect(found).toEqual(expected.map((height) => expect.closeTo(height, 9)));
    expect(found).toHaveLength(Math.floor((series.length - rows) / stride) + 1);
  };
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 5 }), judge));
});

test("the usual largest is the value that 97 of 100 stay below, without those left out", () => {
  const judge = (all: Float64Array, a: number, b: number): void => {
    const heights = all.map((value) => (Number.isNaN(value) ? 0 : value));
    const [from, to] = [Math.min(a, b, heights.length), Math.min(Math.max(a, b), heights.length)];
    const kept = [...heights.slice(0, from), ...heights.slice(to)].sort((x, y) => x - y);
    fc.pre(kept.length > 0);
    expect(usualLargest(heights, -100, from, to)).toBe(kept[Math.min(kept.length - 1, Math.floor(0.97 * kept.length))]);
    expect(usualLargest(heights, 100, from, to)).toBe(100);
  };
  fc.assert(fc.property(values, fc.nat(80), fc.nat(80), judge));
});

test("centre and spread are the medians of the sorted values", () => {
  const middle = (all: readonly number[]): number => {
    const sorted = all.toSorted((a, b) => a - b);
    return (sorted[Math.ceil(sorted.length / 2) - 1]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
  };
  const judge = (series: Float64Array): void => {
    const finite = [...series].filter((value) => Number.isFinite(value));
    fc.pre(finite.length >= 5);
    const centre = middle(finite);
    const spread = middle(finite.map((value) => Math.abs(value - centre))) * 1.4826;
    const found = baseline(series, 5)!;
    expect(found.centre).toBe(centre);
    expect(found.spread).toBeCloseTo(Math.max(spread, Math.abs(centre) * 1e-3), 9);
  };
  fc.assert(fc.property(values, judge));
});
