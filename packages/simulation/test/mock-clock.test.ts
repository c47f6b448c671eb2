import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { launch } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import {
  NotMockError,
  platformClock,
  StateHandler,
  TimeHandler,
  UnknownInstantError,
  type World,
} from "@void-system/effects";
import { Simulation, SimulationUseError } from "../src/index.ts";

describe("a mock clock", () => {
  test("goes back to an instant with its timers, and forward again", () => {
    const time = new TimeHandler("mock");
    time.setMockTime(1_000);
    const woken: string[] = [];
    const note = (name: string) => (): void => void woken.push(`${name}@${time.wallMs()}`);
    time.schedule(10, note("early"));
    const cancel = time.schedule(30, note("late"));
    const start = time.record();
    time.advance(20);
    const middle = time.record();
    cancel();
    time.setMockTime(0);
    time.schedule(1, note("never kept"));
    time.travelTo(start);
    expect([time.wallMs(), time.monotonicMs()]).toEqual([1_000, 0]);
    time.advance(40);
    expect(woken).toEqual(["early@1010", "early@1010", "late@1030"]);
    time.travelTo(middle);
    expect(time.wallMs()).toBe(1_020);
    cancel();
    time.advance(40);
    expect(woken).toHaveLength(3);
    time.travelTo(middle);
    time.advance(10);
    expect(woken.at(-1)).toBe("late@1030");
  });

  test("knows its own instants only, and real time does not travel", () => {
    const time = new TimeHandler("mock");
    expect(() => new TimeHandler("mock").travelTo(time.record())).toThrow(UnknownInstantError);
    expect(() => time.travelTo({ wallMs: 0, monotonicMs: 0 })).toThrow(UnknownInstantError);
    expect(() => new TimeHandler("real").record()).toThrow(NotMockError);
    expect(() => new TimeHandler("real").travelTo(time.record())).toThrow(NotMockError);
  });

  test("as every clock, takes no delay that is no number, and never is never", () => {
    const simulation = new Simulation({ seed: 1 });
    const refused = (clock: World["clock"]): void => {
      for (const delay of [Number.NaN, undefined as never]) expect(() => clock.schedule(delay, () => undefined)).toThrow(RangeError);
      clock.schedule(Infinity, () => { throw new Error("never"); })();
    };
    refused(new TimeHandler("mock"));
    refused(platformClock());
    simulation.node("a", ({ clock }) => {
      refused(clock);
      clock.schedule(Infinity, () => { throw new Error("never"); });
    });
    simulation.start("a");
    simulation.run();
    expect(simulation.now).toBe(0);
    expect(() => simulation.at(Number.NaN, () => undefined)).toThrow(SimulationUseError);
  });

  test("a run from an instant is the same each time", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 8 }), fc.nat(40), (delays, atMs) => {
        const time = new TimeHandler("mock");
        let woken: string[] = [];
        for (const [index, delay] of delays.entries())
          time.schedule(delay, () => {
            woken.push(`${index}@${time.monotonicMs()}`);
            if (delay > 10) time.schedule(delay - 10, () => void woken.push(`again ${index}@${time.monotonicMs()}`));
          });
        time.advance(atMs);
        const instant = time.record();
        const rest = (): readonly string[] => {
          woken = [];
          time.travelTo(instant);
          time.advance(200);
          return woken;
        };
        expect(rest()).toEqual(rest());
      }),
    );
  });

  test("a fiber that has gone on is not taken back: its timer finds it resumed already", () => {
    const time = new TimeHandler("mock");
    const seen: number[] = [];
    launch(
      () =>
        Clock.handle(time, function* () {
          yield* Clock.sleep(10);
          seen.push(yield* Clock.monotonic());
        }),
      () => undefined,
    );
    const start = time.record();
    time.advance(10);
    time.travelTo(start);
    time.advance(100);
    expect(seen).toEqual([10]);
  });
});

describe("a state handler", () => {
  test("steps back and forward; a put forgets what was ahead", () => {
    const cell = new StateHandler("a");
    for (const state of ["b", "c", "d"]) cell.put(state);
    expect([cell.back(), cell.back(2), cell.position]).toEqual(["c", "a", 0]);
    expect(cell.forward(3)).toBe("d");
    expect(() => cell.forward()).toThrow(RangeError);
    expect(() => cell.back(4)).toThrow(RangeError);
    expect(() => cell.back(0.5)).toThrow(RangeError);
    expect(cell.get()).toBe("d");
    cell.back(2);
    cell.put("e");
    expect(cell.history).toEqual(["a", "b", "e"]);
    expect(cell.get()).toBe("e");
  });

  test("remembers as much as configured", () => {
    const cell = new StateHandler(0, { historyMax: 3 });
    for (let state = 1; state <= 5; state += 1) cell.put(state);
    expect(cell.history).toEqual([3, 4, 5]);
    expect(cell.back(2)).toBe(3);
    expect(() => cell.back()).toThrow(RangeError);
    const none = new StateHandler(undefined, { historyMax: 1 });
    none.put(undefined);
    expect(none.history).toEqual([undefined]);
    expect(() => new StateHandler(0, { historyMax: 0 })).toThrow(RangeError);
  });
});
