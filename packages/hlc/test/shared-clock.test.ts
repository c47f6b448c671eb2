import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { ClockDriftError, compareTimestamps, DuplicateNodeError, HLCTimestamp, InvalidOptionError, LOGICAL_MAX, SHARED_CLOCK_BYTES, SharedClock } from "../src/index.ts";

const memory = () => new SharedArrayBuffer(SHARED_CLOCK_BYTES);
const parts = ({ physicalMs, logical }: { physicalMs: number; logical: number }) => [physicalMs, logical];

test("all clocks on one memory are one clock", () => {
  const shared = memory();
  const [one, other] = [1_000, 900].map((ms) => new SharedClock("a", shared, { wallMs: () => ms, maxRemoteDriftMs: 500 }));
  expect(parts(one!.peek())).toEqual([0, 0]);
  expect(parts(one!.now())).toEqual([1_000, 0]);
  expect(parts(other!.now())).toEqual([1_000, 1]);
  expect(parts(other!.update({ physicalMs: 1_200, logical: LOGICAL_MAX, nodeId: "b" }))).toEqual([1_201, 0]);
  const stamp = { physicalMs: 0, logical: 0 };
  one!.nowInto(stamp);
  expect([parts(stamp), parts(other!.peek())]).toEqual([[1_201, 1], [1_201, 1]]);
  // A stamp that another thread made is an echo. A stamp that none made is another node's.
  expect(parts(one!.update(other!.now()))).toEqual([1_201, 3]);
  expect(() => one!.update({ physicalMs: 1_201, logical: 4, nodeId: "a" })).toThrow(DuplicateNodeError);
  expect(() => one!.update({ physicalMs: 1_501, logical: 0, nodeId: "b" })).toThrow(ClockDriftError);
  expect([parts(one!.peek()), one!.stats().refusedRemote]).toEqual([[1_201, 3], 1]);
});

test("each thread reserves for itself, and the greatest bound of all holds after a restart", () => {
  const shared = memory();
  const bounds = [0, 0];
  const wall = { ms: 1_000 };
  const [one, other] = bounds.map((_, thread) => {
    const reserve = (upToMs: number): undefined => void (bounds[thread] = upToMs);
    return new SharedClock("a", shared, { wallMs: () => wall.ms, reserve, reserveWindowMs: 100 });
  });
  one!.now();
  wall.ms = 1_050;
  other!.now();
  wall.ms = 1_120;
  const last = other!.now();
  expect(bounds).toEqual([1_100, 1_150]);
  wall.ms = 500;
  const next = new SharedClock("a", memory(), { wallMs: () => wall.ms, restoredUpToMs: Math.max(...bounds) }).now();
  expect(compareTimestamps(last, next)).toBeLessThan(0);
  // A thread raised by another one's stamps reserves before it issues its own.
  wall.ms = 1_140;
  one!.now();
  expect(bounds).toEqual([1_240, 1_150]);
});

test("a clock that was ahead starts over on all threads, and none makes a stamp twice", () => {
  const shared = memory();
  const wall = { ms: 9_000_000 };
  const [one, other] = [0, 1].map(() => new SharedClock("a", shared, { wallMs: () => wall.ms }));
  one!.now();
  const last = other!.now();
  wall.ms = 1_000;
  expect(() => one!.now()).toThrow(ClockDriftError);
  expect(one!.startOver()).toEqual(last);
  const first = one!.now();
  expect(parts(first)).toEqual([1_001, 0]);
  expect(other!.startOver()).toBeUndefined(); // it has happened
  expect([parts(other!.now()), parts(one!.now())]).toEqual([[1_001, 1], [1_001, 2]]);
  expect(one!.startOver()).toBeUndefined();
});

