import * as crypto from "node:crypto";
import { createHash, createHmac, hash } from "node:crypto";
import { type DurableLog, type Job, peerId, type World } from "@void-system/effects";
import { Net } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import {
  type Cluster,
  CPU_COSTS,
  type CpuWork,
  type Fault,
  replay,
  type Scenario,
  type Schedule,
  shrink,
  type SimulatedCpuOptions,
  simulate,
  Simulation,
  type SimulationOptions,
  SimulationUseError,
  type TraceEvent,
} from "../src/index.ts";

const [a, b] = [peerId("a"), peerId("b")];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
/** Only the work that a test names takes time. */
const FREE: NonNullable<SimulatedCpuOptions["costs"]> = Object.fromEntries(
  Object.keys(CPU_COSTS).map((work) => [work, { ms: 0 }]),
);
const MIB = 2 ** 20;

const schedules: (Schedule | undefined)[] = [undefined, { kind: "random" }, { kind: "pct", events: 100 }];
/** The same schedule, with no event late. */
const exact: (Schedule | undefined)[] = [undefined, { kind: "random", windowMs: 0 }, { kind: "pct", windowMs: 0, events: 100 }];

/**
 * Runs one node with these costs. `work` is called once, at 10 ms. Returns the time for which it blocked the thread.
 */
function held(costs: SimulatedCpuOptions["costs"], work: (simulation: Simulation, world: World) => void, options: Partial<SimulationOptions> = {}): number {
  const simulation = new Simulation({ seed: 1, cpu: { costs: { ...FREE, ...costs } }, ...options });
  simulation.node("a", (world) => void world.clock.schedule(10, () => work(simulation, world)));
  simulation.start("a");
  simulation.run({ untilMs: 10 });
  return Number(simulation.inspect("a").cpu?.freeAtMs) - 10;
}

describe("a flood of one signed frame per millisecond", () => {
  /**
   * A guest sends a frame at 100, 101, … ms, which arrives 1 ms later. Node a verifies each frame, and has two timers.
   */
  function flooded(cpu: SimulatedCpuOptions | undefined): { readonly timers: readonly number[]; readonly waiting: number | undefined } {
    const timers: number[] = [];
    const trace = ({ kind, node, atMs, causedAtMs }: TraceEvent): void => {
      if (kind === "timer" && node === "a" && causedAtMs < 1) timers.push(atMs);
    };
    const simulation = new Simulation({ seed: 1, network: { minDelayMs: 1, maxDelayMs: 1 }, trace, ...(cpu && { cpu }) });
    simulation.node("a", ({ clock, network }) => {
      network.onFrame(() => simulation.spend("verify"));
      const bootedMs = simulation.now;
      for (const atMs of [110.1, 110.5]) clock.schedule(atMs - bootedMs, () => undefined);
    });
    const liar = ({ clock, network }: World): void => {
      network.onLink(() => undefined);
      const flood = (): void => {
        network.send(a, bytes(1));
        clock.schedule(1, flood);
      };
      clock.schedule(100, flood);
    };
    simulation.node("liar", liar, { guest: true });
    for (const id of ["a", "liar"]) simulation.start(id);
    simulation.run({ untilMs: 200 });
    return { timers, waiting: simulation.inspect("a").cpu?.waiting };
  }
  const verifying = (ms: number): SimulatedCpuOptions => ({ costs: { ...FREE, step: { ms: 0.02 }, verify: { ms } } });

  test("delays timers by the backlog when a verification takes longer than that", () => {
    // Ten frames came before the timers, from 101 ms on, and each takes 2.02 ms: the timers' turn comes at 121.2 ms.
    expect(flooded(verifying(2)).timers).toEqual([121.2, 121.22]);
    // All frames up to 200 ms wait, except the first 99 / 2.02 ms.
    expect(flooded(verifying(2)).waiting).toBe(100 - 49);
  });

  test("delays them by one step at most when it does not", () => {
    // The frame of 110 ms blocks the thread for 0.22 ms.
    expect(flooded(verifying(0.2))).toEqual({ timers: [110.22, 110.5], waiting: 0 });
    expect(flooded(undefined)).toEqual({ timers: [110.1, 110.5], waiting: undefined });
  });
});

