import { randomBytes } from "node:crypto";
import timers from "node:timers";
import { describe, expect, test } from "vitest";
import { peerId, type Recovered, type World } from "@void-system/effects";
import {
  SimulatedNodeError,
  Simulation,
  SimulationLeakError,
  SimulationTimeoutError,
  SimulationUseError,
} from "../src/index.ts";

const a = peerId("a");
const b = peerId("b");
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const pingPongNode = ({ network, clock, random }: World): void => {
  const other = network.self === a ? b : a;
  network.onFrame((from, frame) => network.send(from, bytes((frame[0] ?? 0) + 1)));
  const beat = (): void => {
    network.send(other, random.bytes(8));
    clock.schedule(5 + random.next() * 5, beat);
  };
  beat();
};

/** Two nodes that answer each other forever, with jitter of their own. */
function pingPong(seed: number, faults: (simulation: Simulation) => void = () => undefined): Simulation {
  const simulation = new Simulation({
    seed,
    network: { loss: 0.05, duplicate: 0.05 },
    clock: { skewMs: 50, driftPpm: 100 },
  });
  simulation.node("a", pingPongNode);
  simulation.node("b", pingPongNode);
  simulation.start("a");
  simulation.start("b");
  faults(simulation);
  simulation.run({ untilMs: 500 });
  return simulation;
}

const crash = (simulation: Simulation): void => {
  simulation.at(100, () => simulation.crash("a"));
  simulation.at(200, () => simulation.start("a"));
};

describe("a run is a function of its seed", () => {
  test("same seed, same hash; another seed, another hash", () => {
    const hashes = [1, 2, 3, 4].map((seed) => pingPong(seed).traceHash());
    expect([1, 2, 3, 4].map((seed) => pingPong(seed).traceHash())).toEqual(hashes);
    expect(new Set(hashes).size).toBe(4);
  });

  test("the hash of one program is frozen: it is the same on every machine", () => {
    expect(pingPong(42).traceHash()).toMatchInlineSnapshot(`"2d390afa5c3e602b"`);
  });

  test("faults are part of the hash", () => {
    expect(pingPong(1, crash).traceHash()).toBe(pingPong(1, crash).traceHash());
    expect(pingPong(1, crash).traceHash()).not.toBe(pingPong(1).traceHash());
  });
});