test.each([
  ["thirty minutes, which the clock's own bound allows", {}],
  ["as far as a bound from before a restart", { restoredUpToMs: 10_000_000 }],
])("a thread that was ahead by %s follows one that starts over", (_name, options) => {
  const shared = memory();
  const wall = { ms: 10_000_000 };
  const [one, other, late] = [0, 1, 2].map(() => new SharedClock("a", shared, { wallMs: () => wall.ms, ...options }));
  one!.now();
  other!.now();
  wall.ms -= 1_800_000;
  one!.startOver();
  const stamps = [other, late, one, other].map((clock) => parts(clock!.now()));
  expect(stamps).toEqual([0, 1, 2, 3].map((logical) => [8_200_001, logical]));
});

test("a thread that follows reserves its lower bound before its next stamp, and tries again if that fails", () => {
  const shared = memory();
  const wall = { ms: 10_000_000 };
  let bound = 0;
  let full = false;
  const reserve = (upToMs: number): undefined => {
    if (full) throw new Error("disk full");
    bound = upToMs;
  };
  const one = new SharedClock("a", shared, { wallMs: () => wall.ms });
  const other = new SharedClock("a", shared, { wallMs: () => wall.ms, reserve });
  other.now();
  wall.ms = 9_000_000;
  one.startOver();
  full = true;
  for (let times = 0; times < 2; times += 1) expect(() => other.now()).toThrow("disk full");
  full = false;
  expect([parts(other.now()), bound]).toEqual([[9_000_001, 0], 9_001_000]);
});

test("a stamp that another thread makes while one starts over is given up as well", () => {
  const shared = memory();
  const wall = { ms: 10_000_000 };
  const other = new SharedClock("a", shared, { wallMs: () => wall.ms });
  let meanwhile = (): void => undefined;
  const one = new SharedClock("a", shared, { wallMs: () => (meanwhile(), wall.ms) });
  one.now();
  wall.ms = 9_000_000;
  meanwhile = () => {
    meanwhile = () => undefined;
    other.now();
  };
  expect(parts(one.startOver()!)).toEqual([10_000_000, 1]);
  expect([parts(other.now()), parts(one.now())]).toEqual([[9_000_001, 0], [9_000_001, 1]]);
});

test("memory of another size is refused", () => {
  expect(() => new SharedClock("a", new SharedArrayBuffer(16))).toThrow(InvalidOptionError);
});

test("racing threads never make a stamp twice, and each sees its own stamps rise", async () => {
  const THREADS = 3;
  const STAMPS = 20_000;
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { parentPort, workerData } from "node:worker_threads";
        import { SharedClock } from "./src/clock/shared-clock.ts";
        const { memory, gate, threads, count } = workerData;
        const clock = new SharedClock("a", memory);
        Atomics.add(gate, 0, 1);
        while (Atomics.load(gate, 0) < threads);
        const stamps = new Float64Array(count * 2);
        for (let index = 0; index < count; index++) {
          const { physicalMs, logical } = clock.now();
          stamps[index * 2] = physicalMs;
          stamps[index * 2 + 1] = logical;
        }
        parentPort.postMessage(stamps);`,
      resolveDir: new URL("..", import.meta.url).pathname,
    },
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
  });
  const shared = memory();
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const runs = await Promise.all(
    Array.from({ length: THREADS }, () => {
      const workerData = { memory: shared, gate, threads: THREADS, count: STAMPS };
      const worker = new Worker(outputFiles[0]!.text, { eval: true, workerData });
      return new Promise<Float64Array>((resolve, reject) => worker.once("message", resolve).once("error", reject));
    }),
  );
  const seen = new Set<string>();
  for (const run of runs) {
    let before = new HLCTimestamp(0, 0, "a");
    for (let index = 0; index < STAMPS; index++) {
      const stamp = new HLCTimestamp(run[index * 2]!, run[index * 2 + 1]!, "a");
      if (compareTimestamps(before, stamp) >= 0) throw new Error(`${stamp} after ${before}`);
      seen.add(String((before = stamp)));
    }
  }
  expect(seen.size).toBe(THREADS * STAMPS);
});
