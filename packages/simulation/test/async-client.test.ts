/** Clients and nodes of a simulation whose programs are async functions. */
import { readFile } from "node:fs/promises";
import { describe, expect, test, vi } from "vitest";
import { peerId, SeededRandom } from "@void-system/effects";
import type { Eff } from "@void-system/effects/fibers";
import { boots, Clock, Disk, fromAsync, Net, type Offer, Random, timeout, type WorldNeeds } from "@void-system/effects/world";
import fc from "fast-check";
import {
  type AsyncClient,
  charting,
  type Client,
  explore,
  exploring,
  forking,
  inspecting,
  inTurns,
  NotAFunctionOfItsSeedError,
  NothingTestedError,
  OutcomeUnknownError,
  replay,
  replaying,
  type Scenario,
  type ScenarioParts,
  shrinking,
  simulate,
  simulating,
  SimulationUseError,
  type SimulationResult,
} from "../src/index.ts";

const server = peerId("server");
/** Of the platform, before any run has guarded it. */
const { now } = Date;
type Api = (delayMs: number) => Eff<WorldNeeds, number>;

/** A server that keeps a number on its disk, and counts the calls of its api. */
const register = boots(function* (offer: Offer<Api>) {
  const { log, records } = yield* Disk.open("register");
  let value = [...records].at(-1)?.[0] ?? 0;
  let calls = 0;
  offer({
    *api(delayMs) {
      yield* Clock.sleep(delayMs);
      return (calls += 1);
    },
  });
  for (;;) {
    const { from, frame } = yield* Net.receive();
    const [id = 0, write = 0] = frame;
    if (write > 0) {
      log.append(Uint8Array.of((value = write)));
      yield* Disk.sync(log);
    }
    yield* Net.send(from, Uint8Array.of(id, value));
  }
});

/** A step of a client, for both styles. */
type Step =
  | { readonly does: "sleep"; readonly ms: number }
  | { readonly does: "ask"; readonly write: number }
  | { readonly does: "call"; readonly delayMs: number }
  | { readonly does: "save"; readonly byte: number };

/** The same steps as a generator … */
function* inFibers(client: Client<Api>, steps: readonly Step[]): Generator<WorldNeeds, void> {
  const { log } = yield* Disk.open("diary");
  for (const step of steps)
    try {
      if (step.does === "sleep") yield* Clock.sleep(step.ms);
      else if (step.does === "call") yield* client.operation({ op: "call" }, () => client.call("server", (api) => api(step.delayMs)));
      else if (step.does === "save") {
        log.append(Uint8Array.of(step.byte));
        yield* Disk.sync(log);
      } else
        yield* client.operation({ op: "ask", input: step.write }, function* () {
          const id = Math.floor(256 * (yield* Random.next()));
          while ((yield* Net.send(server, Uint8Array.of(id, step.write))) !== "sent") yield* Net.linked(server);
          for (;;) {
            const [answered, value] = (yield* Net.receive()).frame;
            if (answered === id) return value;
          }
        });
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    }
}

/** … and as an async function. */
async function awaiting(client: AsyncClient<Api>, steps: readonly Step[]): Promise<void> {
  const { clock, disk } = client;
  const { log } = await disk.open("diary");
  for (const step of steps)
    try {
      if (step.does === "sleep") await clock.sleep(step.ms);
      else if (step.does === "call") await client.operation({ op: "call" }, ({ call }) => call("server", (api) => api(step.delayMs)));
      else if (step.does === "save") {
        log.append(Uint8Array.of(step.byte));
        await disk.sync(log);
      } else
        await client.operation({ op: "ask", input: step.write }, async ({ net, random }) => {
          const id = Math.floor(256 * random.next());
          while (net.send(server, Uint8Array.of(id, step.write)) !== "sent") await net.linked(server);
          for (;;) {
            const [answered, value] = (await net.receive()).frame;
            if (answered === id) return value;
          }
        });
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError)) throw error;
    }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant("sleep" as const), ms: fc.nat(30) }),
    fc.record({ does: fc.constant("ask" as const), write: fc.nat(200) }),
    fc.record({ does: fc.constant("call" as const), delayMs: fc.nat(60) }),
    fc.record({ does: fc.constant("save" as const), byte: fc.nat(255) }),
  ),
  { maxLength: 8 },
);

