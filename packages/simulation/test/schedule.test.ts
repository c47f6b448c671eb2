import { describe, expect, test } from "vitest";
import { peerId, type World } from "@void-system/effects";
import {
  replay,
  type Scenario,
  type Schedule,
  shrink,
  simulate,
  Simulation,
} from "../src/index.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Returns the times of each node's timers and the order of its frames under a schedule. */
function observed(schedule: Schedule, seed: number): { timers: number[]; frames: number[]; orders: string } {
  const simulation = new Simulation({ seed, schedule });
  const timers: number[] = [];
  const frames: number[] = [];
  const order: string[] = [];
  for (const id of ["a", "b"]) {
    simulation.node(id, ({ clock, network }: World) => {
      network.onFrame((_from, [value = 0]) => {
        order.push("frame");
        frames.push(value);
      });
      const bootedMs = simulation.now;
      for (const ms of [20, 21, 22]) {
        clock.schedule(ms, () => {
          order.push(id);
          expect(simulation.now).toBeGreaterThanOrEqual(bootedMs + ms);
          expect(simulation.now).toBeLessThanOrEqual(bootedMs + ms + 5);
          if (id === "a") timers.push(ms);
          if (id === "a") network.send(peerId("b"), bytes(ms));
        });
      }
    });
    simulation.start(id);
  }
  simulation.run();
  return { timers, frames, orders: order.join() };
}

describe("a schedule", () => {
  const schedules: Schedule[] = [{ kind: "random" }, { kind: "pct", events: 20 }];
  test.each(schedules)("of kind $kind departs from the order of time, keeps each line's order, and is never early", (schedule) => {
    const seeds = Array.from({ length: 30 }, (_, seed) => seed);
    const all = seeds.map((seed) => observed(schedule, seed));
    for (const { timers, frames } of all) {
      expect(timers).toEqual([20, 21, 22]);
      expect(frames).toEqual([20, 21, 22]);
    }
    expect(new Set(all.map(({ orders }) => orders)).size).toBeGreaterThan(5);
    expect(seeds.map((seed) => observed(schedule, seed))).toEqual(all);
  });
});

/** A lost update: two clients read and write a number on a server, each after a pause. Returns the result. */
const lostUpdate = (schedule: Schedule): Scenario => () => {
  let value = 0;
  let updates = 0;
  const client = ({ clock }: World): void => {
    const round = (left: number): void => {
      if (left === 0) return;
      const read = value;
      clock.schedule(1, () => {
        value = read + 1;
        updates += 1;
        clock.schedule(40, () => round(left - 1));
      });
    };
    clock.schedule(10, () => round(5));
  };
  const later = (world: World): void => void world.clock.schedule(3, () => client(world));
  return {
    nodes: { one: client, other: later },
    faults: { untilMs: 500, everyMs: 50, kinds: ["clock-jump", "block", "disk-slow"] },
    check: { always: { "every update counts": () => expect(value).toBe(updates) } },
    schedule,
    until: 400,
    trace: true,
  };
};

describe("a race", () => {
  const schedules: Schedule[] = [{ kind: "random" }, { kind: "pct", events: 40 }];
  test.each(schedules)("that fifo cannot show is found by $kind, replayed, and shrunk to its decisions", (schedule) => {
    expect(simulate({ ...lostUpdate({ kind: "fifo" })(), seed: 1 }).ok).toBe(true);
    const results = Array.from({ length: 20 }, (_, seed) => simulate({ ...lostUpdate(schedule)(), seed }));
    const failed = results.find((result) => !result.ok);
    if (!failed || failed.ok) throw new Error("expected a failure");
    const scenario = lostUpdate(schedule);
    expect(replay(scenario, failed.plan).traceHash).toBe(failed.traceHash);
    const { run, runs } = shrink(scenario, failed, { runsMax: 300 });
    expect(run.failure.name).toBe("every update counts");
    expect(run.plan.faults).toEqual([]);
    expect(run.plan.decisions.length).toBeLessThanOrEqual(3);
    expect(run.events).toBeLessThanOrEqual(30);
    expect(runs).toBeLessThanOrEqual(300);
    expect(replay(scenario, JSON.parse(JSON.stringify(run.plan))).traceHash).toBe(run.traceHash);
    expect(shrink(lostUpdate(schedule), failed, { runsMax: 300 }).run.plan).toEqual(run.plan);
  });
});