describe("a step", () => {
  test("sends, plans and reads clocks at the time that it has spent so far", () => {
    const seen: Record<string, number> = {};
    const options = { network: { minDelayMs: 1, maxDelayMs: 1 }, disk: { syncMinMs: 1, syncMaxMs: 1 } };
    const simulation = new Simulation({ seed: 1, cpu: { costs: { ...FREE, step: { ms: 0.02 } } }, ...options });
    simulation.node("a", ({ clock, network, disk }) => {
      let log: DurableLog | undefined;
      disk.open("log", (opened) => (log = opened instanceof Error ? undefined : opened.log));
      const bootedMs = clock.monotonicMs();
      const wallMs = clock.wallMs();
      clock.schedule(100 - simulation.now, () => {
        network.send(b, bytes(1));
        simulation.spend(5);
        network.send(b, bytes(2));
        seen["clock"] = clock.monotonicMs() - bootedMs + 0.02;
        seen["wall"] = clock.wallMs() - wallMs;
        clock.schedule(10, () => (seen["timer"] = simulation.now));
        log?.sync(() => (seen["sync"] = simulation.now));
      });
    });
    simulation.node("b", ({ network }) => void network.onFrame((_from, [value]) => (seen[`frame ${value}`] = simulation.now)));
    for (const id of ["a", "b"]) simulation.start(id);
    let nextMs = 0;
    simulation.at(100, () => (nextMs = simulation.now));
    simulation.run();
    expect(seen).toEqual({
      "frame 1": 101.04,
      "frame 2": 106.04,
      clock: 105.02,
      wall: 105,
      // It does not wait, since the step is over.
      timer: 115.04,
      sync: 106.04,
    });
    // For all other nodes, time is that of the step's beginning.
    expect(nextMs).toBe(100);
  });

  test("costs nothing for a lost frame", () => {
    const simulation = new Simulation({ seed: 1, cpu: { costs: { ...FREE, step: { ms: 1 } } }, network: { loss: 1, minDelayMs: 1, maxDelayMs: 1 } });
    for (const id of ["a", "b"]) simulation.node(id, ({ network }) => void network.onFrame(() => undefined));
    simulation.node("c", ({ network, clock }) => void clock.schedule(50, () => network.send(b, bytes(1))));
    for (const id of ["a", "b", "c"]) simulation.start(id);
    simulation.run({ untilMs: 100 });
    expect(simulation.stats().framesLost).toBe(1);
    const { busyMs } = simulation.stats();
    expect(busyMs["b"]).toBe(busyMs["a"]);
  });

  test("costs nothing for a frame that a clogged link holds back, and one when it arrives", () => {
    const simulation = new Simulation({ seed: 1, cpu: { costs: { ...FREE, step: { ms: 1 } } } });
    simulation.node("a", ({ network }) => void network.onFrame(() => undefined));
    const sends = ({ network, clock }: World): void => {
      network.onLink(() => undefined);
      clock.schedule(50, () => network.send(a, bytes(1)));
    };
    simulation.node("guest", sends, { guest: true });
    for (const id of ["a", "guest"]) simulation.start(id);
    simulation.clog("guest", "a");
    const busy = [40, 100, 200].map((untilMs) => {
      simulation.run({ untilMs });
      if (untilMs === 100) simulation.unclog("guest", "a");
      return Number(simulation.stats().busyMs["a"]);
    });
    expect(busy.map((ms) => ms - busy[0]!)).toEqual([0, 0, 1]);
  });

  test.each(exact)("that was cancelled while it waited does not happen, and those behind it do (schedule %#)", (schedule) => {
    const fired: string[] = [];
    const simulation = new Simulation({ seed: 1, cpu: { costs: FREE }, ...(schedule && { schedule }) });
    simulation.node("a", ({ clock }) => {
      clock.schedule(9, () => simulation.spend(2));
      const cancels = ["first", "second"].map((name, at) => clock.schedule(10 + at / 10, () => void fired.push(`${name} ${simulation.now}`)));
      clock.schedule(10.5, () => void fired.push(`third ${simulation.now}`));
      clock.schedule(8, () => simulation.at(10.7, () => cancels[0]?.()));
    });
    simulation.start("a");
    simulation.run();
    expect(fired).toEqual(["second 11", "third 11"]);
  });

  test("makes senders wait when its node is behind", () => {
    const simulation = new Simulation({ seed: 1, cpu: { costs: FREE }, network: { linkFramesMax: 3, minDelayMs: 1, maxDelayMs: 1 } });
    const answers: string[] = [];
    simulation.node("a", ({ network, clock }) => {
      const send = (): void => {
        answers.push(network.send(b, bytes(1)));
        clock.schedule(10, send);
      };
      clock.schedule(50, send);
    });
    simulation.node("b", ({ network }) => void network.onFrame(() => simulation.spend(1_000)));
    for (const id of ["a", "b"]) simulation.start(id);
    simulation.run({ untilMs: 110 });
    // The first frame is being handled, and three wait in the link's buffers.
    expect(answers).toEqual(["sent", "sent", "sent", "sent", "full", "full", "full"]);
  });
});