describe("an async client", () => {
  test("is one with the generator that makes the same calls: same seed, same history, same events", async () => {
    let operations = 0;
    let unknown = 0;
    const law = fc.asyncProperty(fc.nat(1_000), steps, steps, async (seed, ann, bob) => {
      const parts = (program: (client: Client<Api>) => Eff<WorldNeeds, unknown>): ScenarioParts<Api> => ({
        nodes: { server: register },
        network: { loss: 0.05 },
        faults: { kinds: ["crash", "pause"], nodes: ["server", "ann"], everyMs: 60, lastMs: [1, 20], untilMs: 400 },
        workload: { clients: ["ann", "bob"], timeoutMs: 40, program },
        deadlineMs: 1_000,
        trace: true,
      });
      const of = ({ name }: { name: string }): readonly Step[] => (name === "ann" ? ann : bob);
      const one = simulate({ seed, ...parts((client) => inFibers(client, of(client))) });
      const other = await inTurns(simulating({ seed, ...parts((client) => client.fromAsync((io) => awaiting(io, of(client)))) }));
      expect(other.history).toEqual(one.history);
      expect(other.trace).toEqual(one.trace);
      expect(other).toEqual(one);
      operations += one.history.length;
      unknown += one.history.filter(({ returnedAt }) => returnedAt === undefined).length;
    });
    await fc.assert(law, { seed: 1, numRuns: 100 });
    expect(operations).toBeGreaterThan(200);
    expect(unknown).toBeGreaterThan(20);
  });
});

/** Runs an async function as the one client, or several. */
const runOf = (
  body: (client: AsyncClient<Api>) => Promise<unknown>,
  { clients = ["ann"], timeoutMs, ...parts }: Partial<ScenarioParts<Api>> & { clients?: string[]; timeoutMs?: number } = {}
): Promise<SimulationResult> => {
  const workload = { clients, program: ({ fromAsync }: Client<Api>) => fromAsync(body), ...(timeoutMs !== undefined && { timeoutMs }) };
  return inTurns(simulating<Api>({ seed: 1, nodes: { server: register }, workload, ...parts }));
};

const failureOf = (result: SimulationResult) => {
  if (result.ok) throw new Error("expected a failure");
  return result.failure;
};

describe("a wait for something else than the World", () => {
  const foreign = "a promise that none of these calls settles";

  test.each<[string, (client: AsyncClient<Api>) => Promise<unknown>, number?]>([
    ["a file", () => readFile(new URL(import.meta.url))],
    ["a file, in an operation with a time limit", ({ operation }) => operation({ op: "book" }, async () => readFile(new URL(import.meta.url))), 50],
    ["a promise that nobody settles, after other calls", async ({ clock }) => {
      await clock.sleep(5);
      await new Promise(() => undefined);
    }],
    ["one of two promises", async ({ clock }) => Promise.all([clock.sleep(20), new Promise(() => undefined)])],
  ])("is a leak with its client, its operation and its place: %s", async (name, body, timeoutMs) => {
    const { kind, used, message, error } = { used: "", ...failureOf(await runOf(body, { ...(timeoutMs !== undefined && { timeoutMs }) })) };
    expect([kind, used]).toEqual(["leak", ""]);
    expect(error).toMatchObject({ code: "ERR_SIMULATION_LEAK", used: foreign, node: "ann" });
    expect(message).toContain(`got ${foreign} (by "ann"${name.includes("operation") ? ' in its operation "book"' : ""} at `);
    expect(message).toMatch(/async-client\.test\.ts:\d+:\d+\)+ \[seed 1/);
    expect(error.stack).toMatch(/async-client\.test\.ts/);
  });

  test("is one for a promise that another client settles, too", async () => {
    let settle = (): void => undefined;
    const other = new Promise<void>((resolve) => (settle = resolve));
    const result = await runOf(
      async ({ name, clock }) => {
        if (name === "ann") await clock.sleep(10).then(settle);
        else await other.then(() => clock.sleep(10));
      },
      { clients: ["ann", "bob"] }
    );
    expect(failureOf(result)).toMatchObject({ kind: "leak", error: { node: "bob" } });
  });

  test("is none for a promise that depends on a call of another operation of the client", async () => {
    const result = await runOf(async ({ operation }) => {
      let free = Promise.resolve();
      const inTurn = (ms: number) =>
        operation({ op: `${ms}` }, async ({ clock }) => {
          const mine = free.then(() => clock.sleep(ms));
          free = mine;
          await mine;
        });
      await Promise.all([inTurn(30), inTurn(20)]);
    });
    expect(result).toMatchObject({ ok: true, atMs: 50 });
  });

  test.each<[string, (client: AsyncClient<Api>) => unknown]>([
    ["Date.now()", () => Date.now()],
    ["setTimeout()", () => new Promise((resolve) => setTimeout(resolve, 1))],
    ["fetch()", () => fetch("http://localhost")],
    ["Math.random()", () => Math.random()],
  ])("is refused where it begins, behind an await as before it: %s", async (used, use) => {
    const behind = await runOf(async (client) => {
      await client.clock.sleep(1);
      await use(client);
    });
    const before = await runOf(async (client) => use(client));
    const swallowed = await runOf(async (client) => {
      await client.clock.sleep(1);
      await Promise.resolve().then(() => use(client)).catch(() => undefined);
    });
    const instead = { "Date.now()": "clock.now()", "setTimeout()": "clock.sleep()", "fetch()": "net.send()" }[used] ?? "random.next()";
    for (const result of [behind, before, swallowed])
      expect(failureOf(result)).toMatchObject({ kind: "leak", name: used, message: expect.stringContaining(`use ${instead} of its World`) });
  });
});

