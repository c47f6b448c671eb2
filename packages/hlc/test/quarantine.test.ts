import { expect, test } from "vitest";
import { ClockDriftError, HybridLogicalClock, InvalidOptionError, InvalidTimestampError, LOGICAL_MAX, Quarantine } from "../src/index.ts";

function setUp() {
  const wall = { ms: 1_000 };
  const clock = new HybridLogicalClock("a", { wallMs: () => wall.ms, maxRemoteDriftMs: 500 });
  return { wall, clock, quarantine: new Quarantine<string>(clock, { itemsMax: 3, holdMs: 1_000 }) };
}
const remote = (physicalMs: number, logical = 0) => ({ physicalMs, logical, nodeId: "b" });

test("near stamps pass at once, and the rest is held and released in the order of stamps", () => {
  const { wall, clock, quarantine } = setUp();
  expect(quarantine.receive(remote(1_500), "now")?.physicalMs).toBe(1_500);
  expect(quarantine.receive(remote(1_900), "third")).toBeUndefined();
  expect(quarantine.receive(remote(1_600, LOGICAL_MAX), "first")).toBeUndefined();
  expect(quarantine.receive(remote(1_800), "second")).toBeUndefined();
  expect([quarantine.size, quarantine.release(), clock.peek().physicalMs]).toEqual([3, [], 1_500]);
  wall.ms = 1_350;
  const [first, second, ...none] = quarantine.release();
  expect([first?.item, second?.item, none.length, quarantine.size]).toEqual(["first", "second", 0, 1]);
  expect([first!.at.physicalMs, second!.at.physicalMs]).toEqual([1_601, 1_800]);
  wall.ms = 5_000;
  expect(quarantine.release().map(({ item }) => item)).toEqual(["third"]);
  expect(clock.stats().refusedRemote).toBe(3);
});

test("number and time are bounded, and beyond the bounds the clock refuses", () => {
  const { clock, quarantine } = setUp();
  expect(() => quarantine.receive(remote(2_501), "too far")).toThrow(ClockDriftError);
  for (const item of ["1", "2", "3"]) expect(quarantine.receive(remote(2_500), item)).toBeUndefined();
  expect(() => quarantine.receive(remote(2_000), "no room")).toThrow(ClockDriftError);
  expect(() => quarantine.receive(remote(-1), "no stamp")).toThrow(InvalidTimestampError);
  expect([quarantine.size, clock.peek().physicalMs]).toEqual([3, 0]);
});

test.each([{ itemsMax: Number.NaN }, { itemsMax: -1 }, { holdMs: -1 }])("options that cannot work are refused: %j", (options) => {
  expect(() => new Quarantine(setUp().clock, options)).toThrow(InvalidOptionError);
});

test("a clock that is itself too far ahead throws, and nothing is lost", () => {
  const { wall, clock, quarantine } = setUp();
  const strict = new Quarantine<string>(new HybridLogicalClock("a", { wallMs: () => wall.ms, maxRemoteDriftMs: 5, maxAheadMs: 5 }));
  strict.receive(remote(1_010), "held");
  wall.ms = 1_006;
  expect(strict.release().length).toBe(1);
  strict.receive(remote(1_030), "held too");
  wall.ms = 900;
  expect(() => strict.receive(remote(950), "own")).toThrow(/own stamps/);
  expect([strict.size, clock.peek().physicalMs, quarantine.size]).toEqual([1, 0, 0]);
});