describe("work", () => {
  const ed25519 = crypto.generateKeyPairSync("ed25519");
  const x25519 = crypto.generateKeyPairSync("x25519");
  const half = new Uint8Array(MIB / 2);
  const older = createHash("sha256");
  const job: Job = {
    name: "hashed",
    module: import.meta.url,
    run: (input) => new Uint8Array(hash("sha256", input, "buffer")),
  };

  test.each<[string, SimulatedCpuOptions["costs"], () => unknown, number]>([
    ["a signature", { sign: { ms: 3 } }, () => crypto.sign(null, half, ed25519.privateKey), 3],
    ["a signature, by length", { sign: { ms: 3, msPerMiB: 8 } }, () => crypto.sign(null, half, ed25519.privateKey), 7],
    ["a verification", { verify: { ms: 2 } }, () => crypto.verify(null, half, ed25519.publicKey, new Uint8Array(64)), 2],
    ["an agreement", { agree: { ms: 1.5 } }, () => crypto.diffieHellman({ privateKey: x25519.privateKey, publicKey: x25519.publicKey }), 1.5],
    ["a hash at once", { hash: { ms: 1, msPerMiB: 4 } }, () => crypto.hash("sha256", half), 3],
    ["a hash, by a name that was imported", { hash: { ms: 1, msPerMiB: 4 } }, () => hash("sha256", half), 3],
    ["a hash, by the module as the process has it", { hash: { ms: 1 } }, () => process.getBuiltinModule("node:crypto").hash("sha256", half), 1],
    ["a hash in parts", { hash: { ms: 1, msPerMiB: 4 } }, () => createHash("sha256").update(half).update(half).digest(), 5],
    ["a hash that was begun before", { hash: { ms: 1 } }, () => older.digest(), 1],
    ["a text", { hash: { ms: 0, msPerMiB: 1 } }, () => hash("sha256", "x".repeat(MIB)), 1],
    ["a MAC", { mac: { ms: 2, msPerMiB: 2 }, hash: { ms: 50 } }, () => createHmac("sha256", half).update(half).digest(), 3],
    ["several, rounded up together", { hash: { ms: 0.0005 } }, () => [1, 2, 3, 4, 5].map(() => hash("sha256", half)), 0.003],
  ])("of node:crypto is charged: %s", (_name, costs, work, expected) => {
    expect(held(costs, work)).toBeCloseTo(expected, 9);
  });

  test("is charged while a node's code runs, and only then", () => {
    const functions = [crypto.sign, crypto.verify, crypto.hash, crypto.Hash.prototype.update, crypto.Hmac.prototype.digest];
    let logged = 0;
    const simulation = new Simulation({
      seed: 1,
      cpu: { costs: { ...FREE, hash: { ms: 100 } } },
      log: () => void (logged += hash("sha256", half).length),
    });
    simulation.node("a", ({ logger, clock }) => {
      logger.log("info", "hello");
      clock.schedule(1, () => undefined);
    });
    simulation.start("a");
    simulation.at(2, () => hash("sha256", half));
    simulation.run();
    expect([simulation.now, logged]).toEqual([2, 64]);
    expect([crypto.sign, crypto.verify, crypto.hash, crypto.Hash.prototype.update, crypto.Hmac.prototype.digest]).toEqual(functions);
  });

  test("that the simulator cannot see is charged by spend", () => {
    const costs = { verify: { ms: 2 }, hash: { ms: 1, msPerMiB: 8 } };
    expect(held(costs, (simulation) => simulation.spend("verify"))).toBe(2);
    expect(held(costs, (simulation) => simulation.spend("hash", MIB / 4))).toBe(3);
    expect(held(costs, (simulation) => simulation.spend(50))).toBe(50);
    const { cpu, ...parts }: ReturnType<Scenario> = {
      cpu: { costs: FREE },
      nodes: {
        a: (_world, cluster: Cluster) => {
          cluster.spend("verify");
          cluster.spend(7);
          cluster.check("it took no time", cluster.now === 0);
        },
      },
    };
    expect(simulate({ ...parts, ...(cpu && { cpu }), seed: 1 })).toMatchObject({ ok: false, failure: { name: "it took no time" } });
    expect(simulate({ ...parts, seed: 1 }).ok).toBe(true);
  });

  test("of a job runs on the node's thread; with threads of their own, jobs block nothing", () => {
    const run = (_simulation: Simulation, { compute }: World): void => void compute.run(job, half, () => undefined);
    const costs = { job: { ms: 3 }, hash: { ms: 1, msPerMiB: 2 } };
    const start = (options: Partial<SimulationOptions>): { doneMs: number; busyMs: number | undefined; timerMs: number } => {
      const simulation = new Simulation({ seed: 1, cpu: { costs: { ...FREE, ...costs } }, ...options });
      let [doneMs, timerMs] = [0, 0];
      simulation.node("a", ({ clock, compute }) => {
        clock.schedule(10, () => compute.run(job, half, () => (doneMs = simulation.now)));
        clock.schedule(11, () => (timerMs = simulation.now));
      });
      simulation.start("a");
      simulation.run();
      return { doneMs, timerMs, busyMs: simulation.stats().busyMs["a"] };
    };
    expect(start({})).toEqual({ doneMs: 15.001, timerMs: 15.001, busyMs: 5 });
    expect(start({ compute: { minMs: 20, maxMs: 20 } })).toEqual({ doneMs: 30, timerMs: 11, busyMs: 0 });
    expect(held(costs, run)).toBe(0);
  });

  test("takes as long as the node's speed demands", () => {
    const speed = (node: string): number => (node === "a" ? 0.5 : 1);
    const cpu = { costs: { ...FREE, verify: { ms: 2 } }, speed };
    const simulation = new Simulation({ seed: 1, cpu });
    for (const id of ["a", "b"]) {
      simulation.node(id, () => {
        simulation.spend("verify");
        simulation.spend(1);
      });
      simulation.start(id);
    }
    simulation.run({ untilMs: 100 });
    expect(simulation.stats().busyMs).toEqual({ a: 6, b: 3 });
  });

  test("of a guest takes no time, and it has no thread", () => {
    const simulation = new Simulation({ seed: 1, cpu: {} });
    const seen: number[] = [];
    const boot = (): void => {
      hash("sha256", half);
      simulation.spend(100);
      seen.push(simulation.now);
    };
    simulation.node("guest", boot, { guest: true });
    simulation.start("guest");
    simulation.run();
    expect(seen).toEqual([0]);
    expect(simulation.inspect("guest").cpu).toBeUndefined();
    expect(simulation.stats().busyMs).toEqual({});
  });
});