describe("an async program", () => {
  test("that throws is a failure of its client, with its own stack", async () => {
    const result = await runOf(async ({ clock }) => {
      await clock.sleep(3);
      throw new RangeError("no such seat");
    });
    const { kind, name, node, atMs, error } = failureOf(result);
    expect([kind, name, node, atMs]).toEqual(["client", "RangeError", "ann", 3]);
    expect((error.cause as Error).stack).toContain("async-client.test.ts");
    const caught = await runOf(async ({ perform }) => {
      await perform(() => timeout(5, () => Net.receive())).catch((late: Error) => expect(late.name).toBe("EffectTimeoutError"));
      await perform(function* () {
        yield* Clock.sleep(5);
      });
    });
    expect(caught).toMatchObject({ ok: true, atMs: 10 });
  });

  test("whose operation is over its time goes on, and the operation's calls never return", async () => {
    const seen: string[] = [];
    const result = await runOf(
      async ({ operation, clock }) => {
        const late = operation({ op: "late" }, async (io) => {
          try {
            await io.clock.sleep(60);
            seen.push("late");
          } finally {
            seen.push("finally");
          }
        });
        await late.catch((error: unknown) => seen.push(error instanceof OutcomeUnknownError ? "unknown" : "?"));
        await clock.sleep(100);
        seen.push("end");
      },
      { timeoutMs: 50 }
    );
    expect(result).toMatchObject({ ok: true, atMs: 150 });
    expect(seen).toEqual(["unknown", "end"]);
    expect(result.history).toMatchObject([{ op: "late", returnedAt: undefined }]);
  });

  test("serves as a node, is crashed like any other, and may be called", async () => {
    const store = boots(function* (offer: Offer<Api>) {
      yield* fromAsync(async ({ disk, net, clock, perform }) => {
        const { log, records } = await disk.open("store");
        let writes = [...records].length;
        await perform(function* () {
          offer({
            *api(delayMs) {
              yield* fromAsync(async (io) => io.clock.sleep(delayMs));
              return writes;
            },
          });
        });
        for (;;) {
          const { from, frame } = await net.receive();
          log.append(frame);
          await disk.sync(log);
          writes += 1;
          await clock.sleep(1);
          net.send(from, Uint8Array.of(frame[0] ?? 0, writes));
        }
      });
    });
    const scenario = (): ScenarioParts<Api> => ({
      nodes: { server: store },
      faults: [{ kind: "crash", atMs: 100, node: "server", forMs: 20 }],
      workload: {
        clients: ["ann"],
        program: (client) =>
          client.fromAsync(async (io) => {
            await awaiting(io, [{ does: "ask", write: 7 }, { does: "sleep", ms: 150 }, { does: "ask", write: 9 }, { does: "call", delayMs: 5 }]);
          }),
      },
    });
    const result = await inTurns(simulating({ seed: 1, ...scenario() }));
    expect(result).toMatchObject({ ok: true, history: [{ output: 1 }, { output: 2 }, { output: 2 }] });
    expect(await inTurns(replaying(scenario, result.plan))).toEqual(result);
  });

  test("runs beside others of the same process, and leaves the platform as it was", async () => {
    const one = (seed: number) =>
      inTurns(
        simulating<Api>({
          seed,
          nodes: { server: register },
          workload: { clients: 2, program: ({ fromAsync }) => fromAsync((io) => awaiting(io, [{ does: "ask", write: 1 }, { does: "ask", write: 0 }])) },
        })
      );
    const alone = [await one(1), await one(2), await one(3)];
    const together = await Promise.all([one(1), one(2), one(3)]);
    expect(together).toEqual(alone);
    expect(together.map(({ ok }) => ok)).toEqual([true, true, true]);
    // Its last turn gives the platform back a moment later.
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(Date.now === now).toBe(true);
  });

  test("needs turns: a run without them is refused, and says what to use", async () => {
    const scenario: Scenario<Api> = () => ({
      nodes: { server: register },
      workload: { clients: 1, program: ({ fromAsync }) => fromAsync(({ clock }) => clock.sleep(1)) },
    });
    const { plan } = await inTurns(simulating({ ...scenario(), seed: 0 }));
    await new Promise((resolve) => setTimeout(resolve, 0));
    for (const work of [() => simulate({ ...scenario(), seed: 0 }), () => replay(scenario, plan), () => explore(scenario)]) {
      expect(work).toThrow(SimulationUseError);
      expect(work).toThrow("await inTurns(simulating(…))");
      await Promise.resolve();
      // No turn is left open.
      expect(Date.now()).toBeGreaterThan(0);
    }
    const plain = () => ({ nodes: { server: register }, workload: { clients: 1, program: async () => undefined } });
    // A mistake that TypeScript refuses.
    expect(() => simulate({ ...(plain() as unknown as ScenarioParts), seed: 0 })).toThrow("client.fromAsync(async …)");
  });
});

