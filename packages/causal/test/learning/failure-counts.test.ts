import { describe, expect, test } from "vitest";
import { BUCKETS_MAX, type FailureBucket, FailureCounts, InvalidCountsError, MANY, UnknownOptionError } from "../../src/index.ts";

function counted(origin: string, times: number, startMs: number = 0): FailureCounts {
  const counts = new FailureCounts({ origin, bucketMs: 1_000 });
  for (let index = 0; index < times; index++) counts.record("api", index % 2 === 0, ["db"], startMs);
  return counts;
}

const sorted = (counts: FailureCounts): string[] => counts.buckets().map((bucket) => JSON.stringify(bucket)).toSorted();

describe("FailureCounts", () => {
  test("merging is idempotent, commutative, and the newest of an origin's bucket wins", () => {
    const [old, newer, other] = [counted("a", 3), counted("a", 5), counted("b", 2)];
    const one = new FailureCounts({ origin: "z" });
    const two = new FailureCounts({ origin: "y" });
    for (const from of [newer, other, old, newer]) one.merge(JSON.parse(JSON.stringify(from.buckets())));
    for (const from of [old, other, newer]) two.merge(from.buckets());
    expect(sorted(one)).toEqual(sorted(two));
    expect(one.version("a", 0)).toBe(5);
    expect(one.patternsOf("api")).toEqual([{ failedCauses: ["db"], failed: 4, healthy: 3 }]);
  });

  test("an origin that starts again goes on from what its peers kept", () => {
    const again = new FailureCounts({ origin: "a", bucketMs: 1_000 });
    again.record("api", true, [], 0);
    again.merge(counted("a", 5).buckets());
    again.record("api", true, [], 10);
    expect(again.version("a", 0)).toBe(6);
  });

  test("a bucket weighs by its age when it is read", () => {
    const counts = counted("a", 2, 0);
    counts.record("api", true, ["db"], 10_000);
    expect(counts.patternsOf("api", { nowMs: 10_000, halfLifeMs: 10_000 })).toEqual([{ failedCauses: ["db"], failed: 1.5, healthy: 0.5 }]);
  });

  test("the order of causes does not matter; more than twelve are one pattern", () => {
    const counts = new FailureCounts();
    counts.record("api", true, ["x", "y"], 0);
    counts.record("api", true, ["y", "x"], 0);
    counts.record("api", true, Array.from({ length: 13 }, (_, at) => `c${at}`), 0);
    counts.record("api", false, Array.from({ length: 20 }, (_, at) => `d${at}`), 0);
    expect(counts.patternsOf("api")).toEqual([
      { failedCauses: ["x", "y"], failed: 2, healthy: 0 },
      { failedCauses: MANY, failed: 1, healthy: 1 },
    ]);
  });

  test("the oldest buckets go", () => {
    const counts = new FailureCounts({ bucketMs: 1 });
    for (let startMs = 0; startMs <= BUCKETS_MAX; startMs++) counts.record("api", true, [], startMs);
    expect([counts.buckets().length, counts.version("local", 0), counts.version("local", 1)]).toEqual([BUCKETS_MAX, 0, 1]);
  });

  test.each<[string, unknown]>([
    ["no origin", { origin: "", startMs: 0, version: 1, patterns: [] }],
    ["no version", { origin: "a", startMs: 0, patterns: [] }],
    ["a count below 0", { origin: "a", startMs: 0, version: 1, patterns: [{ node: "n", failedCauses: [], failed: -1, healthy: 0 }] }],
    ["causes as text", { origin: "a", startMs: 0, version: 1, patterns: [{ node: "n", failedCauses: "db", failed: 1, healthy: 0 }] }],
    ["the character 0", { origin: "a", startMs: 0, version: 1, patterns: [{ node: "n", failedCauses: ["a\0b"], failed: 1, healthy: 0 }] }],
  ])("refuses a bucket with %s, and takes in nothing of the others", (_, bucket) => {
    const counts = new FailureCounts();
    expect(() => counts.merge([...counted("b", 1).buckets(), bucket as FailureBucket])).toThrow(InvalidCountsError);
    expect(counts.buckets()).toEqual([]);
  });

  test("refuses options, times and spans that are none", () => {
    const unknown = { bucket: 1 };
    expect(() => new FailureCounts(unknown as object)).toThrow(UnknownOptionError);
    expect(() => new FailureCounts({ bucketMs: 0 })).toThrow(InvalidCountsError);
    expect(() => new FailureCounts().record("a", true, [], Number.NaN)).toThrow(InvalidCountsError);
  });
});
