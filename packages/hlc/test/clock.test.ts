import { describe, expect, test } from "vitest";
import { ClockDriftError, ClockReadError, coarseClock, DuplicateNodeError, HybridLogicalClock, InvalidOptionError, InvalidTimestampError, LOGICAL_MAX, PHYSICAL_MS_MAX, SHARED_CLOCK_BYTES, SharedClock } from "../src/index.ts";

/** A physical clock that the test sets. */
function manual(ms: number): { ms: number; readonly wallMs: () => number } {
  const clock = { ms, wallMs: () => clock.ms };
  return clock;
}

const remote = (physicalMs: number, logical = 0) => ({ physicalMs, logical, nodeId: "remote" });
const parts = ({ physicalMs, logical }: { physicalMs: number; logical: number }) => [physicalMs, logical];

test("a received stamp is before the next own one", () => {
  const a = new HybridLogicalClock("node_a");
  const b = new HybridLogicalClock("node_b");
  const t1 = a.now();
  const t2 = b.update(t1);
  expect(t1 < t2).toBe(true);
  expect([t2, t1].sort()).toEqual([t1, t2]);
});

describe("now", () => {
  test("counts within a millisecond, and while the clock stands still or goes back", () => {
    const wall = manual(1000);
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs });
    expect(parts(clock.now())).toEqual([1000, 0]);
    expect(parts(clock.now())).toEqual([1000, 1]);
    wall.ms = 400;
    expect(parts(clock.now())).toEqual([1000, 2]);
    wall.ms = 300;
    expect(parts(clock.now())).toEqual([1000, 3]);
    wall.ms = 1001;
    expect(parts(clock.now())).toEqual([1001, 0]);
    expect(clock.stats()).toMatchObject({ backwardJumps: 2, backwardMsMax: 600, refusedOwn: 0 });
  });

  test("the counter carries, and the carry is drift-checked", () => {
    const wall = manual(1000);
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs, maxRemoteDriftMs: 0, maxAheadMs: 0 });
    for (let count = 0; count <= LOGICAL_MAX; count++) clock.now();
    expect(parts(clock.peek())).toEqual([1000, LOGICAL_MAX]);
    expect(() => clock.now()).toThrow(ClockDriftError);
    expect(parts(clock.peek())).toEqual([1000, LOGICAL_MAX]);
    expect(clock.stats()).toMatchObject({ carries: 0, refusedOwn: 1 });
    const lenient = new HybridLogicalClock("a", { wallMs: wall.wallMs, restoredUpToMs: 1000 });
    expect(parts(lenient.now())).toEqual([1001, 0]);
    expect(lenient.stats().carries).toBe(1);
  });

  test("is refused beyond maxAheadMs, and works again when the clock has caught up", () => {
    const wall = manual(10_000);
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs, maxRemoteDriftMs: 10, maxAheadMs: 500 });
    clock.now();
    wall.ms = 9_499;
    let caught: unknown;
    try {
      clock.now();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ClockDriftError);
    expect(caught).toMatchObject({ code: "ERR_HLC_CLOCK_DRIFT", origin: "own", aheadMs: 501, limitMs: 500 });
    expect(parts(clock.peek())).toEqual([10_000, 0]);
    wall.ms = 9_500;
    expect(parts(clock.now())).toEqual([10_000, 1]);
  });

  test("a laptop that slept is accepted: its stamps are old, its clock is ahead", () => {
    const wall = manual(0);
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs });
    clock.now();
    wall.ms = 1e12;
    expect(parts(clock.now())).toEqual([1e12, 0]);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY, PHYSICAL_MS_MAX + 1])("a physical clock that says %s is refused", (ms) => {
    expect(() => new HybridLogicalClock("a", { wallMs: () => ms }).now()).toThrow(ClockReadError);
  });

  test("fractions of a millisecond are dropped", () => {
    expect(parts(new HybridLogicalClock("a", { wallMs: () => 12.9 }).now())).toEqual([12, 0]);
  });

  test("the end of 48 bits is an error, not a wrap", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => PHYSICAL_MS_MAX, restoredUpToMs: PHYSICAL_MS_MAX });
    expect(() => clock.now()).toThrow(InvalidTimestampError);
    expect(() => clock.now()).toThrow(InvalidTimestampError);
  });
});