/** Two clients read a number, think, and write it back: an update is lost when they overlap. */
const losing: Scenario<(write?: number) => Eff<WorldNeeds, number>> = () => ({
  nodes: {
    server: boots(function* (offer: Offer<(write?: number) => Eff<WorldNeeds, number>>) {
      let value = 0;
      offer({
        *api(write) {
          yield* Clock.sleep(1);
          return (value = write ?? value);
        },
      });
      yield* Net.receive();
    }),
  },
  faults: { kinds: ["pause", "clog"], untilMs: 200, everyMs: 50, lastMs: [1, 20] },
  workload: {
    clients: 2,
    operations: 5,
    draw: (random: SeededRandom) => ({ op: "add", input: random.below(9) }),
    perform: (_operation, { fromAsync }) =>
      fromAsync(async ({ call }) => {
        const value = await call("server", (api) => api());
        return call("server", (api) => api(value + 1));
      }),
  },
  check: {
    always: {
      "no update is lost": ({ history }) => {
        const outputs = history.operations.flatMap(({ output }) => (output === undefined ? [] : [output]));
        if (new Set(outputs).size < outputs.length) throw new Error(outputs.join());
      },
    },
  },
});

describe("a scenario with async clients", () => {
  test("is explored, shrunk, drawn, replayed and stopped at any event", async () => {
    let steps = 0;
    const finding = await inTurns(exploring(losing), { onProgress: () => void (steps += 1) });
    if (!finding) throw new Error("expected a finding");
    const { smallest, text, isMinimal } = finding;
    expect(isMinimal).toBe(true);
    expect(smallest.failure.name).toBe("no update is lost");
    expect(smallest.operations).toHaveLength(2);
    expect(smallest.plan.faults).toEqual([]);
    expect(steps).toBeGreaterThan(100);
    expect(text).toMatch(/c0 gets: add -> 1/);
    expect((await inTurns(replaying(losing, JSON.parse(JSON.stringify(smallest.plan))))).traceHash).toBe(smallest.traceHash);
    expect((await inTurns(shrinking(losing, finding.found))).run).toEqual(smallest);
    expect((await inTurns(charting(losing, smallest.plan))).result.traceHash).toBe(smallest.traceHash);

    const run = await inTurns(inspecting(losing, smallest.plan, smallest.events - 2));
    expect(run.events).toBe(smallest.events - 2);
    expect(run.inspect("c0").running).toBe(true);
    while (run.step()) await run.rest;
    expect(run.result().traceHash).toBe(smallest.traceHash);

    const forked = await inTurns(forking(losing, finding.found.plan, 4, 9));
    expect(forked.traceHash).not.toBe(finding.found.traceHash);
    expect((await inTurns(replaying(losing, forked.plan))).traceHash).toBe(forked.traceHash);
  });
});