describe("an event that waits for the thread", () => {
  /** A node that is always behind gets frames of two links, timers and disk answers, all numbered. */
  function behind(seed: number, schedule: Schedule | undefined): { readonly lines: Record<string, number[]>; readonly lateMs: number; readonly hash: string } {
    const lines: Record<string, number[]> = { b: [], c: [], timer: [], disk: [] };
    let lateMs = 0;
    const simulation = new Simulation({ seed, cpu: { costs: { ...FREE, step: { ms: 3 } } }, ...(schedule && { schedule }) });
    simulation.node("a", ({ network, clock, disk }) => {
      network.onFrame((from, [value = 0]) => void lines[from]?.push(value));
      disk.open("log", (opened) => {
        if (opened instanceof Error) throw opened;
        const bootedMs = simulation.now;
        for (let at = 0; at < 20; at += 1) {
          clock.schedule(50 + at, () => {
            lateMs = Math.max(lateMs, simulation.now - bootedMs - 50 - at);
            lines["timer"]?.push(at);
            opened.log.append(bytes(at));
            opened.log.sync(() => void lines["disk"]?.push(at));
          });
        }
      });
    });
    for (const id of ["b", "c"]) {
      simulation.node(id, ({ network, clock }) => {
        // A guest is linked once it uses its network.
        network.onLink(() => undefined);
        for (let at = 0; at < 20; at += 1) clock.schedule(70 + at, () => void network.send(a, bytes(at)));
      }, { guest: true });
    }
    for (const id of ["a", "b", "c"]) simulation.start(id);
    simulation.run();
    return { lines, lateMs, hash: simulation.traceHash() };
  }

  test.each(schedules)("keeps the order of its line with schedule %#, and the seed decides the rest", (schedule) => {
    const seeds = [1, 2, 3, 4, 5];
    const runs = seeds.map((seed) => behind(seed, schedule));
    const inOrder = Array.from({ length: 20 }, (_, at) => at);
    for (const { lines, lateMs } of runs) {
      // A disk may answer several syncs in another order than they were requested, since each takes its own time.
      expect({ ...lines, disk: lines["disk"]?.length }).toEqual({ b: inOrder, c: inOrder, timer: inOrder, disk: 20 });
      expect(lateMs).toBeGreaterThan(30);
    }
    expect(seeds.map((seed) => behind(seed, schedule))).toEqual(runs);
    expect(new Set(runs.map((run) => run.hash)).size).toBe(seeds.length);
  });

  test.each(exact)("is dropped by a crash, which frees the thread (schedule %#)", (schedule) => {
    const seen: string[] = [];
    const simulation = new Simulation({ seed: 1, cpu: { costs: FREE }, ...(schedule && { schedule }) });
    simulation.node("a", ({ clock }) => {
      seen.push(`boot ${simulation.now}`);
      clock.schedule(10, () => simulation.spend(1_000));
      for (const atMs of [12, 13, 14]) clock.schedule(atMs, () => void seen.push(`timer ${simulation.now}`));
    });
    simulation.start("a");
    simulation.at(20, () => simulation.crash("a"));
    simulation.at(25, () => simulation.start("a"));
    simulation.at(26, () => {
      expect(simulation.inspect("a").cpu).toEqual({ busyMs: 10, freeAtMs: 25, waiting: 0 });
    });
    simulation.at(34, () => simulation.crash("a"));
    simulation.run();
    expect(seen).toEqual(["boot 0", "boot 25"]);
    expect(simulation.stats().busyMs).toEqual({ a: 10 });
  });

  test.each(schedules)("that is due later than the next event of a busy node does not happen early: %j", (schedule) => {
    const early: string[] = [];
    for (let seed = 1; seed <= 5; seed += 1) {
      const simulation = new Simulation({ seed, cpu: {}, ...(schedule && { schedule }) });
      simulation.node("a", ({ clock, random }) => {
        const tick = (): void => {
          const delayMs = random.next() * 10;
          const dueMs = clock.monotonicMs() + delayMs;
          clock.schedule(delayMs, () => {
            if (clock.monotonicMs() < dueMs) early.push(`${clock.monotonicMs()} < ${dueMs}`);
            simulation.spend(2 * random.next());
            tick();
          });
        };
        for (let timer = 0; timer < 4; timer += 1) tick();
      });
      simulation.start("a");
      simulation.run({ untilMs: 300 });
    }
    expect(early).toEqual([]);
  });

  test("is dropped, too, when the node crashes itself in a step", () => {
    const boots: number[] = [];
    const simulation = new Simulation({ seed: 1, cpu: { costs: FREE } });
    simulation.node("a", ({ clock }) => {
      boots.push(simulation.now);
      clock.schedule(10, () => {
        simulation.spend(5);
        simulation.crash("a");
        simulation.spend(100);
      });
      clock.schedule(10, () => undefined);
    });
    simulation.start("a");
    simulation.at(20, () => simulation.start("a"));
    simulation.run({ untilMs: 25 });
    expect(boots).toEqual([0, 20]);
    expect(simulation.stats().busyMs).toEqual({ a: 5 });
  });

  test.each(exact)("waits for the whole of a pause, too (schedule %#)", (schedule) => {
    const fired: string[] = [];
    const simulation = new Simulation({ seed: 1, cpu: { costs: FREE }, ...(schedule && { schedule }) });
    simulation.node("a", ({ clock }) => {
      clock.schedule(10, () => simulation.spend(10));
      for (const atMs of [12, 13, 50]) clock.schedule(atMs, () => void fired.push(`${atMs} ${simulation.now}`));
    });
    simulation.start("a");
    // At 15 ms, 5 ms of its work are left, and two timers wait.
    simulation.at(15, () => simulation.pause("a"));
    simulation.at(60, () => {
      expect(simulation.inspect("a").cpu).toMatchObject({ busyMs: 5, waiting: 3 });
      expect(simulation.inspect("a").pending.map(({ atMs }) => atMs)).toEqual([13, 20, 50]);
    });
    simulation.at(115, () => simulation.resume("a"));
    simulation.run();
    expect(fired).toEqual(["12 120", "13 120", "50 120"]);
    expect(simulation.stats().busyMs).toEqual({ a: 10 });
  });

  test("is shown by inspect, with the load of the thread", () => {
    const simulation = new Simulation({ seed: 1, cpu: { costs: { ...FREE, step: { ms: 1 } } } });
    simulation.node("a", ({ clock }) => {
      clock.schedule(9, () => simulation.spend(4));
      clock.schedule(11, () => undefined);
      clock.schedule(12, () => undefined);
    });
    simulation.start("a");
    // The start took 1 ms, and the timer of 10 ms has worked for 2.5 of its 5 ms.
    simulation.run({ untilMs: 12.5 });
    expect(simulation.inspect("a").cpu).toEqual({ busyMs: 3.5, freeAtMs: 15, waiting: 1 });
    simulation.run({ untilMs: 13 });
    expect(simulation.inspect("a").cpu).toEqual({ busyMs: 4, freeAtMs: 15, waiting: 2 });
    simulation.run();
    // It ends as the last timer begins its step.
    expect([simulation.now, simulation.stats().busyMs]).toEqual([16, { a: 7 }]);
    expect(new Simulation({ seed: 1 }).stats().busyMs).toEqual({});
  });
});

