import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { peerId, SeededRandom, type World } from "@void-system/effects";
import { DiskPathError, LogDamagedError } from "@void-system/effects/node";
import { Clock } from "@void-system/effects/world";
import { type Cluster, type Fault, type FaultKind, replay, type ScenarioParts, simulate, Simulation, type SimulationOptions } from "../src/index.ts";
import { drawFaults } from "../src/scenario/fault-plan.ts";

const [a, b] = [peerId("a"), peerId("b")];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Two linked nodes, and the frames that b gets from a, with times. */
function pair(options: Partial<SimulationOptions> = {}): {
  simulation: Simulation;
  world: (id: string) => World;
  heard: { readonly value: number; readonly atMs: number }[];
  links: string[];
} {
  const simulation = new Simulation({ seed: 1, ...options });
  const worlds = new Map<string, World>();
  const heard: { value: number; atMs: number }[] = [];
  const links: string[] = [];
  for (const id of ["a", "b"]) {
    simulation.node(id, (world) => {
      worlds.set(id, world);
      world.network.onLink((_peer, state) => void links.push(`${id} ${state}`));
      if (id === "b") world.network.onFrame((_from, [value = 0]) => heard.push({ value, atMs: simulation.now }));
    });
    simulation.start(id);
  }
  simulation.run();
  return { simulation, world: (id) => worlds.get(id)!, heard, links };
}