/** A scenario whose client calls its node once, or whatever the number of its run makes of it. */
const oneCall =
  (parts: (run: number) => { delayMs?: number; holds?: boolean }): Scenario<Api> =>
  () => {
    const { delayMs = 1, holds = true } = parts((runs += 1));
    return {
      nodes: { server: register },
      workload: { clients: ["ann"], program: ({ fromAsync }) => fromAsync((io) => awaiting(io, [{ does: "call", delayMs }])) },
      check: { end: { x: ({ history }) => expect(holds || history.operations.length === 0).toBe(true) } },
    };
  };
let runs = 0;

describe("a finding with async clients is repeated in turns", () => {
  test("and returned if the repetition is the same", async () => {
    runs = 0;
    const finding = await inTurns(exploring(oneCall(() => ({ holds: false })), { shrinkRunsMax: 0 }));
    expect(finding?.found.failure).toMatchObject({ kind: "violation", name: "x" });
    expect(finding?.exercised).toMatchObject({ seeds: 1, operations: 1, outcomes: 1, frames: 0 });
    // The run, its repetition, the parts for shrinking, and the run that is drawn.
    expect(runs).toBe(4);
  });

  test.each<[string, (run: number) => { delayMs?: number; holds?: boolean }]>([
    ['one that fails (violation "x" in event 8) and one that passes; their events are the same up to number 8, at 2.884 ms, and the verdicts differ there',
      (run) => ({ holds: run !== 4 })],
    ["the first event that differs is number 6: server timer at 1.927 ms, or server timer at 2.927 ms", (run) => ({ delayMs: run })],
    ["the first event that differs is number 7: server timer at 9.883 ms, or server timer at 10.883 ms", (run) => ({ delayMs: run < 4 ? 1 : run, holds: run < 4 })],
    ["6 further repetitions were the same", (run) => ({ delayMs: run === 4 ? 9 : 1, holds: run !== 4 })],
  ])("and refused if it differs: %s", async (where, parts) => {
    runs = 0;
    const work = inTurns(exploring(oneCall(parts)));
    await expect(work).rejects.toThrow(NotAFunctionOfItsSeedError);
    await expect(work).rejects.toThrow(where);
    await expect(work).rejects.toMatchObject(where.startsWith("one that fails") ? { cause: { check: "x" } } : {});
  });
});

