import { describe, expect, test } from "vitest";
import { suspend } from "@void-system/effects/fibers";
import { peerId, type World } from "@void-system/effects";
import { Clock } from "@void-system/effects/world";
import {
  type Check,
  type Cluster,
  type Fault,
  type Operation,
  replay,
  type Scenario,
  type ScenarioParts,
  shrink,
  simulate,
  type SimulateOptions,
  type SimulationResult,
  SimulationUseError,
  TestCodeError,
} from "../src/index.ts";

/** Writes a number, or reads it (0). */
type Register = (write: number, done: (value: number) => void) => void;

const server = peerId("server");

/** A register on one server, over the network. If `durable`, it answers only after its sync. */
function register(durable: boolean): Scenario<Register> {
  return () => ({
    nodes: {
      server: ({ disk, network }) => {
        disk.open("register", (opened) => {
          if (opened instanceof Error) throw opened;
          let value = [...opened.records].at(-1)?.[0] ?? 0;
          network.onFrame((from, [call = 0, write = 0]) => {
            const answer = (): void => void network.send(from, Uint8Array.of(call, value));
            if (write === 0) return answer();
            value = write;
            opened.log.append(Uint8Array.of(write));
            if (durable) opened.log.sync(answer);
            else answer();
          });
        });
      },
      gateway: ({ network }) => {
        const waiting = new Map<number, (value: number) => void>();
        let calls = 0;
        network.onFrame((_from, [call = 0, value = 0]) => waiting.get(call)?.(value));
        const ask = (write: number, done: (value: number) => void): void => {
          waiting.set(++calls, done);
          network.send(server, Uint8Array.of(calls, write));
        };
        return { api: ask };
      },
    },
    faults: { kinds: ["crash"], nodes: ["server"], untilMs: 2_000, everyMs: 300, lastMs: [5, 50] },
    workload: {
      clients: 1,
      operations: 30,
      timeoutMs: 100,
      draw: (random, _client, index) => (random.chance(0.5) ? { op: "write", input: index + 1 } : { op: "read" }),
      perform: ({ op, input }, { call }) =>
        call("gateway", (ask) => suspend((resume) => ask(op === "write" ? Number(input) : 0, resume))),
    },
    check: {
      end: {
        "what was acknowledged is read": ({ history }) => {
          let acknowledged = 0;
          let uncertain = new Set<unknown>();
          for (const { op, input, output, returnedAt } of history.operations) {
            if (op === "write" && returnedAt) {
              acknowledged = Number(input);
              uncertain = new Set();
            } else if (op === "write") uncertain.add(input);
            else if (returnedAt && output !== acknowledged && !uncertain.has(output))
              throw new Error(`read ${String(output)}, acknowledged was ${acknowledged}`);
          }
        },
      },
    },
  });
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed);
const failing = (scenario: Scenario<Register>): number[] =>
  seeds.filter((seed) => !simulate({ ...scenario(), seed }).ok);

describe("simulate", () => {
  test("finds data lost in a crash, and no other failure", () => {
    expect(failing(register(true))).toEqual([]);
    expect(failing(register(false)).length).toBeGreaterThan(3);
  });

  test("reports check, event and time of a failure, and its plan repeats it, through JSON too", () => {
    const [seed = 0] = failing(register(false));
    const result = simulate({ ...register(false)(), seed });
    expect(result).toMatchObject({ ok: false, failure: { kind: "violation", name: "what was acknowledged is read" } });
    const again = replay(register(false), JSON.parse(JSON.stringify(result.plan)));
    expect(again.traceHash).toBe(result.traceHash);
    expect(again.ok).toBe(false);
  });

  test("applies exactly the faults of a list", () => {
    const faults: Fault[] = [{ kind: "crash", atMs: 10, node: "server", forMs: 5 }];
    const { plan, trace } = simulate({ ...register(true)(), seed: 3, faults, trace: true });
    expect(plan.faults).toEqual(faults);
    expect(trace.filter(({ kind }) => kind === "fault").map(({ note }) => note)).toEqual(
      expect.arrayContaining(["crash server", "end of crash server"])
    );
  });
});

