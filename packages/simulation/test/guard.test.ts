import * as childProcess from "node:child_process";
import * as crypto from "node:crypto";
import * as dns from "node:dns";
import { performance as perf } from "node:perf_hooks";
import * as timers from "node:timers";
import * as timersPromises from "node:timers/promises";
import * as threads from "node:worker_threads";
import { boots, Clock } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import { type Cluster, inspect, inTurns, type ScenarioParts, simulate, simulating, SimulationLeakError } from "../src/index.ts";

const silently = (): void => undefined;

/** Uses of the platform that make a run no function of its seed. */
const uses: readonly (readonly [name: string, use: () => unknown])[] = [
  ["Date.now()", () => Date.now()],
  ["new Date()", () => new Date()],
  ["Date()", () => Date()],
  ["new Date()", () => Reflect.construct(Date, [])],
  ["new Date()", () => new (new Date(0).constructor as DateConstructor)()],
  ["performance.now()", () => performance.now()],
  ["performance.now()", () => perf.now()],
  ["performance.mark()", () => performance.mark("x")],
  ["Math.random()", () => Math.random()],
  ["setTimeout()", () => setTimeout(silently)],
  ["setInterval()", () => setInterval(silently)],
  ["setImmediate()", () => setImmediate(silently)],
  ["queueMicrotask()", () => queueMicrotask(silently)],
  ["setTimeout() of node:timers", () => timers.setTimeout(silently)],
  ["setTimeout() of node:timers/promises", () => timersPromises.setTimeout(1)],
  ["AbortSignal.timeout()", () => AbortSignal.timeout(1)],
  ["Atomics.wait()", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1)],
  ["fetch()", () => fetch("http://127.0.0.1:1/")],
  ["new MessageChannel()", () => new MessageChannel()],
  ["new BroadcastChannel()", () => new BroadcastChannel("x")],
  ["new MessageChannel() of node:worker_threads", () => new threads.MessageChannel()],
  ["new Worker() of node:worker_threads", () => new threads.Worker("0", { eval: true })],
  ["exec() of node:child_process", () => childProcess.exec("true")],
  ["lookup() of node:dns", () => dns.lookup("localhost", silently)],
  ["crypto.randomUUID()", () => globalThis.crypto.randomUUID()],
  ["crypto.getRandomValues()", () => globalThis.crypto.getRandomValues(new Uint8Array(4))],
  ["randomBytes() of node:crypto", () => crypto.randomBytes(4)],
  ["randomInt() of node:crypto", () => crypto.randomInt(10)],
  ["generateKeyPairSync() of node:crypto", () => crypto.generateKeyPairSync("ed25519")],
  ["generateKeySync() of node:crypto", () => crypto.generateKeySync("hmac", { length: 64 })],
  ["generatePrimeSync() of node:crypto", () => crypto.generatePrimeSync(32)],
  ["createECDH() of node:crypto", () => crypto.createECDH("secp256k1")],
  ["process.hrtime()", () => process.hrtime()],
  ["process.hrtime.bigint()", () => process.hrtime.bigint()],
  ["process.uptime()", () => process.uptime()],
  ["process.memoryUsage()", () => process.memoryUsage()],
  ["process.cpuUsage()", () => process.cpuUsage()],
  ["a promise that waits for another (await, then)", () => void (async () => { await Promise.resolve(); })()],
  ["a promise that waits for another (await, then)", () => void Promise.resolve().then(silently)],
];

/** Functions that a node may use. */
const pure: readonly (readonly [name: string, use: () => unknown])[] = [
  ["a date of a number", () => new Date(0).toISOString()],
  ["the class of a date", () => new Date(0).constructor === Date && new Date(0) instanceof Date],
  ["Date.UTC and Date.parse", () => Date.UTC(2020, 1) + Date.parse("2020-01-01T00:00:00Z")],
  ["structuredClone", () => structuredClone({ a: 1 })],
  ["a promise that nobody waits for", () => void Promise.resolve(1)],
  ["an async function that does not wait", () => void (async () => 1)()],
  ["a hash", () => crypto.createHash("sha256").update("x").digest()],
];

const node = (use: () => unknown): ScenarioParts => ({
  until: 10,
  nodes: {
    a: boots(function* () {
      yield* Clock.sleep(1);
      try {
        use();
      } catch {
        // Swallowing the error changes nothing.
      }
    }),
  },
});