describe("nodes", () => {
  test("a dead world does nothing, and none of its callbacks runs", () => {
    const simulation = new Simulation({ seed: 1 });
    const worlds: World[] = [];
    let wakes = 0;
    simulation.node("a", (world) => {
      worlds.push(world);
      world.clock.schedule(10, () => (wakes += 1));
      world.disk.open("x", () => (wakes += 100));
    });
    simulation.start("a");
    simulation.step();
    simulation.crash("a");
    const [dead] = worlds;
    dead!.clock.schedule(1, () => (wakes += 1));
    expect(dead!.network.send(b, bytes(1))).toBe("down");
    expect(dead!.random.bytes(2)).toEqual(bytes(0, 0));
    simulation.run();
    expect(wakes).toBe(0);
    simulation.restart("a");
    simulation.run();
    expect(wakes).toBe(101);
  });

  test("a paused node catches up when it resumes, in order", () => {
    const simulation = new Simulation({ seed: 3 });
    const woken: number[] = [];
    simulation.node("a", ({ clock }) => {
      for (const ms of [10, 20, 30]) clock.schedule(ms, () => void woken.push(ms));
    });
    simulation.start("a");
    simulation.run({ untilMs: 15 });
    simulation.pause("a");
    simulation.run({ untilMs: 100 });
    expect(woken).toEqual([10]);
    simulation.resume("a");
    simulation.run();
    expect(woken).toEqual([10, 20, 30]);
    expect(simulation.now).toBe(100);
  });

  test("cancelling a timer that has fired cancels neither it nor a later one", () => {
    const simulation = new Simulation({ seed: 1 });
    const fired: number[] = [];
    simulation.node("a", ({ clock }) => {
      const cancels = [1, 2, 3, 4].map((afterMs) => clock.schedule(afterMs, () => void fired.push(afterMs)));
      clock.schedule(5, () => {
        for (const afterMs of [6, 7, 8, 9]) clock.schedule(afterMs - 5, () => void fired.push(afterMs));
        for (const cancel of cancels) cancel();
      });
    });
    simulation.start("a");
    simulation.run({ untilMs: 20 });
    expect(fired).toEqual([1, 2, 3, 4, 6, 7, 8, 9]);
  });

  test("timers of a paused node can be cancelled, even after it resumes; a crash drops them", () => {
    const simulation = new Simulation({ seed: 1 });
    const fired: string[] = [];
    const cancels: (() => void)[] = [];
    simulation.node("a", ({ clock }) => {
      for (const name of ["first", "second", "third"]) cancels.push(clock.schedule(5, () => void fired.push(name)));
    });
    simulation.start("a");
    simulation.run({ untilMs: 1 });
    simulation.pause("a");
    simulation.run({ untilMs: 10 });
    cancels[0]?.();
    simulation.resume("a");
    cancels[1]?.();
    simulation.run({ untilMs: 11 });
    expect(fired).toEqual(["third"]);
    simulation.restart("a");
    simulation.run({ untilMs: 12 });
    simulation.pause("a");
    simulation.run({ untilMs: 20 });
    simulation.restart("a");
    expect(simulation.inspect("a")).toMatchObject({ paused: false, pending: [{ kind: "start" }] });
    simulation.run({ untilMs: 30 });
    expect(fired).toEqual(["third", "first", "second", "third"]);
  });

  test("a wake-up is called without arguments", () => {
    const simulation = new Simulation({ seed: 1 });
    let given: unknown[] | undefined;
    simulation.node("a", ({ clock }) => void clock.schedule(1, (...all: unknown[]) => (given = all)));
    simulation.start("a");
    simulation.run();
    expect(given).toEqual([]);
  });

  test("a cancelled timer never fires; clocks are skewed, and jump", () => {
    const simulation = new Simulation({ seed: 5, clock: { skewMs: 1000 } });
    let fired = false;
    const walls: number[] = [];
    simulation.node("a", ({ clock }) => {
      const cancel = clock.schedule(10, () => (fired = true));
      clock.schedule(5, cancel);
      walls.push(clock.wallMs());
      clock.schedule(20, () => walls.push(clock.wallMs()));
    });
    simulation.start("a");
    simulation.at(15, () => simulation.jumpClock("a", -5_000));
    simulation.run();
    expect(fired).toBe(false);
    expect(walls[0]).not.toBe(1_700_000_000_000);
    expect(walls[1]! - walls[0]!).toBe(20 - 5_000);
  });

  test.each([[undefined], [{ costs: { step: { ms: 0.01 } } }]])("thousands of cancelled timers leave the others as they are, with cpu %j", (cpu) => {
    const fired: number[] = [];
    const simulation = new Simulation({ seed: 1, ...(cpu && { cpu }) });
    simulation.node("a", ({ clock }) => {
      for (let ms = 1_000; ms <= 9_000; ms += 1_000) clock.schedule(ms, () => fired.push(ms));
      let left = 6_000;
      let cancel = (): void => undefined;
      const beat = (): void => {
        cancel();
        cancel = clock.schedule(60_000, () => fired.push(-1));
        if ((left -= 1) > 0) clock.schedule(1, beat);
        else cancel();
      };
      beat();
    });
    simulation.start("a");
    simulation.at(4_500, () => simulation.pause("a"));
    simulation.at(4_600, () => simulation.resume("a"));
    simulation.run({ untilMs: 100_000 });
    expect(fired).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1_000));
    expect(simulation.inspect("a").pending).toEqual([]);
  });

  test("stop asks the node first", () => {
    const simulation = new Simulation({ seed: 1 });
    simulation.node("a", ({ clock }) => ({ stop: (done) => void clock.schedule(30, done) }));
    simulation.start("a");
    simulation.stop("a");
    simulation.runUntil(() => !simulation.isRunning("a"));
    expect(simulation.now).toBe(30);
  });
});