describe("update", () => {
  test("respects the remote counter: a local event never precedes its own cause", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1000 });
    clock.now();
    expect(parts(clock.update(remote(1000, 41)))).toEqual([1000, 42]);
    expect(parts(clock.update(remote(1005, 7)))).toEqual([1005, 8]);
    expect(parts(clock.update(remote(1005, 3)))).toEqual([1005, 9]);
    expect(parts(clock.now())).toEqual([1005, 10]);
  });

  test("old stamps are always accepted", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1e12, maxRemoteDriftMs: 0 });
    expect(parts(clock.update(remote(0)))).toEqual([1e12, 0]);
  });

  test("a stamp that pulls too far ahead is refused, and nothing changes", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1000, maxRemoteDriftMs: 500 });
    const before = clock.now();
    expect(() => clock.update(remote(1501))).toThrow(ClockDriftError);
    expect(clock.peek()).toEqual(before);
    expect(clock.stats().refusedRemote).toBe(1);
    expect(parts(clock.update(remote(1500)))).toEqual([1500, 1]);
  });

  test("the carry of a full remote counter is drift-checked", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1000, maxRemoteDriftMs: 500 });
    expect(() => clock.update(remote(1500, LOGICAL_MAX))).toThrow(ClockDriftError);
    expect(parts(clock.update(remote(1499, LOGICAL_MAX)))).toEqual([1500, 0]);
    expect(clock.stats()).toMatchObject({ carries: 1, refusedRemote: 1 });
  });

  test("after its own clock went back, stamps it has already overtaken are not drift", () => {
    const wall = manual(100_000);
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs, maxRemoteDriftMs: 500 });
    clock.now();
    wall.ms = 50_000;
    expect(parts(clock.update(remote(99_999)))).toEqual([100_000, 1]);
    expect(() => clock.update(remote(100_001))).toThrow(/raise maxRemoteDriftMs/);
  });

  test("anything that is not a timestamp is refused", () => {
    const clock = new HybridLogicalClock("a");
    expect(() => clock.update({ physicalMs: 1, logical: 65_536, nodeId: "b" })).toThrow(InvalidTimestampError);
    expect(() => clock.update({ physicalMs: 1, logical: 0, nodeId: "" })).toThrow(InvalidTimestampError);
    for (const parsed of ["null", "0", "[]", '"018bcfe56800-0003-b"', "{}"]) {
      for (const take of [clock.update, clock.admit, clock.raise]) {
        expect(() => take.call(clock, JSON.parse(parsed))).toThrow(InvalidTimestampError);
      }
    }
  });
});

describe("separate bounds", () => {
  test("apply to received stamps, to the clock itself, and to writes", () => {
    const wall = manual(10_000);
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs, maxRemoteDriftMs: 500, maxAheadMs: 5_000, maxWriteAheadMs: 20 });
    expect(parts(clock.update(remote(10_400)))).toEqual([10_400, 1]);
    clock.admit(remote(10_020));
    clock.admit(remote(0));
    expect(() => clock.admit(remote(10_021))).toThrow(/write stamps at most 20 ms.*maxWriteAheadMs; got 21/);
    // Its own write has the same bound as the writes of others.
    expect(() => clock.admit(clock.now())).toThrow(ClockDriftError);
    wall.ms = 5_402;
    expect(parts(clock.now())).toEqual([10_400, 3]);
    expect(() => clock.update(remote(10_401))).toThrow(/maxRemoteDriftMs/);
    expect(clock.stats()).toMatchObject({ refusedWrites: 2, refusedRemote: 1, refusedOwn: 0 });
    expect(clock.aheadMs(remote(5_400))).toBe(-2);
  });

  test("by default a write may be as far ahead as a received stamp", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1000, maxRemoteDriftMs: 7 });
    clock.admit(remote(1007));
    expect(() => clock.admit(remote(1008))).toThrow(ClockDriftError);
  });
});

test("a physical clock that stands still shows in the longest run of equal readings", () => {
  const wall = manual(1000);
  const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs });
  for (let count = 0; count < 5; count++) clock.now();
  expect(clock.stats().sameReadingsMax).toBe(5);
  wall.ms = 1001;
  clock.now();
  expect(clock.stats().sameReadingsMax).toBe(5);
});

test("a backward jump is counted, whichever method read the physical clock before it", () => {
  const wall = manual(1000);
  const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs });
  clock.now();
  wall.ms = 1001;
  clock.aheadMs(clock.peek());
  wall.ms = 1000;
  clock.now();
  expect(clock.stats().backwardJumps).toBe(1);
});