describe("a scenario", () => {
  /** A server that takes 12 ms for a request, and beats every 10 ms. Its watcher waits 40 ms for a beat. */
  const starved = (cpu: SimulatedCpuOptions | undefined): Scenario => () => ({
    ...(cpu && { cpu }),
    nodes: {
      server: ({ network, clock }, { spend }) => {
        network.onFrame(() => spend(12));
        const beat = (): void => {
          network.send(peerId("watcher"), bytes(1));
          clock.schedule(10, beat);
        };
        network.onLink((peer, state) => void (peer === "watcher" && state === "up" && beat()));
      },
      watcher: ({ network, clock }, { check }) => {
        let cancel: (() => void) | undefined;
        network.onFrame(() => {
          cancel?.();
          cancel = clock.schedule(40, () => check("the server beats", false));
        });
      },
    },
    network: { maxDelayMs: 2 },
    workload: {
      clients: 3,
      operations: 30,
      draw: () => ({ op: "ask" }),
      *perform() {
        return yield* Net.send(peerId("server"), bytes(2));
      },
    },
    faults: { kinds: ["clock-jump", "disk-slow"], untilMs: 900, everyMs: 100 },
    schedule: { kind: "random", windowMs: 1 },
    until: 1_000,
  });
  const scenario = starved({});

  test("that fails only for lack of CPU is found, replayed and shrunk", () => {
    const seeds = Array.from({ length: 10 }, (_, seed) => seed);
    for (const seed of seeds) expect(simulate({ ...starved(undefined)(), seed })).toMatchObject({ ok: true });
    const failed = seeds.map((seed) => simulate({ ...scenario(), seed })).find((run) => !run.ok);
    if (!failed || failed.ok) throw new Error("expected a failing seed");
    expect(failed.failure.name).toBe("the server beats");
    expect(replay(scenario, JSON.parse(JSON.stringify(failed.plan))).traceHash).toBe(failed.traceHash);
    expect(replay(starved(undefined), failed.plan).ok).toBe(true);
    const { run } = shrink(scenario, failed, { runsMax: 400 });
    expect(run.failure.name).toBe("the server beats");
    expect(run.plan.faults).toEqual([]);
    // Forty milliseconds of silence need three requests, or four.
    expect(run.operations.length).toBeLessThanOrEqual(5);
    expect(replay(scenario, run.plan).traceHash).toBe(run.traceHash);
    expect(replay(starved(undefined), run.plan).ok).toBe(true);
  });

  test("keeps its jobs on the thread when disks lose their randomness", () => {
    const job: Job = { name: "idle", module: import.meta.url, run: (input) => input };
    const jobs: Scenario = () => ({
      cpu: { costs: { ...FREE, job: { ms: 7 } } },
      nodes: { a: ({ compute }, cluster) => void compute.run(job, bytes(1), () => cluster.check("it took its time", cluster.now < 7)) },
    });
    const plan = { seed: 1, faults: [], decisions: [], omitted: [], forks: [] };
    for (const calm of [[], ["disk"]] as const) expect(replay(jobs, { ...plan, calm }).ok).toBe(false);
  });

  test("is repeatable by its seed under faults", () => {
    const faults: Fault[] = [
      { kind: "pause", atMs: 200, node: "server", forMs: 100 },
      { kind: "crash", atMs: 400, node: "server", forMs: 10 },
      { kind: "clog", atMs: 500, from: "c0", to: "server", forMs: 50 },
      { kind: "partition", atMs: 600, groups: [["server"]], forMs: 50 },
    ];
    const run = (seed: number): string => simulate({ ...starved({ costs: { step: { ms: 1 } } })(), faults, check: {}, seed }).traceHash;
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
  });
});

