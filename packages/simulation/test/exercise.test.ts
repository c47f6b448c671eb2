import { peerId } from "@void-system/effects";
import { boots, Clock, Net, type WorldNeeds } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import { runSimulation } from "../src/vitest/simulation.ts";
import { NO_EXERCISE } from "../src/explore/exercise.ts";
import {
  ClientWaitsForeverError,
  type Exercise,
  exerciseText,
  explore,
  exploring,
  type ExploreProgress,
  inTurns,
  NothingTestedError,
  type Scenario,
  type ScenarioParts,
  simulate,
  simulating,
  SimulationUseError,
  UnknownNodeError,
  type Workload,
} from "../src/index.ts";

const store = boots(function* () {
  for (;;) {
    const { from, frame } = yield* Net.receive();
    yield* Net.send(from, frame.slice());
  }
});
function* ask(): Generator<WorldNeeds, number | undefined> {
  const to = peerId("store");
  while ((yield* Net.send(to, Uint8Array.of(1))) === "down") yield* Net.linked(to);
  return (yield* Net.receive()).frame[0];
}
const right = (more: Partial<ScenarioParts> = {}): Scenario => () => ({
  nodes: { store },
  workload: { clients: 2, operations: 3, draw: () => ({ op: "ask" }), perform: ask, timeoutMs: 500 },
  ...more,
});

/** Explores a few seeds, and returns the totals of the last report. */
function exercisedBy(scenario: Scenario, seeds = 5): Exercise | undefined {
  let last: ExploreProgress | undefined;
  expect(explore(scenario, { seeds, onProgress: (progress) => void (last = progress) })).toBeUndefined();
  return last?.exercised;
}

function reasonsOf(scenario: Scenario, seeds = 5): string {
  try {
    explore(scenario, { seeds });
  } catch (error) {
    expect(error).toBeInstanceOf(NothingTestedError);
    return (error as NothingTestedError).reasons.join("; ");
  }
  return "";
}