const ticking = ({ clock }: World): void => {
  const tick = (): void => void clock.schedule(1, tick);
  tick();
};
const swallowing = (_world: World, { check }: Cluster): void => {
  try {
    check("inner", false);
  } catch {
    // The error is swallowed, but still counts.
  }
};

test("a check that changes the history is a mistake of the test", () => {
  const changing = (change: (operations: Operation[]) => void) => () =>
    simulate({
      seed: 1,
      nodes: { a: () => undefined },
      workload: { clients: 2, operations: 2, draw: () => ({ op: "nap" }), *perform() { yield* Clock.sleep(1); } },
      // The type forbids it, JavaScript does not.
      check: { always: { changes: ({ history }) => change(history.operations as Operation[]) } },
    });
  const changes: readonly ((operations: Operation[]) => void)[] = [
    (operations) => void operations.sort((one, other) => other.invokedAt - one.invokedAt),
    (operations) => { operations.length = 0; },
    (operations) => void operations.pop(),
    (operations) => void operations.push(operations[0]!),
    ([first]) => { if (first) Object.assign(first, { output: 1 }); },
  ];
  for (const change of changes) {
    expect(changing(change)).toThrow(TestCodeError);
    expect(changing(change)).toThrow("the history is frozen: copy it before you sort or change it");
  }
  expect(changing((operations) => void [...operations].sort(() => -1))()).toMatchObject({ ok: true, exercised: { outcomes: 4 } });
});

test("operations are left out one by one without moving the others, down to a readable trace", () => {
  const [seed = 0] = failing(register(false));
  const failed = simulate({ ...register(false)(), seed });
  if (failed.ok) throw new Error("expected a failure");
  const { run } = shrink(register(false), failed);
  expect(run.failure.name).toBe(failed.failure.name);
  expect(run.operations.length).toBeLessThanOrEqual(3);
  expect(run.plan.faults).toHaveLength(1);
  expect(run.events).toBeLessThanOrEqual(30);
  expect(replay(register(false), JSON.parse(JSON.stringify(run.plan))).traceHash).toBe(run.traceHash);
});