describe("links", () => {
  test("a clogged one lets all frames through, in order, when the clog ends", () => {
    const { simulation, world, heard } = pair();
    simulation.clog("a", "b");
    for (const value of [1, 2, 3]) world("a").network.send(b, bytes(value));
    simulation.run({ forMs: 100 });
    expect(heard).toEqual([]);
    for (const value of [4, 5]) world("a").network.send(b, bytes(value));
    simulation.run({ forMs: 2 });
    simulation.unclog("a", "b");
    world("a").network.send(b, bytes(6));
    simulation.run();
    expect(heard.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a clogged one loses its waiting frames with its connection, and the next one works", () => {
    const { simulation, world, heard } = pair();
    simulation.clog("a", "b");
    world("a").network.send(b, bytes(1));
    simulation.run();
    simulation.cut("a", "b");
    simulation.run();
    simulation.mend("a", "b");
    simulation.unclog("a", "b");
    simulation.run();
    world("a").network.send(b, bytes(2));
    simulation.run();
    expect(heard.map(({ value }) => value)).toEqual([2]);
  });

  test("keep order unless reorder is set; corruption changes one bit", () => {
    const { simulation, world, heard } = pair({ network: { reorder: 0.5, maxDelayMs: 20 } });
    const sent = Array.from({ length: 50 }, (_, value) => value);
    for (const value of sent) world("a").network.send(b, bytes(value));
    simulation.run();
    expect(heard.map(({ value }) => value)).not.toEqual(sent);
    expect(heard.map(({ value }) => value).sort((x, y) => x - y)).toEqual(sent);

    const noisy = pair({ network: { corrupt: 1 } });
    noisy.world("a").network.send(b, bytes(0));
    noisy.simulation.run();
    expect([1, 2, 4, 8, 16, 32, 64, 128]).toContain(noisy.heard[0]!.value);
  });

  test("have conditions for each direction, and a long tail is long", () => {
    const options: Partial<SimulationOptions> = {
      network: { link: (from: string) => (from === "a" ? { minDelayMs: 10, maxDelayMs: 1010, delays: "long-tail" } : {}) },
    };
    const { simulation, world, heard } = pair(options);
    const delays: number[] = [];
    for (let count = 0; count < 200; count += 1) {
      const sentMs = simulation.now;
      world("a").network.send(b, bytes(1));
      simulation.run();
      delays.push(heard.at(-1)!.atMs - sentMs);
    }
    delays.sort((x, y) => x - y);
    expect(delays[0]!).toBeGreaterThanOrEqual(10);
    expect(delays[100]!).toBeLessThan(100);
    expect(delays.at(-1)!).toBeGreaterThan(350);
    expect(delays.at(-1)!).toBeLessThanOrEqual(1010);
  });

  test("exist only where declared, if any are", () => {
    const simulation = new Simulation({ seed: 1, network: { linked: (id) => (id === "hub" ? ["x", "y"] : []) } });
    const up: string[] = [];
    for (const id of ["x", "hub", "y"]) {
      simulation.node(id, ({ network }) => void network.onLink((peer) => up.push(`${id}-${peer}`)));
      simulation.start(id);
    }
    simulation.run();
    expect(up.sort()).toEqual(["hub-x", "hub-y", "x-hub", "y-hub"]);
  });
});

describe("clocks", () => {
  test("freeze and are right again, run at another rate, and jump", () => {
    const { simulation, world } = pair();
    const { clock } = world("a");
    const now = (): number => clock.wallMs() - 1_700_000_000_000;
    simulation.run({ untilMs: 100 });
    simulation.freezeClock("a");
    simulation.run({ untilMs: 200 });
    expect([now(), clock.monotonicMs()]).toEqual([100, 200]);
    simulation.freezeClock("a", false);
    expect(now()).toBe(200);
    simulation.driftClock("a", 500_000);
    simulation.run({ untilMs: 300 });
    expect(now()).toBe(350);
    simulation.jumpClock("a", -1000);
    expect([now(), clock.monotonicMs()]).toEqual([-650, 350]);
    let wokenMs = 0;
    clock.schedule(150, () => (wokenMs = simulation.now));
    simulation.run();
    expect(wokenMs).toBe(400);
  });
});

describe("disks", () => {
  const writer = (answers: unknown[]) => (world: World) =>
    world.disk.open("x", (opened) => {
      if (opened instanceof Error) return void answers.push(opened);
      answers.push([...opened.records].length);
      opened.log.append(bytes(1));
      opened.log.sync((failure) => answers.push(failure ?? "synced"));
    });

  test("that are full fail every write, and such a log stays dead for that life", () => {
    const answers: unknown[] = [];
    const simulation = new Simulation({ seed: 1 });
    simulation.node("a", writer(answers));
    simulation.start("a");
    simulation.run();
    simulation.fillDisk("a");
    simulation.restart("a");
    simulation.run();
    simulation.fillDisk("a", false);
    simulation.restart("a");
    simulation.run();
    expect(answers).toEqual([0, "synced", 1, expect.any(DiskPathError), 1, "synced"]);
    expect((answers[3] as Error).message).toContain("free space");
  });

  test("that rot fail the next open, as a real one does", () => {
    const answers: unknown[] = [];
    const simulation = new Simulation({ seed: 1 });
    simulation.node("a", writer(answers));
    expect(simulation.rotDisk("a")).toBe(false);
    simulation.start("a");
    simulation.run();
    expect(simulation.rotDisk("a")).toBe(true);
    simulation.restart("a");
    simulation.run();
    expect(answers.at(-1)).toBeInstanceOf(LogDamagedError);
  });

  test("that are slow take longer", () => {
    const simulation = new Simulation({ seed: 1 });
    simulation.node("a", writer([]));
    simulation.slowDisk("a", 500);
    simulation.start("a");
    simulation.run();
    expect(simulation.now).toBeGreaterThan(1_000);
  });
});

const everyFault: Fault[] = [
  { kind: "crash", atMs: 10, node: "a", forMs: 10 },
  { kind: "pause", atMs: 20, node: "b", forMs: 10 },
  { kind: "partition", atMs: 30, groups: [["a"]], forMs: 10 },
  { kind: "block", atMs: 40, from: "a", to: "b", forMs: 10 },
  { kind: "clog", atMs: 50, from: "a", to: "b", forMs: 10 },
  { kind: "link", atMs: 60, from: "a", to: "b", conditions: { loss: 1 }, forMs: 10 },
  { kind: "flap", atMs: 70, between: ["a", "b"], periodMs: 3, forMs: 10 },
  { kind: "clock-jump", atMs: 80, node: "a", byMs: -50 },
  { kind: "clock-rate", atMs: 90, node: "a", driftPpm: 100, forMs: 10 },
  { kind: "clock-freeze", atMs: 100, node: "a", forMs: 10 },
  { kind: "disk-slow", atMs: 110, node: "a", byMs: 5, forMs: 10 },
  { kind: "disk-full", atMs: 120, node: "a", forMs: 10 },
  { kind: "bit-rot", atMs: 130, node: "a" },
];
const kinds: FaultKind[] = everyFault.map(({ kind }) => kind);

const chatter = ({ clock, network }: World): void => {
  const beat = (): void => {
    network.send(network.self === a ? b : a, bytes(1));
    clock.schedule(1, beat);
  };
  beat();
};

/** A node that uses all of its World, and survives a damaged disk. */
const everything = ({ clock, compute, disk, network, random }: World): void => {
  const names = [peerId("a"), peerId("b"), peerId("c")];
  const job = { name: "sum", module: "", run: (input: Uint8Array) => Uint8Array.of(input.reduce((x, y) => x + y, 0)) };
  disk.open("log", (opened) => {
    network.onFrame((from, frame) => {
      compute.run(job, frame, (sum) => {
        if (sum instanceof Error) throw sum;
        if (!(opened instanceof Error)) opened.log.append(sum);
        if (random.next() < 0.3) network.send(from, sum);
      });
    });
    const beat = (): void => {
      const stamp = new Uint8Array(new Float64Array([clock.wallMs(), clock.monotonicMs()]).buffer);
      network.send(names[Math.floor(random.next() * 3)]!, stamp);
      if (!(opened instanceof Error)) opened.log.sync((failure) => void clock.schedule(failure ? 50 : 3, beat));
      else clock.schedule(7, beat);
    };
    beat();
  });
};

describe("faults as data", () => {
  test("of every kind begin and end, and nodes then communicate as before", () => {
    const nodes = { a: chatter, b: chatter };
    const { trace, ok } = simulate({ seed: 1, nodes, faults: everyFault, until: 400, trace: true });
    expect(ok).toBe(true);
    for (const { kind, ...fault } of everyFault) {
      expect(trace.some(({ note }) => note.startsWith(`${kind} `)), kind).toBe(true);
      expect(trace.some(({ note }) => note.startsWith(`end of ${kind} `)), kind).toBe("forMs" in fault);
    }
    const late = trace.filter(({ kind, atMs, note }) => kind === "frame" && atMs > 300 && note === "");
    expect(new Set(late.map(({ node }) => node))).toEqual(new Set([a, b]));
  });

  test("that overlap end separately", () => {
    const first = { atMs: 100, forMs: 100 };
    const second = { atMs: 150, forMs: 150 };
    const way = { from: "a", to: "b" };
    const of = <K extends Fault["kind"]>(kind: K, rest: object): Fault[] =>
      // A fault of that kind, as far as `rest` completes it.
      [first, second].map((time) => ({ kind, ...time, ...rest }) as unknown as Fault);
    const faults = [
      ...of("pause", { node: "a" }), ...of("crash", { node: "b" }), ...of("disk-slow", { node: "c", byMs: 9 }),
      { kind: "clock-rate", node: "c", driftPpm: 500, ...first }, { kind: "clock-rate", node: "c", driftPpm: 900, ...second },
      { kind: "partition", groups: [["c"]], ...second }, { kind: "partition", groups: [["d"]], atMs: 160, forMs: 10 },
    ] satisfies Fault[];
    const seen: Record<number, object> = {};
    const nodes = { a: chatter, b: chatter, c: chatter, d: chatter };
    const state = ({ simulation }: Cluster): object => ({
      paused: simulation.inspect("a").paused,
      running: simulation.isRunning("b"),
      linked: simulation.inspect("d").links.includes(peerId("c")),
    });
    simulate({
      seed: 1, nodes, faults, until: 400,
      workload: (cluster) => {
        for (const ms of [90, 250, 350]) cluster.at(ms, () => { seen[ms] = state(cluster); });
        cluster.at(360, () => { seen[360] = { driftPpm: cluster.simulation.driftClock("c", 0) }; });
      },
    });
    expect(seen).toEqual({
      90: { paused: false, running: true, linked: true },
      250: { paused: true, running: false, linked: false },
      350: { paused: false, running: true, linked: true },
      360: { driftPpm: 0 },
    });
    for (const kind of ["block", "clog"] as const) {
      const [, end] = of(kind, way);
      const { trace } = simulate({ seed: 1, nodes: { a: chatter, b: chatter }, faults: of(kind, way), until: 400, trace: true });
      const heard = trace.filter(({ kind: event, node, note }) => event === "frame" && node === b && note === "");
      expect(heard.filter(({ atMs }) => atMs > 110 && atMs < 300), kind).toEqual([]);
      expect(heard.some(({ atMs }) => atMs >= 300), `${kind} ${end?.atMs}`).toBe(true);
    }
  });

  test("that are drawn stay within their budget", () => {
    const nodes = ["a", "b", "c", "d", "e"];
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, downMax) => {
        const faults = drawFaults({ kinds, downMax, everyMs: 100, untilMs: 5_000 }, nodes, new SeededRandom(seed));
        const rotten = new Map<string, number>();
        for (const fault of faults)
          if (fault.kind === "bit-rot") rotten.set(fault.node, Math.min(rotten.get(fault.node) ?? Infinity, fault.atMs));
        expect(rotten.size).toBeLessThanOrEqual(1);
        for (const { atMs } of faults) {
          const down = new Set([...rotten].filter(([, fromMs]) => fromMs <= atMs).map(([node]) => node));
          for (const fault of faults)
            if (fault.kind === "crash" || fault.kind === "pause" || fault.kind === "disk-full")
              if (fault.atMs <= atMs && atMs <= fault.atMs + fault.forMs!) down.add(fault.node);
          expect(down.size).toBeLessThanOrEqual(downMax);
        }
        for (const fault of faults)
          if (fault.kind !== "clock-jump" && fault.kind !== "bit-rot")
            expect(fault.atMs + fault.forMs!).toBeLessThanOrEqual(5_000);
      }),
      { numRuns: 100 }
    );
    const drawn = drawFaults({ kinds, everyMs: 10, untilMs: 20_000 }, nodes, new SeededRandom(1));
    expect(new Set(drawn.map(({ kind }) => kind))).toEqual(new Set(kinds));
  });

  test("scale with a run of known length", () => {
    for (const lengthMs of [50, 1_000, 100_000]) {
      const counts = Array.from({ length: 50 }, (_, seed) => {
        const faults = drawFaults({ kinds: ["clock-freeze"] }, ["a", "b", "c"], new SeededRandom(seed), { lengthMs });
        for (const fault of faults)
          if (fault.kind === "clock-freeze") expect(fault.atMs + (fault.forMs ?? Infinity)).toBeLessThanOrEqual(lengthMs);
        return faults.length;
      });
      expect(counts.reduce((one, other) => one + other) / counts.length).toBeGreaterThan(5);
      expect(Math.max(...counts)).toBeLessThan(25);
    }
  });

  test("begin in every decade of a run of unknown length, and last at most half of the time before them", () => {
    const all = Array.from({ length: 200 }, (_, seed) => drawFaults({ kinds: ["pause"], downMax: 9 }, ["a", "b", "c"], new SeededRandom(seed)));
    for (const [fromMs, toMs] of [[0, 50], [50, 500], [500, 5_000]] as const) {
      const within = all.map((faults) => faults.filter(({ atMs }) => fromMs <= atMs && atMs < toMs).length);
      expect(within.filter((count) => count > 0).length, `from ${fromMs} to ${toMs} ms`).toBeGreaterThan(120);
    }
    for (const fault of all.flat()) if (fault.kind === "pause") expect(fault.forMs).toBeLessThanOrEqual(Math.max(20, (fault.atMs + 1) / 2));
  });

  test("keep the times that a budget states", () => {
    const stated = drawFaults({ kinds: ["clock-freeze"], everyMs: 40, lastMs: [7, 7] }, ["a"], new SeededRandom(1), { lengthMs: 10_000 });
    expect(stated.length).toBeGreaterThan(150);
    for (const fault of stated) if (fault.kind === "clock-freeze" && fault.atMs < 9_990) expect(fault.forMs).toBe(7);
  });

  test("of a client without operations in this run do not begin", () => {
    const scenario = (): ScenarioParts => ({
      nodes: { a: () => undefined },
      faults: [{ kind: "crash", atMs: 1, node: "ann" }],
      workload: { clients: ["ann", "bob"], operations: 1, thinkMs: [0, 0], draw: () => ({ op: "wait" }), *perform() { yield* Clock.sleep(5); } },
      until: 20,
    });
    const { plan } = simulate({ ...scenario(), seed: 1 });
    expect(replay(scenario, { ...plan, omitted: [0] }).exercised).toMatchObject({ operations: 1, faultsBegun: 0 });
    expect(replay(scenario, plan).exercised).toMatchObject({ faultsBegun: 1 });
  });
});

test("a run with every fault, all randomness and a random schedule has a frozen hash, on every Node.js", () => {
  const result = simulate({
    seed: 2 ** 40 + 7,
    nodes: {
      a: everything,
      b: everything,
      c: everything,
    },
    network: { loss: 0.05, duplicate: 0.05, reorder: 0.1, corrupt: 0.05, delays: "long-tail", maxDelayMs: 50 },
    clock: { skewMs: 500, driftPpm: 200 },
    faults: { kinds: kinds.filter((kind) => kind !== "disk-full"), everyMs: 40, untilMs: 2_000, lastMs: [5, 100] },
    schedule: { kind: "pct", events: 3_000 },
    until: 2_500,
  });
  expect(result).toMatchObject({ ok: true });
  expect(new Set(result.plan.faults.map(({ kind }) => kind)).size).toBeGreaterThan(9);
  expect(result.plan.decisions.length).toBeGreaterThan(100);
  expect([result.events, result.traceHash]).toMatchInlineSnapshot(`
    [
      4664,
      "245909d81f59215d",
    ]
  `);
});