describe("refused", () => {
  const both = (cpu: unknown): (() => unknown)[] => [
    () => new Simulation({ seed: 1, cpu: cpu as SimulatedCpuOptions }),
    () => simulate({ seed: 1, cpu: cpu as SimulatedCpuOptions, nodes: { a: () => undefined } }),
  ];

  test.each<[unknown, string]>([
    [{ costs: { verfy: { ms: 1 } } }, 'no field "verfy" at cpu.costs'],
    [{ costs: { verify: { ms: -1 } } }, "at cpu.costs.verify.ms, got -1"],
    [{ costs: { hash: { ms: Number.NaN } } }, "at cpu.costs.hash.ms, got NaN"],
    [{ costs: { hash: { ms: 1, msPerMiB: Number.NaN } } }, "at cpu.costs.hash.msPerMiB, got NaN"],
    [{ costs: { job: { ms: Infinity } } }, "at cpu.costs.job.ms, got Infinity"],
    [{ costs: { sign: 2 } }, "an object at cpu.costs.sign, got 2"],
    [{ costs: { sign: { ms: 1, perByte: 1 } } }, 'no field "perByte" at cpu.costs.sign'],
    [{ threads: 2 }, 'no field "threads" at cpu'],
    [{ speed: 2 }, "a function at cpu.speed"],
    [true, "an object at cpu"],
  ])("is the option %j", (cpu, message) => {
    for (const make of both(cpu)) {
      expect(make).toThrow(SimulationUseError);
      expect(make).toThrow(message);
    }
  });

  test.each([0, -1, Number.NaN, Infinity, 1e-310])("is a speed of %d", (speed) => {
    const simulation = new Simulation({ seed: 1, cpu: { speed: () => speed } });
    expect(() => simulation.node("a", () => undefined)).toThrow(/cpu\.speed to give a number from 0\.000001 to 1000000 for a, got/);
  });

  test.each<[unknown, unknown, string]>([
    ["verfy", 0, "one of step, sign, verify, hash, mac, agree, job"],
    ["toString", 0, "one of step, sign"],
    [-1, 0, "milliseconds from 0 to 32000000000"],
    [Number.NaN, 0, "milliseconds from 0 to 32000000000"],
    [Infinity, 0, "milliseconds from 0 to 32000000000"],
    [1e305, 0, "milliseconds from 0 to 32000000000"],
    ["hash", -1, "0 to 2^53 - 1 bytes"],
    ["hash", Number.NaN, "0 to 2^53 - 1 bytes"],
    ["hash", 1e308, "0 to 2^53 - 1 bytes"],
  ])("is to spend %s, %s, with the option or without", (work, length, message) => {
    for (const options of [{}, { cpu: {} }]) {
      const simulation = new Simulation({ seed: 1, ...options });
      simulation.node("a", () => expect(() => simulation.spend(work as CpuWork, length as number)).toThrow(message));
      simulation.start("a");
      simulation.run();
    }
  });

  test("is to spend outside of a node's code", () => {
    expect(() => new Simulation({ seed: 1, cpu: {} }).spend("verify")).toThrow(/spend to be called by code of a node/);
  });
});