describe("failures have a kind", () => {
  const draw = (): object => ({ op: "x" });
  const perform = function* (): Generator<never, void> {};
  const later = Promise.resolve(false);
  const idle = { nodes: { a: ({ clock }: World) => void clock.schedule(1, () => undefined) }, seed: 1 };
  const cases: [string, Partial<SimulateOptions>, object][] = [
    ["a node that throws", { nodes: { a: () => { throw new RangeError("x"); } } }, { kind: "node", name: "RangeError", node: "a" }],
    ["a leak", { nodes: { a: () => void Date.now() } }, { kind: "leak", name: "Date.now()" }],
    ["a goal that is not reached", { until: () => false, deadlineMs: 50 }, { kind: "until" }],
    ["too many events", { nodes: { a: ticking }, eventsMax: 20 }, { kind: "events", event: 20 }],
    ["a check from inside of a node that swallows it", { nodes: { a: swallowing } }, { kind: "violation", name: "inner" }],
    ["a check that throws", { check: () => expect(1).toBe(2) }, { kind: "violation", name: "check", event: 1 }],
    ["a check at the end", { check: { end: { last: () => expect(1).toBe(2) } } }, { kind: "violation", name: "last", event: 2 }],
    ["the workload itself", { workload: ({ at }) => at(1, () => expect(1).toBe(2)) }, { kind: "violation", name: "workload" }],
  ];
  test.each(cases)("%s", (_name, options, failure) => {
    expect(simulate({ ...idle, ...options })).toMatchObject({ ok: false, failure });
  });

  test.each<[string, object, string]>([
    ["a node that is not there", { faults: [{ kind: "crash", atMs: 0, node: "z" }] }, "a known node"],
    ["no nodes", { nodes: undefined }, 'a field "nodes"'],
    ["a program that is not a function", { nodes: { a: 5 } }, "a function at nodes.a"],
    ["an unknown name", { fautls: [] }, 'no field "fautls" at the top, but one of seed, nodes, network,'],
    ["an unknown option of the network", { network: { delayMs: 5 } }, 'no field "delayMs" at network, but one of minDelayMs, maxDelayMs,'],
    ["an asynchronous draw", { workload: { clients: 1, operations: 1, draw: async () => ({ op: "x" }), perform: () => suspend(() => undefined) } }, "draw to return an operation { op: … }, got a promise (of an async function)"],
    ["a check that is a function*", { check: { end: { *x() { throw new Error("x"); } } } }, "to throw when it does not hold, got a program (of a function*)"],
    ["a time that is not a number", { until: Number.NaN }, "at until, got NaN"],
    ["an unknown fault", { faults: [{ kind: "explode", atMs: 1, node: "a" }] }, "faults[0].kind"],
    ["a fault without a time", { faults: [{ kind: "crash", node: "a" }] }, 'a field "atMs" at faults[0]'],
    ["an unknown kind of fault in a budget", { faults: { kinds: ["explode"] } }, "faults.kinds[0]"],
    ["a loss above 1", { network: { loss: 5 } }, "network.loss"],
    ["an unknown schedule", { schedule: { kind: "lifo" } }, "schedule.kind"],
    ["a workload without operations", { workload: { clients: 1, draw, perform } }, 'a field "operations" at workload'],
    ["a negative number of clients", { workload: { clients: -1, operations: 1, draw, perform } }, "workload.clients"],
    ["two clients of one name", { workload: { clients: ["c", "c"], operations: 1, draw, perform } }, "different names"],
    ["times in the wrong order", { workload: { clients: 1, operations: 1, draw, perform, thinkMs: [9, 1] } }, "from <= to"],
    ["an operation without an op", { workload: { clients: 1, operations: 1, draw: () => ({}), perform } }, "draw to return"],
    ["a check that is awaited", { check: { end: { late: async () => expect(1).toBe(2) } } }, 'the check "late" to return at once'],
    ["an end that is awaited", { until: async () => true }, "until to return at once"],
    ["a promise that is checked", { workload: ({ at, check }: Cluster) => at(1, () => check("x", later as never)) }, "checked as"],
    ["an asynchronous workload", { workload: async () => { throw new Error("unheard"); } }, "workload to return at once"],
    ["an asynchronous perform", { workload: { clients: 1, operations: 1, draw, perform: async () => undefined } }, "workload.perform"],
    ["a perform that returns no program", { workload: { clients: 1, operations: 1, draw, perform: () => undefined } }, "perform to return a program"],
    ["a program that returns no program", { workload: { clients: 1, program: () => 5 } }, "program to return a program"],
    ["an asynchronous program", { workload: { clients: 1, program: async () => undefined } }, "a function*, not async (for an async one: client.fromAsync(async …)) at workload.program"],
    ["a client of a node's name", { workload: { clients: ["a"], program: perform } }, "an unused name for a node"],
    ["a check that returns a verdict", { check: { end: { held: () => false } } }, 'the check "held" to return nothing, and to throw when it does not hold, got false'],
    ["a check that returns a program", { check: () => perform() }, 'the check "check" to return nothing'],
    ["a condition that is no boolean", { workload: ({ at, check }: Cluster) => at(1, () => check("x", 1 as never)) }, 'check("x", …) to get true or false, got 1'],
    ["a condition that is no boolean, in a node", { nodes: { a: (_world: unknown, { check }: Cluster) => check("x", 1 as never) } }, "to get true or false, got 1"],
    ["an end that is no boolean", { until: () => undefined }, "until to return true or false, got undefined"],
    ["faults of nodes that are not there", { faults: { nodes: ["z"] } }, 'faults of a known node (a), got "z"'],
    ["a program that nothing performs", { nodes: { a: function* () { yield 1; } } }, "write boots(function* () { … })"],
    ["an asynchronous action", { workload: ({ at }: Cluster) => at(1, async () => undefined) }, "cluster.at to"],
  ])("a mistake is thrown, not passed: %s", (_name, options, expected) => {
    const wrong = (): unknown => simulate({ ...idle, ...options });
    expect(wrong).toThrow(SimulationUseError);
    expect(wrong).toThrow(expected);
  });

  test.each([
    ["a check", { check: { always: { x: (cluster: Cluster) => (cluster as never as { no(): void }).no() } } }, 'the check "x"'],
    ["a check with a wrong name", { check: { end: { x: () => (globalThis as never as { nothing: { here: string } }).nothing.here as never } } }, 'the check "x"'],
    ["an end", { until: (cluster: Cluster) => (cluster as never as { no(): boolean }).no() }, "until"],
    ["an action", { workload: ({ at }: Cluster) => at(1, () => (undefined as never as { no(): void }).no()) }, "an action of cluster.at"],
  ])("a TypeError is a mistake of the test, not a finding: %s", (_name, options, who) => {
    const wrong = (): unknown => simulate({ ...idle, ...options });
    expect(wrong).toThrow(TestCodeError);
    expect(wrong).toThrow(`expected ${who} to run without a mistake of its own, got a TypeError: `);
  });

  test("assertions may be returned, as they are by their matchers", () => {
    expect(simulate({ ...idle, check: ({ now }) => expect(now).toBeGreaterThanOrEqual(0) })).toMatchObject({ ok: true });
    // @ts-expect-error: a check that returns a boolean would always pass.
    const weak: Check = () => false;
    expect(() => simulate({ ...idle, check: weak })).toThrow("to return nothing");
  });

  test("an asynchronous boot is a leak, even one that does not wait", () => {
    const boot = async (): Promise<void> => { throw new Error("unheard"); };
    // A promise passes the type checker as a program that returns nothing.
    expect(simulate({ ...idle, nodes: { a: boot as () => void } })).toMatchObject({ ok: false, failure: { kind: "leak" } });
  });
});