describe("an exploration", () => {
  test("reports what it exercised, of each run once", () => {
    expect(exercisedBy(right())).toMatchObject({ seeds: 5, operations: 30, outcomes: 30, faultsPlanned: 0 });
    const one = simulate({ ...right({ faults: { kinds: ["pause"] } })(), seed: 0 });
    const { operations, outcomes, faultsPlanned, faultsBegun, frames, clients, clientsEnded, callsLeft, checks, neverStarted } = one.exercised;
    expect({ operations, outcomes, clients, clientsEnded, neverStarted }).toEqual({ operations: 6, outcomes: 6, clients: 2, clientsEnded: 2, neverStarted: [] });
    expect(exercisedBy(right({ faults: { kinds: ["pause"] } }), 1)).toEqual({ seeds: 1, operations, outcomes, faultsPlanned, faultsBegun, frames, clients, clientsEnded, callsLeft, checks });
    expect(frames).toBe(12);
    expect(faultsBegun).toBeGreaterThan(0);
    expect(faultsBegun).toBeLessThan(faultsPlanned);
  });

  test("counts only faults that change something", () => {
    const { exercised } = simulate({
      seed: 1,
      until: 100,
      nodes: { a: () => undefined },
      faults: [
        { kind: "crash", atMs: 1, node: "a" },
        { kind: "crash", atMs: 2, node: "a" },
        { kind: "bit-rot", atMs: 3, node: "a" },
        { kind: "clock-jump", atMs: 4, node: "a", byMs: 1 },
        { kind: "pause", atMs: 200, node: "a" },
      ],
    });
    // The second crash keeps the node down until it ends too.
    expect(exercised).toMatchObject({ faultsPlanned: 5, faultsBegun: 3 });
  });

  test("that tests nothing fails with its reasons", () => {
    const slow = right({ workload: { clients: 1, operations: 1, timeoutMs: 0.1, draw: () => ({ op: "ask" }), perform: ask } });
    expect(reasonsOf(slow)).toContain("no operation had an outcome (5 operations began)");
    expect(reasonsOf(right({ workload: { clients: 1, *program() { for (;;) yield* Clock.sleep(9_000); } } }))).toBe(
      "no program of 5 clients came to its end, and none performed an operation"
    );
    expect(reasonsOf(right({ workload: { clients: 0, *program() { yield* Clock.sleep(1); } } }))).toContain("no client ran");
    expect(reasonsOf(right({ faults: { kinds: ["crash"], fromMs: 50_000, untilMs: 90_000 } }))).toMatch(
      /^none of \d+ planned faults began, since the longest run ended at [\d.]+ ms: leave out/
    );
    expect(reasonsOf(right({ faults: [{ kind: "bit-rot", atMs: 1, node: "store" }] }))).toContain("none of 5 planned faults began");
    expect(reasonsOf(right({ faults: { nodes: [] } }))).toContain("had room for none");
    expect(reasonsOf(right({ until: () => true }))).toContain("store never started: the runs were over before");
    expect(reasonsOf(() => ({ nodes: {} }))).toBe("the scenario has no nodes");
    const alone = right({ workload: { clients: 1, operations: 1, draw: () => ({ op: "ask" }), *perform() { yield* Clock.sleep(1); } } });
    expect(reasonsOf(alone)).toContain("5 operations had an outcome without a frame or a call to any node");
  });

  test("that tests something passes, however little", () => {
    expect(reasonsOf(right())).toBe("");
    expect(reasonsOf(() => ({ nodes: { a: () => undefined } }))).toBe("");
    expect(reasonsOf(right({ faults: [] }))).toBe("");
    // With an end of its own, clients may work forever.
    expect(reasonsOf(right({ until: 50, workload: { clients: 1, *program() { for (;;) yield* Clock.sleep(1); } } }))).toBe("");
    const called = right({ workload: { clients: 1, operations: 1, draw: () => ({ op: "call" }), *perform(_operation, { cluster }) { cluster.api("store"); yield* Clock.sleep(1); } } });
    expect(reasonsOf(called)).toBe("");
    const slow = right({ workload: { clients: 1, operations: 1, timeoutMs: 0.1, draw: () => ({ op: "ask" }), perform: ask } });
    expect(explore(slow, { seeds: 3, mayTestNothing: true })).toBeUndefined();
    // An interrupted exploration has not come to a verdict.
    expect(explore(slow, { seeds: 3, onProgress: ({ seedsRun }) => seedsRun < 2 })).toBeUndefined();
  });

  test("names a client that never got an answer, although others did", () => {
    const mute = right({
      workload: {
        clients: ["ann", "bob"], operations: 2, timeoutMs: 100, draw: () => ({ op: "ask" }),
        *perform(_operation, { name }) { return yield* name === "bob" ? Net.receive() : ask(); },
      },
    });
    expect(reasonsOf(mute)).toBe('no operation of the client "bob" had an outcome in any run: which answer does it wait for?');
  });

  test("sends frames to known names alone, or to those that are declared absent", () => {
    const to = (name: string, more: Partial<ScenarioParts> = {}): Scenario => () => ({
      nodes: { a: ({ network, clock }) => void clock.schedule(1, () => {
        try {
          network.send(peerId(name), Uint8Array.of(1));
        } catch {
          // Swallowing the error changes nothing.
        }
      }) },
      workload: ({ at }) => void at(2, () => undefined),
      ...more,
    });
    expect(() => explore(to("z"), { seeds: 1 })).toThrow(UnknownNodeError);
    expect(() => explore(to("z"), { seeds: 1 })).toThrow('expected "a" to send frames to a node or client of the run (a), got "z"');
    expect(explore(to("z", { absent: ["z"] }), { seeds: 1 })).toBeUndefined();
    expect(explore(to("a"), { seeds: 1 })).toBeUndefined();
    const linking: Scenario = () => ({ nodes: { a: boots(function* () { yield* Net.linked(peerId("z")); }) } });
    expect(() => explore(linking, { seeds: 1 })).toThrow('expected "a" to wait for a link to a node or client of the run (a), got "z"');
  });
});

