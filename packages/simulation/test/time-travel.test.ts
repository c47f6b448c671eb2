import { describe, expect, test } from "vitest";
import { peerId, type World } from "@void-system/effects";
import { fork, inspect, replay, type Scenario, simulate, SimulationUseError } from "../src/index.ts";

const gossip: Scenario = () => ({
  nodes: Object.fromEntries(
    ["a", "b", "c"].map((id) => [
      id,
      ({ clock, network, random }: World) => {
        let heard = 0;
        network.onFrame(() => (heard += 1));
        const tick = (): void => {
          network.send(peerId("abc"[Math.floor(random.next() * 3)]!), random.bytes(4));
          clock.schedule(5 + random.next() * 10, tick);
        };
        tick();
        return { state: () => heard };
      },
    ])
  ),
  network: { loss: 0.1 },
  faults: { untilMs: 800, everyMs: 50 },
  schedule: { kind: "random" },
  until: 500,
  trace: true,
});

describe("time travel", () => {
  test("goes to an event, and continues to the same end", () => {
    const whole = simulate({ ...gossip(), seed: 4 });
    const middle = Math.floor(whole.events / 2);
    const run = inspect(gossip, whole.plan, middle);
    expect(run.events).toBe(middle);
    expect(run.inspect("a")).toMatchObject({ id: "a", running: expect.any(Boolean) });
    run.step();
    expect(run.events).toBe(middle + 1);
    expect(run.finish().traceHash).toBe(whole.traceHash);
    const heard = inspect(gossip, whole.plan, whole.events);
    const frames = whole.trace.filter(({ kind, node, note }) => kind === "frame" && node === "b" && note === "");
    expect(heard.inspect("b").state).toBeLessThanOrEqual(frames.length);
  });

  test("stops at the end of the run, and continues from anywhere to the same end", () => {
    const whole = simulate({ ...gossip(), seed: 4 });
    for (const event of [0, 1, whole.events, whole.events + 50, 1_000_000]) {
      const run = inspect(gossip, whole.plan, event);
      expect(run.events).toBe(Math.min(event, whole.events));
      expect(run.finish()).toMatchObject({ traceHash: whole.traceHash, events: whole.events });
    }
    for (const event of [-1, 0.5, Number.NaN]) expect(() => inspect(gossip, whole.plan, event)).toThrow(SimulationUseError);
    expect(() => replay(gossip, {} as never)).toThrow(SimulationUseError);
  });

  test("a fork shares the past, differs afterwards, and is repeated by its plan; so is a fork of a fork", () => {
    const whole = simulate({ ...gossip(), seed: 4 });
    const at = Math.floor(whole.events / 2);
    const forked = fork(gossip, whole.plan, at, 1234);
    expect(forked.trace.slice(0, at)).toEqual(whole.trace.slice(0, at));
    expect(forked.traceHash).not.toBe(whole.traceHash);
    expect(replay(gossip, forked.plan).traceHash).toBe(forked.traceHash);
    const again = fork(gossip, forked.plan, at + 20, 77);
    expect(again.trace.slice(0, at + 20)).toEqual(forked.trace.slice(0, at + 20));
    expect(replay(gossip, again.plan).traceHash).toBe(again.traceHash);
    expect(fork(gossip, whole.plan, at, 1234).traceHash).toBe(forked.traceHash);
    expect(fork(gossip, whole.plan, at, 1235).traceHash).not.toBe(forked.traceHash);
  });
});