describe("liveness", () => {
  /** A node that counts how many others it reaches. With the planted bug, it gives up forever once it was cut off. */
  const reaching = (stubborn: boolean): ScenarioParts<() => number> => ({
    nodes: Object.fromEntries(
      ["a", "b", "c"].map((id) => [
        id,
        ({ network, clock }: World) => {
          let reached = 0;
          let givenUp = false;
          network.onFrame(() => (reached += 1));
          network.onLink((_peer, state) => (givenUp ||= stubborn && state === "down"));
          const beat = (): void => {
            for (const peer of ["a", "b", "c"]) if (peer !== id && !givenUp) network.send(peerId(peer), new Uint8Array(1));
            clock.schedule(20, beat);
          };
          beat();
          return { api: () => reached };
        },
      ])
    ),
    // These faults never end; only liveness mode repairs them.
    faults: [
      { kind: "partition", atMs: 100, groups: [["a"], ["b"]] },
      { kind: "crash", atMs: 150, node: "c" },
      { kind: "pause", atMs: 160, node: "b" },
      { kind: "block", atMs: 170, from: "a", to: "b" },
      { kind: "crash", atMs: 5_000, node: "a" },
    ],
  });
  const liveness = (core: number | readonly string[], stubborn: boolean): SimulationResult => {
    const before = new Map<string, number>();
    const progress = ({ api, nodes }: Cluster<() => number>): boolean => {
      const chosen = typeof core === "number" ? nodes : core;
      for (const id of chosen) if (!before.has(id)) before.set(id, api(id)?.() ?? 0);
      return chosen.filter((id) => (api(id)?.() ?? 0) > (before.get(id) ?? 0) + 10).length >= (typeof core === "number" ? core : core.length);
    };
    return simulate({ ...reaching(stubborn), seed: 2, liveness: { atMs: 1_000, core, progress, withinMs: 8_000 } });
  };

  test("repairs the core and observes progress", () => {
    expect(liveness(["a", "b"], false)).toMatchObject({ ok: true });
    expect(liveness(3, false)).toMatchObject({ ok: true });
    expect(liveness(2, false)).toMatchObject({ ok: true });
  });

  test("a system that does not recover fails", () => {
    expect(liveness(["a", "b"], true)).toMatchObject({ ok: false, failure: { kind: "liveness", atMs: expect.any(Number) } });
  });
});