describe("another node of the same name", () => {
  test("is detected when its stamp is newer than any this node has made, and nothing changes", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1000 });
    const own = clock.now();
    const echo = clock.update(own);
    expect(parts(echo)).toEqual([1000, 1]);
    let caught: unknown;
    try {
      clock.update({ physicalMs: 1000, logical: 2, nodeId: "a" });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(DuplicateNodeError);
    expect(caught).toMatchObject({ code: "ERR_HLC_DUPLICATE_NODE", message: expect.stringContaining("0000000003e8-0002-a") });
    expect(clock.peek()).toEqual(echo);
    expect(clock.stats().duplicates).toBe(1);
  });

  test("is not the node itself before a restart, given restoredUpToMs", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1000 });
    clock.raise({ physicalMs: 1400, logical: 2, nodeId: "a" });
    expect(parts(clock.update({ physicalMs: 1400, logical: 2, nodeId: "a" }))).toEqual([1400, 3]);
    clock.raise({ physicalMs: 1, logical: 2, nodeId: "a" });
    expect(parts(clock.now())).toEqual([1400, 4]);
  });
});

describe("restart", () => {
  test("there is one reservation per window, before the first stamp above the bound", () => {
    const wall = manual(1000);
    const bounds: number[] = [];
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs, reserve: (upToMs) => void bounds.push(upToMs), reserveWindowMs: 100 });
    for (; wall.ms <= 1201; wall.ms += 1) clock.now();
    expect(bounds).toEqual([1100, 1201]);
    expect(clock.stats().reservations).toBe(2);
  });

  test("no stamp repeats when the clock is behind after a restart", () => {
    const wall = manual(1000);
    let durable = 0;
    const reserve = (upToMs: number): undefined => {
      durable = upToMs;
    };
    const first = new HybridLogicalClock("a", { wallMs: wall.wallMs, reserve });
    wall.ms = 1700;
    const last = first.now();
    wall.ms = 900;
    const second = new HybridLogicalClock("a", { wallMs: wall.wallMs, reserve, restoredUpToMs: durable });
    expect(last < second.now()).toBe(true);
    expect(durable).toBe(3701);
  });

  test("if the reservation fails, no stamp is issued and nothing changes", () => {
    const clock = new HybridLogicalClock("a", {
      wallMs: () => 1000,
      reserve: () => {
        throw new Error("disk full");
      },
    });
    expect(() => clock.now()).toThrow("disk full");
    expect(() => clock.update(remote(1010, LOGICAL_MAX))).toThrow("disk full");
    expect(parts(clock.peek())).toEqual([0, 0]);
    expect(clock.stats()).toMatchObject({ carries: 0, reservations: 0 });
  });

  test("an asynchronous reservation is refused, because it may not be durable yet", () => {
    // @ts-expect-error a promise is not undefined
    const clock = new HybridLogicalClock("a", { reserve: async () => undefined });
    expect(() => clock.now()).toThrow(InvalidOptionError);
    // Vitest fails a run with a rejection that nobody handles.
    const failing = new HybridLogicalClock("a", { reserve: (() => Promise.reject(new Error("later"))) as never });
    expect(() => failing.now()).toThrow(InvalidOptionError);
  });
});

describe("startOver", () => {
  const day = 86_400_000;

  test("a clock that was a day ahead and is put right issues stamps again, over restarts too", () => {
    const wall = manual(11 * day);
    let durable = 0;
    const reserve = (upToMs: number): undefined => void (durable = upToMs);
    const ahead = new HybridLogicalClock("a", { wallMs: wall.wallMs, reserve });
    const last = ahead.now();
    wall.ms = 10 * day;
    expect(() => ahead.now()).toThrow(/call startOver/);
    const restarted = new HybridLogicalClock("a", { wallMs: wall.wallMs, reserve, restoredUpToMs: durable });
    expect(() => restarted.now()).toThrow(ClockDriftError);
    expect(restarted.startOver()?.physicalMs).toBe(11 * day + 1_000);
    expect(durable).toBe(10 * day + 1_000); // before a stamp is issued
    expect(parts(restarted.now())).toEqual([10 * day + 1, 0]);
    expect(parts(new HybridLogicalClock("a", { wallMs: wall.wallMs, restoredUpToMs: durable }).now())).toEqual([10 * day + 1_001, 0]);
    expect(ahead.startOver()).toEqual(last);
    expect(ahead.now() < ahead.now()).toBe(true);
  });

  test("a clock that is not ahead, or whose bound cannot be reserved, is unchanged", () => {
    const wall = manual(1_000);
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs });
    expect(clock.startOver()).toBeUndefined();
    const first = clock.now();
    expect(clock.startOver()).toBeUndefined();
    expect(clock.peek()).toEqual(first);
    let full = false;
    const reserve = (): undefined => {
      if (full) throw new Error("disk full");
    };
    const failing = new HybridLogicalClock("a", { wallMs: wall.wallMs, reserve });
    const given = failing.now();
    full = true;
    wall.ms = 500;
    expect(() => failing.startOver()).toThrow("disk full");
    expect(failing.peek()).toEqual(given);
  });

  test("stamps of the present millisecond are not repeated, nor by a second call", () => {
    const clock = new HybridLogicalClock("a", { wallMs: () => 1_000 });
    const seen = [clock.now(), clock.now()].map(String);
    clock.update(remote(1_005));
    expect(parts(clock.startOver()!)).toEqual([1_005, 1]);
    for (let times = 0; times < 2; times += 1) {
      seen.push(String(clock.now()));
      expect(clock.startOver()).toBeUndefined();
    }
    expect(new Set(seen).size).toBe(4);
  });

  test.each([500, 2_000])("if reserve stores the lower bound and then throws, no stamp is above it: physical clock at %i", (backMs) => {
    const wall = manual(2_000);
    let durable = 0;
    let fails = false;
    const reserve = (upToMs: number): undefined => {
      durable = upToMs;
      if (fails) throw new Error("fsync of the folder failed");
    };
    const clock = new HybridLogicalClock("a", { wallMs: wall.wallMs, reserve, reserveWindowMs: 2 });
    clock.now();
    clock.update(remote(2_005));
    wall.ms = backMs;
    fails = true;
    expect(() => clock.startOver()).toThrow("fsync");
    expect(durable).toBe(backMs + 2);
    fails = false;
    expect(clock.now().physicalMs).toBeLessThanOrEqual(durable);
  });
});