describe("a client that waits although no event is pending", () => {
  const hanging = (more: Partial<ScenarioParts> = {}): ScenarioParts => right({
    workload: {
      clients: ["ann", "bob"], operations: 1, draw: () => ({ op: "ask" }),
      *perform(_operation, { name }) { return yield* name === "bob" ? Net.receive() : ask(); },
    },
    ...more,
  })();
  const deadlock = { ok: false, failure: { kind: "deadlock", name: "ask", node: "bob" } };

  test("fails the run, and is named with its operation", () => {
    const run = simulate({ ...hanging(), seed: 1 });
    expect(run).toMatchObject({ ...deadlock, exercised: { outcomes: 1, clients: 2, clientsEnded: 1 } });
    const error = run.ok ? undefined : run.failure.error;
    expect(error).toBeInstanceOf(ClientWaitsForeverError);
    expect(error?.message).toContain('expected the client "bob" to end, got one that waits forever in its operation "ask", since no event is pending');
    expect(explore(() => hanging(), { seeds: 1 })?.smallest).toMatchObject(deadlock);
  });

  test("outside of operations, too", () => {
    const workload: NonNullable<ScenarioParts["workload"]> = { clients: ["ann"], *program() { yield* Net.receive(); } };
    const run = simulate({ ...hanging({ workload }), seed: 1 });
    expect(run).toMatchObject({ ok: false, failure: { kind: "deadlock", name: "workload", message: expect.stringContaining("forever outside of an operation") } });
  });

  test("may wait for a node that crashed for good within its timeoutMs, or in a run with an end of its own", () => {
    const gone: Partial<ScenarioParts> = { faults: [{ kind: "crash", atMs: 0, node: "store" }] };
    const asking = (timeoutMs?: number): NonNullable<ScenarioParts["workload"]> =>
      ({ clients: 1, operations: 1, draw: () => ({ op: "ask" }), perform: ask, ...(timeoutMs !== undefined && { timeoutMs }) });
    expect(simulate({ ...hanging({ ...gone, workload: asking() }), seed: 1 })).toMatchObject({ ok: false, failure: { kind: "deadlock" } });
    expect(simulate({ ...hanging({ ...gone, workload: asking(500) }), seed: 1 })).toMatchObject({ ok: true });
    expect(simulate({ ...hanging({ ...gone, workload: asking(), until: 500 }), seed: 1 })).toMatchObject({ ok: true });
  });

  test("is no failure if it is down itself, or beside a check that fails", () => {
    expect(simulate({ ...hanging({ faults: [{ kind: "crash", atMs: 100, node: "bob" }] }), seed: 1 })).toMatchObject({ ok: true });
    const check = { end: { "never holds": () => { throw new Error("no"); } } };
    expect(simulate({ ...hanging({ check }), seed: 1 })).toMatchObject({ ok: false, failure: { kind: "violation" } });
  });
});

test("calls that an async function did not wait for are counted", async () => {
  const perform: Workload["perform"] = (_operation, client) =>
    client.fromAsync(async ({ clock }) => { void clock.sleep(1); await clock.sleep(2); void clock.sleep(3); });
  const workload: NonNullable<ScenarioParts["workload"]> = { clients: 2, operations: 1, draw: () => ({ op: "nap" }), perform };
  const { exercised } = await inTurns(simulating({ ...right({ workload })(), seed: 1 }));
  expect(exercised).toMatchObject({ outcomes: 2, callsLeft: 2 });
});

test("counts are one line of text", () => {
  const whole = { ...NO_EXERCISE, seeds: 1, checks: 1 };
  expect(exerciseText({ ...whole, frames: 1_234_567 })).toBe("1 seed, 1,234,567 frames");
  expect(exerciseText({ ...whole, seeds: 2, operations: 1, faultsPlanned: 1, frames: 999 })).toBe(
    "2 seeds, 1 operation (0 with an outcome), 0 of 1 planned fault begun, 999 frames"
  );
  expect(exerciseText({ ...whole, clients: 40, clientsEnded: 38, callsLeft: 1, checks: 0 })).toBe(
    "1 seed, 0 frames, 38 of 40 clients ended, 1 call not awaited, no check"
  );
});

describe("a mistyped option of an exploration is refused by its name", () => {
  const refused: readonly (readonly [options: object, expected: string])[] = [
    [{ seed: 3 }, 'no field "seed" at the top, but one of seeds, firstSeed, shrinkRunsMax, mayTestNothing, chart'],
    [{ seeds: "5" }, 'expected a whole number at seeds, got "5"'],
    [{ seeds: 0 }, "at seeds, got 0"],
    [{ chart: { link: false } }, 'no field "link" at chart'],
  ];
  test.each(refused)("%j", async (options, expected) => {
    expect(() => explore(right(), options)).toThrow(SimulationUseError);
    expect(() => explore(right(), options)).toThrow(expected);
    expect(() => [...exploring(right(), options)]).toThrow(expected);
    await expect(runSimulation("x", { scenario: right(), ...options }, "x.test.ts")).rejects.toThrow(expected);
  });

  test("as is a callback that would never be called, and a module that is no URL", async () => {
    expect(() => [...exploring(right(), { onProgress: () => undefined } as object)]).toThrow('no field "onProgress"');
    const save = { folder: "x", module: "./x.js" as never };
    await expect(runSimulation("x", { scenario: right(), save }, "x.test.ts")).rejects.toThrow("a URL: new URL(…, import.meta.url) at save.module");
  });
});