describe("in a run with async clients", () => {
  const silently = (): void => undefined;

  test.each<[string, Partial<ScenarioParts<Api>>]>([
    ["a check of each event", { check: { always: { x: () => void Date.now() } } }],
    ["a check at the end", { check: { end: { x: () => void Date.now() } } }],
    ["an end", { until: () => Date.now() === 0 }],
    ["a check that waits for a promise", { check: () => void Promise.resolve().then(silently) }],
  ])("the platform is guarded in %s", async (_where, parts) => {
    const work = runOf((io) => awaiting(io, [{ does: "ask", write: 1 }]), parts);
    await expect(work).rejects.toThrow("expected checks, state() and actions of the test to depend on the run alone");
    await expect(work).rejects.toMatchObject({ code: "ERR_SIMULATION_LEAK", by: "test" });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(Date.now === now).toBe(true);
  });

  test("the guard is installed once, and stays while promises settle", async () => {
    const installs = vi.spyOn(process.getBuiltinModule("node:module"), "syncBuiltinESMExports");
    const result = await runOf((io) => awaiting(io, Array.from({ length: 50 }, () => ({ does: "ask", write: 1 }) as const)));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(result).toMatchObject({ ok: true, exercised: { outcomes: 50 } });
    expect(installs.mock.calls.length).toBeLessThanOrEqual(6);
    installs.mockRestore();
  });

  test("a leak in a turn fails the run, even if the state of the node is looked at before", async () => {
    const scenario: Scenario = () => ({
      nodes: {
        a: boots(function* (offer: Offer<never>) {
          offer({ state: () => "there" });
          yield* fromAsync(async ({ clock }) => {
            await clock.sleep(1);
            await Promise.resolve().then(() => Date.now()).catch(silently);
            await clock.sleep(1);
          });
        }),
      },
      until: 10,
    });
    const { plan } = await inTurns(simulating({ ...scenario(), seed: 1 }));
    const run = await inTurns(inspecting(scenario, plan, 1));
    expect(run.step()).toBe(true);
    await run.rest;
    expect(run.inspect("a").state).toBe("there");
    expect(run.failure).toBeUndefined();
    run.step();
    expect(run.failure).toMatchObject({ kind: "leak", name: "Date.now()" });
  });

  test("the end of the run cancels what waits, and is no leak", async () => {
    const check = vi.fn<() => void>();
    const body = async ({ operation }: AsyncClient<Api>): Promise<void> => operation({ op: "nap" }, ({ clock }) => clock.sleep(1_000));
    expect(await runOf(body, { until: 10, check: { end: { check } } })).toMatchObject({ ok: true, exercised: { outcomes: 0 } });
    expect(check).toHaveBeenCalledOnce();
  });

  test("a run in which nothing was exercised fails, such as one without an await", async () => {
    const scenario: Scenario<Api> = () => ({
      nodes: { server: register },
      workload: {
        clients: ["ann"],
        program: ({ fromAsync }) => fromAsync(async ({ operation, call }) => void operation({ op: "x" }, () => call("server", (api) => api(1)))),
      },
    });
    const work = inTurns(exploring(scenario));
    await expect(work).rejects.toThrow(NothingTestedError);
    await expect(work).rejects.toThrow(
      "no operation had an outcome (100 operations began): does a node answer, under the name that the clients use, and within `timeoutMs`, does the client wait for the answer, and is no `yield*` missing in the node?"
    );
  });

  test("a call without an await is performed, as in the real world", async () => {
    const result = await runOf(async ({ clock, disk, operation }) => {
      const { log } = await disk.open("diary");
      log.append(Uint8Array.of(1));
      void disk.sync(log);
      void operation({ op: "nap" }, (io) => io.clock.sleep(5));
      await clock.sleep(20);
    });
    expect(result).toMatchObject({ ok: true, history: [{ op: "nap" }], exercised: { outcomes: 1, clientsEnded: 1 } });
  });

  test.each<[string, (client: Client<Api>) => Eff<WorldNeeds, unknown>]>([
    ["Clock.sleep", ({ fromAsync }) => fromAsync(async ({ perform }) => perform(function* () { Clock.sleep(1); }))],
    ["Clock.sleep", ({ fromAsync }) => fromAsync(async ({ clock }) => { await clock.sleep(1); await Clock.sleep(1); })],
    ["client.operation", ({ fromAsync, operation }) => fromAsync(async () => { await operation({ op: "x" }, () => Clock.sleep(1)); })],
    ["client.call", ({ fromAsync, call }) => fromAsync(async () => void call("server", (api) => api(1)))],
    ["client.fromAsync", function* ({ fromAsync }) { fromAsync(async () => 1); }],
  ])("an operation that lacks its yield* is found: %s", async (name, program) => {
    const parts = { seed: 1, nodes: { server: register }, workload: { clients: ["ann"], program } };
    const result = await inTurns(simulating<Api>({ ...parts, until: 50 }));
    expect(failureOf(result)).toMatchObject({ kind: "unperformed", name, node: "ann", message: expect.stringContaining(`write \`yield* ${name}(…)\``) });
  });

  test("a wait for a link to an unknown name is a mistake, even if it is swallowed", async () => {
    const work = runOf(({ net }) => net.linked(peerId("sever")).catch(silently));
    await expect(work).rejects.toThrow('expected "ann" to wait for a link to a node or client of the run (server, ann), got "sever"');
  });
});