test.each([
  ["options to be an object", null],
  ["options to be an object", 5],
  ["options to be an object; got an array", []],
  ["options.maxDriftMs to be absent", { maxDriftMs: 5 }],
  ["wallMs to be a function", { wallMs: 5 }],
  ["reserve to be a function", { reserve: "file" }],
  ["maxAheadMs to be milliseconds >= 0", { maxAheadMs: "5" }],
  ["restoredUpToMs to be milliseconds >= 0", { restoredUpToMs: "5" }],
  ["restoredUpToMs to be milliseconds >= 0", { restoredUpToMs: 5n }],
])("an option of a wrong kind or name is refused by name: %s, %o", (named, options) => {
  const open = (): unknown => new HybridLogicalClock("a", options as never);
  expect(open).toThrow(InvalidOptionError);
  expect(open).toThrow(named);
});

test.each([["5", '"5"'], [5n, "5"], [Symbol("x"), "Symbol(x)"], [null, "null"]])("a physical clock that returns %o is refused", (ms, named) => {
  const wallMs = (() => ms) as never;
  const clock = new HybridLogicalClock("a", { wallMs });
  const reads = [() => clock.now(), () => clock.aheadMs(clock.peek()), () => clock.startOver(), coarseClock({ wallMs })];
  for (const read of [...reads, ...reads]) {
    expect(read).toThrow(ClockReadError);
    expect(read).toThrow(named);
  }
});

test.each([undefined, null, "x", 5])("a stamp cannot be written into %o, and none is lost", (wrong) => {
  const memory = new SharedArrayBuffer(SHARED_CLOCK_BYTES);
  for (const clock of [new HybridLogicalClock("a"), new SharedClock("a", memory)]) {
    expect(() => clock.nowInto(wrong as never)).toThrow(InvalidOptionError);
    expect(clock.peek().physicalMs).toBe(0);
  }
});

test.each([
  ["a number, such as Date.now()", 1_700_000_000_000],
  ["the text of a stamp", "018bcfe56800-0003-b"],
  ["a Date", new Date(5)],
  ["nothing", undefined],
])("an argument that is not a timestamp is named: %s", (_name, wrong) => {
  const clock = new HybridLogicalClock("a");
  for (const take of [clock.update, clock.admit, clock.raise, clock.aheadMs]) {
    expect(() => take.call(clock, wrong as never)).toThrow(/expected a timestamp, with physicalMs, logical and nodeId; got/);
  }
});

test.each([
  { maxRemoteDriftMs: -1 },
  { maxRemoteDriftMs: Number.NaN },
  { maxRemoteDriftMs: 10, maxAheadMs: 9 },
  { maxWriteAheadMs: -1 },
  { restoredUpToMs: 1.5 },
  { restoredUpToMs: PHYSICAL_MS_MAX + 1 },
  { restoredUpToMs: -1 },
  { reserve: () => undefined, reserveWindowMs: 2 ** 40 },
])("options that cannot work are refused: %j", (options) => {
  expect(() => new HybridLogicalClock("a", options)).toThrow(InvalidOptionError);
});