function linked(simulation: Simulation): string[] {
  const seen: string[] = [];
  for (const id of ["a", "b"]) {
    simulation.node(id, ({ network }) => {
      network.onLink((peer, state) => void seen.push(`${id}: ${peer} ${state}`));
      network.onFrame((from, frame) => void seen.push(`${id}: ${from} says ${frame[0]}`));
    });
  }
  simulation.start("a");
  simulation.start("b");
  simulation.run();
  return seen;
}

describe("links", () => {
  test("come up, go down with a crash and a partition, and up again", () => {
    const simulation = new Simulation({ seed: 9 });
    const seen = linked(simulation);
    expect(seen.splice(0).toSorted()).toEqual(["a: b up", "b: a up"]);
    simulation.crash("b");
    simulation.run();
    expect(seen.splice(0)).toEqual(["a: b down"]);
    simulation.start("b");
    simulation.run();
    expect(seen.splice(0).toSorted()).toEqual(["a: b up", "b: a up"]);
    simulation.partition([["a"], ["b"]]);
    simulation.run();
    expect(seen.splice(0).toSorted()).toEqual(["a: b down", "b: a down"]);
    simulation.heal();
    simulation.run();
    expect(seen.splice(0).toSorted()).toEqual(["a: b up", "b: a up"]);
  });

  test("a block is one way and silent; frames keep their order", () => {
    const simulation = new Simulation({ seed: 2 });
    const seen: string[] = [];
    const worlds = new Map<string, World>();
    for (const id of ["a", "b"]) {
      simulation.node(id, (world) => {
        worlds.set(id, world);
        world.network.onFrame((from, frame) => void seen.push(`${id}: ${from} says ${frame[0]}`));
      });
      simulation.start(id);
    }
    simulation.run();
    simulation.block("a", "b");
    expect(worlds.get("a")!.network.send(b, bytes(1))).toBe("sent");
    for (const value of [1, 2, 3, 4]) worlds.get("b")!.network.send(a, bytes(value));
    worlds.get("b")!.network.send(b, bytes(9));
    simulation.run();
    expect(seen).toEqual(["b: b says 9", ...[1, 2, 3, 4].map((value) => `a: b says ${value}`)]);
  });

  test("a broken connection loses its frames in flight", () => {
    const simulation = new Simulation({ seed: 2 });
    let a1: World | undefined;
    const seen: string[] = [];
    simulation.node("a", (world) => {
      a1 = world;
      world.network.onLink((_peer, state) => void seen.push(state));
    });
    simulation.node("b", ({ network }) => void network.onFrame((_from, frame) => void seen.push(`frame ${frame[0]}`)));
    simulation.start("a");
    simulation.start("b");
    simulation.run();
    expect(a1!.network.send(b, bytes(1))).toBe("sent");
    simulation.partition([["a"]]);
    simulation.heal();
    expect(a1!.network.send(b, bytes(2)), "not noticed yet").toBe("sent");
    simulation.run();
    expect(a1!.network.send(b, bytes(3))).toBe("sent");
    simulation.run();
    expect(seen).toEqual(["up", "down", "up", "frame 3"]);
    expect(simulation.stats()).toMatchObject({ framesDelivered: 1, framesLost: 2 });
  });

  test("are bounded: full, then writable", () => {
    const simulation = new Simulation({ seed: 2, network: { linkFramesMax: 4 } });
    const seen: string[] = [];
    simulation.node("a", ({ network }) => {
      network.onLink((peer, state) => {
        seen.push(state);
        if (state === "up") for (let sent = 0; sent < 6; sent += 1) seen.push(network.send(peer, bytes(sent)));
      });
    });
    simulation.node("b", () => undefined);
    simulation.start("a");
    simulation.start("b");
    simulation.run();
    expect(seen).toEqual(["up", "sent", "sent", "sent", "sent", "full", "full", "writable"]);
  });
});