describe("in a node", () => {
  test.each(uses)("%s is a leak", (name, use) => {
    expect(simulate({ ...node(use), seed: 1 })).toMatchObject({ ok: false, failure: { kind: "leak", name } });
  });

  test.each(pure)("%s is none", (_name, use) => {
    expect(simulate({ ...node(use), seed: 1 })).toMatchObject({ ok: true });
  });

  test("waiting for a promise names the remedy of programs and of callbacks", () => {
    const run = simulate({ ...node(() => void Promise.resolve().then(silently)), seed: 1 });
    expect(run.ok ? "" : run.failure.message).toContain("expected a node to use `yield*` in a program of `boots`, `fromAsync`, or callbacks, of its World");
  });
});

// vitest intercepts the console, and reads the time of each line.
describe("printing is no leak", () => {
  const print = (): void => console.debug("printed by a test of the guard");

  test("of a node, a check and an action", () => {
    const parts: ScenarioParts = { ...node(print), check: { end: { prints: print } }, workload: ({ at }) => void at(1, print) };
    expect(simulate({ ...parts, seed: 1 })).toMatchObject({ ok: true });
  });

  test("of clients, async ones included", async () => {
    const printing: ScenarioParts = {
      nodes: { a: () => undefined },
      workload: {
        clients: ["ann", "bob"],
        *program({ name, fromAsync }) {
          yield* Clock.sleep(1);
          print();
          if (name === "bob") yield* fromAsync(async ({ clock }) => { await clock.sleep(1); print(); });
        },
      },
    };
    expect(await inTurns(simulating({ ...printing, seed: 1 }))).toMatchObject({ ok: true, exercised: { clientsEnded: 2 } });
  });

  test("and the guard is up again behind it", () => {
    const run = simulate({ ...node(() => { print(); Date.now(); }), seed: 1 });
    expect(run).toMatchObject({ ok: false, failure: { kind: "leak", name: "Date.now()" } });
    const before = console;
    simulate({ ...node(print), seed: 1 });
    expect(console).toBe(before);
  });
});

describe("in the test", () => {
  const idle: ScenarioParts = { until: 10, nodes: { a: ({ clock }) => void clock.schedule(1, silently) } };
  const wheres: readonly (readonly [where: string, run: (use: () => unknown) => unknown])[] = [
    ["a check of each event", (use) => simulate({ ...idle, seed: 1, check: { always: { x: () => void use() } } })],
    ["a check at the end", (use) => simulate({ ...idle, seed: 1, check: { end: { x: () => void use() } } })],
    ["an end", (use) => simulate({ ...idle, seed: 1, until: () => use() === idle })],
    ["an action", (use) => simulate({ ...idle, seed: 1, workload: ({ at }: Cluster) => void at(1, () => void use()) })],
    ["a workload", (use) => simulate({ ...idle, seed: 1, workload: () => void use() })],
    [
      "a state",
      (use) => {
        const scenario = (): ScenarioParts => ({ ...idle, nodes: { a: () => ({ state: use }) } });
        return inspect(scenario, simulate({ ...scenario(), seed: 1 }).plan, 1).inspect("a");
      },
    ],
  ];
  for (const [where, run] of wheres)
    test.each([uses[0]!, uses[8]!, uses[15]!, uses[29]!, uses.at(-1)!])(`%s is a mistake of ${where}`, (name, use) => {
      expect(() => run(use)).toThrow(SimulationLeakError);
      expect(() => run(use)).toThrow(`expected checks, state() and actions of the test to depend on the run alone, got ${name}`);
    });

  test("a swallowed leak is thrown too, and what is pure is allowed", () => {
    const swallowed = (): void => {
      try {
        Date.now();
      } catch {
        // Nothing.
      }
    };
    expect(() => simulate({ ...idle, seed: 1, check: swallowed })).toThrow(SimulationLeakError);
    for (const [, use] of pure) expect(simulate({ ...idle, seed: 1, check: () => void use() })).toMatchObject({ ok: true });
  });

  test("the platform is as before afterwards", () => {
    const { now } = Date;
    expect(() => simulate({ ...idle, seed: 1, check: () => void Date.now() })).toThrow(SimulationLeakError);
    expect(Date.now).toBe(now);
    expect(new Date(0).constructor).toBe(Date);
    expect(process.uptime()).toBeGreaterThan(0);
  });
});