/** Syncs two records, appends three more, and crashes the node before a second sync is done. */
function afterCrash(
  seed: number,
  options: { tornWrites: boolean; secondSync: boolean }
): { fresh: boolean; records: number } {
  const simulation = new Simulation({ seed, disk: { tornWrites: options.tornWrites } });
  let found: Recovered | undefined;
  simulation.node("a", ({ disk }) => {
    disk.open("x", (opened) => {
      if (opened instanceof Error) throw opened;
      found = opened;
      if (!opened.fresh) return;
      for (const value of [1, 2]) opened.log.append(bytes(value));
      opened.log.sync(() => {
        for (const value of [3, 4, 5]) opened.log.append(bytes(value));
        if (options.secondSync)
          opened.log.sync(() => {
            throw new Error("crashed before");
          });
        simulation.crash("a");
      });
    });
  });
  simulation.start("a");
  simulation.run();
  expect(found?.fresh).toBe(true);
  simulation.start("a");
  simulation.run();
  return { fresh: found!.fresh, records: [...found!.records].length };
}

describe("the disk", () => {
  test("forgets unsynced records", () => {
    for (let seed = 0; seed < 20; seed += 1) {
      expect(afterCrash(seed, { tornWrites: true, secondSync: false })).toEqual({ fresh: false, records: 2 });
      expect(afterCrash(seed, { tornWrites: false, secondSync: true })).toEqual({ fresh: false, records: 2 });
    }
  });

  test("keeps a random part of the records being written", () => {
    const left = Array.from(
      { length: 40 },
      (_, seed) => afterCrash(seed, { tornWrites: true, secondSync: true }).records
    );
    expect(new Set(left)).toEqual(new Set([2, 3, 4, 5]));
  });

  test("may keep a new log after a crash before the answer", () => {
    const marks = new Set<boolean>();
    for (let seed = 0; seed < 20; seed += 1) {
      const simulation = new Simulation({ seed });
      let fresh: boolean | undefined;
      simulation.node("a", ({ disk }) =>
        disk.open("x", (opened) => {
          if (!(opened instanceof Error)) fresh = opened.fresh;
        })
      );
      simulation.start("a");
      simulation.step();
      simulation.restart("a");
      simulation.run();
      marks.add(fresh!);
    }
    expect(marks).toEqual(new Set([true, false]));
  });

  test("replaces records up to a checkpoint's position, unsynced ones too", () => {
    const simulation = new Simulation({ seed: 1 });
    let found: Recovered | undefined;
    simulation.node("a", ({ disk }) => {
      disk.open("x", (opened) => {
        if (opened instanceof Error) throw opened;
        found = opened;
        if (!opened.fresh) return;
        for (const value of [1, 2, 3]) opened.log.append(bytes(value));
        opened.log.checkpoint(2 as never, [bytes(7)], () => opened.log.sync(() => simulation.crash("a")));
      });
    });
    simulation.start("a");
    simulation.run();
    simulation.start("a");
    simulation.run();
    expect(found?.checkpoint).toEqual({ upTo: 2, chunks: [bytes(7)] });
    expect([...found!.records]).toEqual([bytes(3)]);
  });
});

describe("the guard", () => {
  const leaks: [string, () => unknown][] = [
    ["Date.now()", () => Date.now()],
    ["new Date()", () => new Date()],
    ["Math.random()", () => Math.random()],
    ["setTimeout()", () => setTimeout(() => undefined, 0)],
    ["setInterval()", () => setInterval(() => undefined, 1000)],
    ["setImmediate()", () => setImmediate(() => undefined)],
    ["performance.now()", () => performance.now()],
    ["crypto.getRandomValues()", () => crypto.getRandomValues(new Uint8Array(1))],
    ["queueMicrotask()", () => queueMicrotask(() => undefined)],
    ["process.hrtime()", () => process.hrtime()],
    ["process.hrtime.bigint()", () => process.hrtime.bigint()],
    ["randomBytes() of node:crypto", () => randomBytes(1)],
    ["setTimeout() of node:timers", () => timers.setTimeout(() => undefined, 0)],
    ["a promise that waits for another (await, then)", async () => await Promise.resolve()],
    ["a promise that waits for another (await, then)", () => new Promise<void>(() => undefined).then(() => undefined)],
  ];
  test.each(leaks)("refuses %s inside a node, even when the node swallows the error", (name, leak) => {
    const simulation = new Simulation({ seed: 77 });
    simulation.node("a", () => {
      try {
        leak();
      } catch {
        // The error is swallowed, but the run must fail.
      }
    });
    simulation.start("a");
    let thrown: unknown;
    try {
      simulation.run();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SimulationLeakError);
    expect(String(thrown)).toContain(name);
    expect(String(thrown)).toContain("seed 77");
    expect((thrown as Error).stack).toContain("simulation.test.ts");
  });

  test("allows a promise that nobody waits for", () => {
    const simulation = new Simulation({ seed: 1 });
    let settle: () => void = () => undefined;
    let promise: Promise<void> | undefined;
    simulation.node("a", ({ clock }) => {
      promise = new Promise((resolve) => (settle = resolve));
      clock.schedule(1, () => settle());
    });
    simulation.start("a");
    simulation.run();
    return expect(promise).resolves.toBe(undefined);
  });

  test("lets the test itself use the platform, and restores it", () => {
    const before = [
      Date,
      Date.now,
      Math.random,
      setTimeout,
      Object.hasOwn(performance, "now"),
      Object.hasOwn(crypto, "getRandomValues"),
    ];
    const simulation = new Simulation({ seed: 1 });
    simulation.node("a", () => {
      expect(new Date(5).getTime()).toBe(5);
    });
    simulation.start("a");
    simulation.at(1, () => void Date.now());
    simulation.runUntil(() => Date.now() > 0 && simulation.now >= 1);
    expect([
      Date,
      Date.now,
      Math.random,
      setTimeout,
      Object.hasOwn(performance, "now"),
      Object.hasOwn(crypto, "getRandomValues"),
    ]).toEqual(before);
  });
});

describe("errors", () => {
  test("a node that throws ends the run, with the seed", () => {
    const simulation = new Simulation({ seed: 13 });
    simulation.node("a", () => {
      throw new Error("boom");
    });
    simulation.start("a");
    expect(() => simulation.run()).toThrow(SimulatedNodeError);
  });

  test("runUntil times out with seed, time and hash", () => {
    const simulation = new Simulation({ seed: 13 });
    simulation.node("a", ({ clock }) => {
      const tick = (): void => void clock.schedule(1, tick);
      tick();
    });
    simulation.start("a");
    expect(() => simulation.runUntil(() => false, { deadlineMs: 50 })).toThrow(SimulationTimeoutError);
    expect(() => simulation.runUntil(() => false, { deadlineMs: 50 })).toThrow(
      /seed 13, at \d+.* ms, trace [0-9a-f]{16}/
    );
  });

  test("misuse is named", () => {
    const simulation = new Simulation({ seed: 1 });
    simulation.node("a", () => simulation.run());
    expect(() => simulation.node("a", () => undefined)).toThrow(SimulationUseError);
    expect(() => simulation.start("b")).toThrow(SimulationUseError);
    simulation.start("a");
    expect(() => simulation.start("a")).toThrow(SimulationUseError);
    expect(() => simulation.run()).toThrow(/from outside of a run/);
  });
});

test("a cut and a mend between unlinked nodes do not link them", () => {
  const simulation = new Simulation({ seed: 1, network: { linked: (node) => (node === "a" ? ["b"] : []) } });
  const reports: string[] = [];
  for (const id of ["a", "b", "c"])
    simulation.node(id, ({ network }) => void network.onLink((peer, state) => reports.push(`${id}: ${peer} ${state}`)));
  for (const id of ["a", "b", "c"]) simulation.start(id);
  simulation.run();
  simulation.cut("a", "c");
  simulation.run();
  simulation.mend("a", "c");
  simulation.heal();
  simulation.run();
  expect(reports.toSorted()).toEqual(["a: b up", "b: a up"]);
});

