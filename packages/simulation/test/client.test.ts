/** Clients and nodes of a simulation whose programs are fibers. */
import { promiseHooks } from "node:v8";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { all, type Eff, effect, onExit, race, run, scope, spawn, suspend } from "@void-system/effects/fibers";
import { peerId } from "@void-system/effects";
import { linearizable, type RegisterInput, registerModel } from "../src/linearizability/index.ts";
import {
  type Booted,
  type ClientProgram,
  type Cluster,
  type Fault,
  History,
  inspect,
  OutcomeUnknownError,
  replay,
  type RunPlan,
  type Scenario,
  type ScenarioParts,
  shrink,
  simulate,
  SimulatedClientError,
  type SimulationResult,
} from "../src/index.ts";
import { boots, Clock, Disk, Log, Net, type Offer, Random, timeout, type WorldNeeds } from "@void-system/effects/world";

const server = peerId("server");
const idle = (): void => undefined;
type Api = () => Eff<WorldNeeds, unknown>;
type Program = ClientProgram<Api>;

interface RunParts extends Partial<ScenarioParts<Api>> {
  readonly seed?: number;
  readonly clients?: readonly string[];
  readonly timeoutMs?: number;
}

/** Runs a program, with one client by default. */
function runOf(program: Program, { clients = ["ann"], timeoutMs, ...parts }: RunParts = {}): SimulationResult {
  const workload = { clients, program, ...(timeoutMs !== undefined && { timeoutMs }) };
  return simulate<Api>({ seed: 1, nodes: { server: idle }, workload, ...parts });
}

/** A server that keeps a number. If `durable`, its answers survive a crash. */
const register = (durable: boolean) =>
  boots(function* () {
    const { log, records } = yield* Disk.open("register");
    let value = [...records].at(-1)?.[0] ?? 0;
    for (;;) {
      const { from, frame } = yield* Net.receive();
      const [id = 0, write = 0] = frame;
      if (write > 0) {
        value = write;
        log.append(Uint8Array.of(value));
        if (durable) yield* Disk.sync(log);
      }
      yield* Net.send(from, Uint8Array.of(id, value));
    }
  });

/** Writes a number to the server, or reads it (0). */
function* ask(write: number): Generator<WorldNeeds, number> {
  const id = Math.floor(256 * (yield* Random.next()));
  while ((yield* Net.send(server, Uint8Array.of(id, write))) !== "sent") yield* Net.linked(server);
  for (;;) {
    const [answered, value = 0] = (yield* Net.receive()).frame;
    if (answered === id) return value;
  }
}

const asRegister = linearizable(registerModel(0), ({ op, input }): RegisterInput<number> =>
  op === "read" ? { type: "read" } : { type: "write", value: Number(input) }
);

/** Clients read and write over the network while the server crashes. */
const reading = (durable: boolean): Scenario => () => ({
  nodes: { server: register(durable) },
  faults: { kinds: ["crash", "pause"], nodes: ["server"], everyMs: 60, lastMs: [1, 20], untilMs: 400 },
  workload: {
    clients: 3,
    timeoutMs: 40,
    *program({ operation }) {
      for (let turn = 0; turn < 8; turn += 1) {
        yield* Clock.sleep(30 * (yield* Random.next()));
        const write = (yield* Random.next()) < 0.5 ? 1 + Math.floor(200 * (yield* Random.next())) : 0;
        const asked = write === 0 ? { op: "read" } : { op: "write", input: write };
        try {
          yield* operation(asked, function* () {
            const value = yield* ask(write);
            return write === 0 ? value : undefined;
          });
        } catch (error) {
          if (!(error instanceof OutcomeUnknownError)) throw error;
        }
      }
    },
  },
  check: { end: { linearizable: asRegister } },
});

const seeds = Array.from({ length: 25 }, (_, seed) => seed);

describe("programs of clients", () => {
  test("that read and write concurrently are checked, and data lost in a crash is found", () => {
    const right = seeds.map((seed) => simulate({ ...reading(true)(), seed }));
    expect(right.map((one) => (one.ok ? "" : one.failure.message)).join("")).toBe("");
    const open = right.flatMap(({ history }) => history.filter(({ returnedAt }) => returnedAt === undefined));
    expect(open.length).toBeGreaterThan(5);
    const wrong = seeds.map((seed) => simulate({ ...reading(false)(), seed })).filter(({ ok }) => !ok);
    expect(wrong.length).toBeGreaterThan(3);
    expect(wrong).toMatchObject(wrong.map(() => ({ failure: { kind: "violation", name: "linearizable" } })));
  });

  test("are shrunk: irrelevant operations are left out, and the plan repeats the run", () => {
    const failed = seeds.map((seed) => simulate({ ...reading(false)(), seed })).find(({ ok }) => !ok);
    if (!failed || failed.ok) throw new Error("expected a failure");
    const { run: smallest } = shrink(reading(false), failed);
    expect(smallest.operations.length).toBeLessThanOrEqual(4);
    expect(smallest.plan.omitted.length).toBeGreaterThan(0);
    expect(smallest.plan.faults).toHaveLength(1);
    expect(replay(reading(false), JSON.parse(JSON.stringify(smallest.plan))).traceHash).toBe(smallest.traceHash);
  });

  test("skip operations that a plan leaves out, and begin others at its times", () => {
    const begun = (workload: ScenarioParts["workload"], change: Partial<RunPlan>): string[] => {
      const scenario = (): ScenarioParts => ({ nodes: { server: idle }, ...(workload && { workload }) });
      const { plan } = simulate({ ...scenario(), seed: 1 });
      const { history } = replay(scenario, { ...plan, ...change });
      return history.map(({ client, op, invokedAtMs }) => `${client} ${op} at ${invokedAtMs}`);
    };
    const program = (isPatient: boolean): ClientProgram =>
      function* ({ operation }) {
        for (const op of ["x", "y", "z"])
          try {
            yield* operation({ op }, () => Clock.sleep(10));
          } catch (error) {
            if (!isPatient) throw error;
          }
      };
    const clients = ["ann", "bob"];
    const patient = { clients, program: program(true) };
    const whole = ["ann x at 0", "bob x at 0", "ann y at 10", "bob y at 10", "ann z at 20", "bob z at 20"];
    expect(begun(patient, {}).sort()).toEqual(whole.sort());
    // Indices alternate between the clients, so that of ann's y is 2.
    const without = { omitted: [2] };
    expect(begun(patient, without).sort()).toEqual(["ann x at 0", "ann z at 10", "bob x at 0", "bob y at 10", "bob z at 20"]);
    const ends = { clients, program: program(false) };
    expect(begun(ends, without).sort()).toEqual(["ann x at 0", "bob x at 0", "bob y at 10", "bob z at 20"]);
    const times = [{ index: 2, atMs: 35 }, { index: 5, atMs: 5 }];
    expect(begun(patient, { times }).sort()).toEqual(["ann x at 0", "ann y at 35", "ann z at 45", "bob x at 0", "bob y at 10", "bob z at 20"]);
    const drawn = {
      clients,
      operations: 2,
      thinkMs: [3, 3] as const,
      draw: (_random: unknown, _client: string, index: number) => ({ op: `${index}` }),
      perform: () => Clock.sleep(10),
    };
    expect(begun(drawn, { omitted: [0] }).sort()).toEqual(["ann 1 at 3", "bob 0 at 3", "bob 1 at 16"]);
    expect(begun(drawn, { times: [{ index: 1, atMs: 13.5 }] }).sort()).toEqual(["ann 0 at 3", "ann 1 at 13.5", "bob 0 at 3", "bob 1 at 16"]);
  });

  test("have a clock, randomness, disk and log of their own, and the run ends with them", () => {
    const lines: string[] = [];
    const drawn: number[] = [];
    const program: Program = function* ({ name, cluster }) {
      const { log, fresh } = yield* Disk.open("diary");
      log.append(Uint8Array.of(1));
      yield* Disk.sync(log);
      drawn.push(yield* Random.next());
      yield* Clock.sleep(100);
      yield* Log.info("done", { name, fresh, late: cluster.now >= 100, nodes: cluster.nodes });
    };
    const ticking = boots(function* () {
      for (;;) yield* Clock.sleep(1);
    });
    const log = ({ node, event, fields }: { node: string; event: string; fields: unknown }): void =>
      void lines.push(`${node} ${event} ${JSON.stringify(fields)}`);
    const result = runOf(program, { log, nodes: { server: ticking }, clients: ["ann", "bob"] });
    expect(result).toMatchObject({ ok: true });
    expect(result.atMs).toBeLessThan(110);
    const line = (name: string): string => `${name} done {"name":"${name}","fresh":true,"late":true,"nodes":["server"]}`;
    expect(lines.sort()).toEqual([line("ann"), line("bob")]);
    expect(new Set(drawn).size).toBe(2);
  });

  test("have links only once they use the network, with all nodes but no other client", () => {
    const links = (program: ClientProgram): readonly string[][] => {
      const scenario = (): ScenarioParts => ({ nodes: { server: idle, other: idle }, workload: { clients: ["ann", "bob"], program }, until: 50 });
      const end = inspect(scenario, simulate({ ...scenario(), seed: 1 }).plan, 1_000);
      return ["ann", "bob", "server"].map((id) => [...end.inspect(id).links]);
    };
    expect(links(() => Clock.sleep(10))).toEqual([[], [], ["other"]]);
    expect(links(() => Net.linked(server))).toEqual([["other", "server"], ["other", "server"], ["ann", "bob", "other"]]);
  });
});

describe("the history", () => {
  const shape = ({ history }: SimulationResult): unknown[] =>
    history.map(({ process, op, output, returnedAt }) => [process, op, returnedAt === undefined ? "?" : output]);
  const after = (ms: number, value: unknown) => () => scope(function* () {
    yield* Clock.sleep(ms);
    return value;
  });

  test("records overlapping operations as those of several processes", () => {
    const result = runOf(function* ({ operation }) {
      const asked = [30, 10, 20].map((ms) => () => operation({ op: `for ${ms}` }, after(ms, ms)));
      expect(yield* all(asked)).toEqual([30, 10, 20]);
      const child = yield* spawn(() => operation({ op: "child" }, after(5, "c")));
      yield* operation({ op: "parent" }, after(1, "p"));
      yield* child.join();
      yield* operation({ op: "last" }, after(0, "l"));
    });
    expect(result).toMatchObject({ ok: true });
    expect(shape(result)).toEqual([
      ["ann", "for 30", 30], ["ann/2", "for 10", 10], ["ann/3", "for 20", 20],
      ["ann", "parent", "p"], ["ann/2", "child", "c"], ["ann", "last", "l"],
    ]);
    expect(new Set(result.history.map(({ client }) => client))).toEqual(new Set(["ann"]));
  });

  test("a late, cancelled or failed operation has no outcome and is the last of its process", () => {
    const order: string[] = [];
    const never = () => scope(function* () {
      yield* onExit(() => void order.push("cancelled"));
      yield* suspend<void>(() => undefined);
    });
    const failures: unknown[] = [];
    const result = runOf(
      function* ({ operation }) {
        const caught = function* (body: () => Eff<WorldNeeds, unknown>): Generator<WorldNeeds, void> {
          try {
            yield* body();
          } catch (error) {
            failures.push(Object(error).code ?? error);
          }
        };
        yield* caught(() => operation({ op: "late" }, never));
        yield* caught(() => timeout(5, () => operation({ op: "timed" }, never)));
        yield* race([() => operation({ op: "raced" }, never), () => Clock.sleep(1)]);
        yield* caught(() => operation({ op: "thrown" }, function* () { throw "x"; }));
        yield* operation({ op: "last" }, after(1, "l"));
      },
      { timeoutMs: 10 }
    );
    expect(result).toMatchObject({ ok: true });
    expect(failures).toEqual(["ERR_OUTCOME_UNKNOWN", "ERR_EFFECT_TIMEOUT", "x"]);
    expect(order).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect(shape(result)).toEqual([
      ["ann", "late", "?"], ["ann/2", "timed", "?"], ["ann/3", "raced", "?"], ["ann/4", "thrown", "?"], ["ann/5", "last", "l"],
    ]);
  });

  test("of a drawn workload: a late operation has no outcome, its client continues, and a late answer is ignored", () => {
    const { history, times } = simulate({
      seed: 1,
      nodes: { server: idle },
      workload: {
        clients: ["ann"],
        operations: 3,
        timeoutMs: 10,
        draw: (_random, _client, index) => ({ op: "ask", key: "k", input: index }),
        perform: ({ input }, { cluster }) =>
          suspend<unknown>((resume) => {
            if (input === 1) cluster.at(cluster.now + 50, () => resume("late"));
            else resume(input);
          }),
      },
    });
    expect(history).toMatchObject([
      { client: "ann", process: "ann", op: "ask", key: "k", input: 0, output: 0, invokedAt: 1, returnedAt: 2 },
      { client: "ann", process: "ann", input: 1, output: undefined, returnedAt: undefined, invokedAt: 3 },
      { client: "ann", process: "ann/2", input: 2, output: 2, invokedAt: 4, returnedAt: 5 },
    ]);
    expect(times.map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  test("is well formed: one operation a process at a time, and none after an unknown outcome", () => {
    const calls = fc.array(fc.record({ client: fc.constantFrom("a", "b"), forTurns: fc.option(fc.nat(4)) }), { maxLength: 40 });
    fc.assert(
      fc.property(calls, (asked) => {
        const history = new History(() => 0);
        const open: { left: number; done: () => void }[] = [];
        for (const { client, forTurns } of asked) {
          for (const one of open) if ((one.left -= 1) < 0) one.done();
          const done = history.invoke({ client, op: "x" });
          if (forTurns !== null) open.push({ left: forTurns, done });
        }
        const busyUntil = new Map<string, number>();
        for (const { client, process, invokedAt, returnedAt = Infinity } of history.operations) {
          expect(busyUntil.get(process) ?? 0).toBeLessThan(invokedAt);
          expect(process).toMatch(new RegExp(`^${client}(/[0-9]+)?$`));
          busyUntil.set(process, returnedAt);
        }
      })
    );
  });
});

describe("an end", () => {
  test("of the run cancels the clients: finalizers run once, in reverse, and open operations stay open", () => {
    const order: string[] = [];
    const result = runOf(
      function* ({ operation, name }) {
        yield* onExit(() => void order.push(`${name} left`));
        try {
          yield* operation({ op: "long" }, () => Clock.sleep(1_000));
        } finally {
          order.push(`${name} stopped`);
        }
      },
      { until: 100, clients: ["ann", "bob"] }
    );
    expect(result).toMatchObject({ ok: true });
    expect(order).toEqual(["ann stopped", "ann left", "bob stopped", "bob left"]);
    expect(result.history.map(({ returnedAt }) => returnedAt)).toEqual([undefined, undefined]);
  });

  test("that fails is reported, unless there was a failure before", () => {
    const program: Program = function* ({ cluster }) {
      yield* onExit(() => { throw new RangeError("at the end"); });
      yield* Clock.sleep(10);
      cluster.check("time is short", cluster.now > 1_000);
    };
    expect(runOf(program, { until: 5 })).toMatchObject({ ok: false, failure: { kind: "client", name: "RangeError", node: "ann" } });
    expect(runOf(program)).toMatchObject({ ok: false, failure: { kind: "violation", name: "time is short" } });
  });

  test("by a crash runs no finalizer and no callback, and a restart begins again", () => {
    const order: string[] = [];
    const asked: string[] = [];
    const answering = boots(function* (offer: Offer<Api>) {
      offer({ api: () => Clock.sleep(20) });
      yield* suspend<void>(() => undefined);
    });
    const faults: Fault[] = [{ kind: "crash", atMs: 15, node: "ann", forMs: 1 }];
    const result = runOf(
      function* ({ call, operation, name }) {
        yield* onExit(() => void order.push("closed"));
        order.push("begun");
        yield* operation({ op: `ask ${asked.push(name)}` }, () => call("server", (api) => api()));
        order.push("answered");
      },
      { nodes: { server: answering }, faults }
    );
    expect(result).toMatchObject({ ok: true });
    // The answer to the first life arrives after 20 ms, in the second life, where no handler sees it.
    expect(order).toEqual(["begun", "begun", "answered", "closed"]);
    expect(result.history).toMatchObject([
      { op: "ask 1", process: "ann", returnedAt: undefined },
      { op: "ask 2", process: "ann/2", returnedAt: 3 },
    ]);
    expect(result.history[1]!.returnedAtMs).toBeGreaterThan(36);
  });

  test("by a crash lets a drawn workload continue with the next operation", () => {
    const { ok, history } = simulate({
      seed: 1,
      nodes: { server: idle },
      faults: [{ kind: "crash", atMs: 15, node: "ann", forMs: 5 }],
      workload: {
        clients: ["ann"],
        operations: 4,
        thinkMs: [1, 1],
        draw: (_random, _client, index) => ({ op: `${index}` }),
        perform: () => Clock.sleep(10),
      },
    });
    expect(ok).toBe(true);
    expect(history.map(({ op, returnedAt }) => [op, returnedAt !== undefined])).toEqual([
      ["0", true], ["1", false], ["2", true], ["3", true],
    ]);
  });
});

describe("a failure in a client", () => {
  const inner = function* inner(): Generator<WorldNeeds, never> {
    yield* Clock.sleep(5);
    throw new RangeError("a bug");
  };

  test("is reported with the seed and a stack of the program's own functions", () => {
    const result = runOf(
      function* outer({ operation }) {
        yield* operation({ op: "x" }, () => inner());
      },
      { seed: 77 }
    );
    if (result.ok) throw new Error("expected a failure");
    const { failure } = result;
    expect(failure).toMatchObject({ kind: "client", name: "RangeError", node: "ann", atMs: 5 });
    expect(failure.error).toBeInstanceOf(SimulatedClientError);
    expect(failure.message).toMatch(/the client "ann" to catch its errors, got: a bug \[seed 77, at 5 ms, trace [0-9a-f]{16}/);
    const { stack } = failure.error.cause as Error;
    expect(stack).toMatch(/^RangeError: a bug\n {4}at inner .*client\.test\.ts:\d+:\d+\)\n {4}at outer .*client\.test\.ts/);
    expect(stack).not.toContain("/src/");
  });

  test("in a program of a node reaches the calling client, which may catch it", () => {
    const failing = boots(function* (offer: Offer<Api>) {
      offer({ api: inner });
      yield* suspend<void>(() => undefined);
    });
    const calling: Program = ({ call }) => call("server", (api) => api());
    expect(runOf(calling, { nodes: { server: failing } })).toMatchObject({ failure: { kind: "client", name: "RangeError" } });
    // The client no longer waits, so the node has failed.
    const impatient: Program = function* ({ call }) {
      yield* race([() => call("server", (api) => api()), () => Clock.sleep(1)]);
      yield* Clock.sleep(50);
    };
    expect(runOf(impatient, { nodes: { server: failing } })).toMatchObject({ failure: { kind: "node", name: "RangeError", node: "server" } });
    // The same holds for a client that has crashed.
    for (const forMs of [undefined, 0.1]) {
      const faults: Fault[] = [{ kind: "crash", atMs: 1, node: "ann", ...(forMs !== undefined && { forMs }) }];
      const once: Program = function* (client) {
        if (client.cluster.now < 1) yield* calling(client);
        yield* Clock.sleep(50);
      };
      expect(runOf(once, { nodes: { server: failing }, faults })).toMatchObject({ failure: { kind: "node", name: "RangeError" } });
    }
  });

  test("may be a check, or a use of the platform", () => {
    expect(runOf(({ cluster }) => suspend<void>(() => cluster.check("inner", false)))).toMatchObject({ failure: { kind: "violation", name: "inner" } });
    expect(runOf(function* () { Date.now(); })).toMatchObject({ failure: { kind: "leak", name: "Date.now()" } });
    const waiting = runOf(function* () { void Promise.resolve().then(() => undefined); });
    expect(waiting).toMatchObject({ failure: { kind: "leak" } });
  });

  test("is not an unknown outcome: the client ends, and the others continue", () => {
    const result = runOf(
      function* ({ operation, name }) {
        if (name === "ann") yield* operation({ op: "never" }, () => suspend<void>(() => undefined));
        yield* Clock.sleep(50);
        yield* operation({ op: "late" }, function* () {});
      },
      { timeoutMs: 10, clients: ["ann", "bob"] }
    );
    expect(result).toMatchObject({ ok: true });
    expect(result.history.map(({ client, op }) => `${client} ${op}`)).toEqual(["ann never", "bob late"]);
  });

  test("may be a missing answer of a node that is down or has no api", () => {
    const calling: Program = ({ call, operation }) => operation({ op: "x" }, () => call("server", (api) => api()));
    const faults: Fault[] = [{ kind: "crash", atMs: 0, node: "server" }];
    for (const more of [{}, { faults }])
      expect(runOf(calling, { timeoutMs: 10, ...more })).toMatchObject({ ok: true, history: [{ returnedAt: undefined }] });
    expect(() => runOf(({ call }) => call("nobody", (api) => api()))).toThrow("a known node");
    const offering = (): { api: Api } => ({ api: () => Clock.sleep(1) });
    const calls: Program = ({ call }) => call("server", () => 5 as never);
    expect(() => runOf(calls, { nodes: { server: offering } })).toThrow("expected call to return a program");
  });
});

describe("a starting node", () => {
  const ready = boots(function* (offer: Offer<Api>) {
    const { log } = yield* Disk.open("log");
    offer({
      api: function* () {
        log.append(new Uint8Array(1));
        yield* Disk.sync(log);
        return "kept";
      },
    });
    yield* Clock.sleep(Infinity);
  });
  const calling: Program = ({ call, operation }) => operation({ op: "x" }, () => call("server", (api) => api()));

  test("is called once it has an api", () => {
    const { history } = runOf(calling, { nodes: { server: ready }, clients: ["ann", "bob"], timeoutMs: 100 });
    expect(history).toMatchObject([{ output: "kept" }, { output: "kept" }]);
  });

  test("never answers a call if it goes down before that", () => {
    const faults: Fault[] = [{ kind: "crash", atMs: 0.01, forMs: 1, node: "server" }];
    let restarts = 0;
    const restart = ({ now, simulation }: Cluster<Api>): void => {
      if (now < 0.001 || restarts > 0) return;
      restarts += 1;
      simulation.restart("server");
    };
    for (const more of [{ faults }, { check: { always: { restart } } }]) {
      const { ok, history } = runOf(calling, { nodes: { server: ready }, timeoutMs: 100, ...more });
      expect([ok, history]).toMatchObject([true, [{ returnedAt: undefined }]]);
    }
    expect(restarts).toBe(1);
  });
});

describe("a repaired core", () => {
  test("is reachable for its clients, whatever the partition was", () => {
    const echo = boots(function* () {
      for (;;) {
        const { from, frame } = yield* Net.receive();
        yield* Net.send(from, frame);
      }
    });
    const faults: Fault[] = [{ kind: "partition", atMs: 10, groups: [["a", "b"]] }, { kind: "pause", atMs: 20, node: "ann" }];
    const result = simulate({
      seed: 1,
      nodes: { a: echo, b: echo, c: echo },
      faults,
      workload: {
        clients: ["ann"],
        timeoutMs: 20,
        operations: 100,
        draw: () => ({ op: "echo" }),
        *perform() {
          const a = peerId("a");
          while ((yield* Net.send(a, Uint8Array.of(1))) !== "sent") yield* Net.linked(a);
          yield* Net.receive();
        },
      },
      liveness: {
        atMs: 500,
        core: ["a", "b"],
        withinMs: 100,
        progress: ({ history }) => history.operations.some(({ returnedAtMs = 0 }) => returnedAtMs > 500),
      },
    });
    expect(result).toMatchObject({ ok: true });
    expect(result.history.filter(({ returnedAtMs = 0 }) => returnedAtMs > 20 && returnedAtMs < 500)).toEqual([]);
  });
});

describe("a node whose program is a fiber", () => {
  /** Counts its ticks on its disk, and logs the count at its end. */
  const ticking = (seen: string[]) => (_world: unknown, { simulation }: Cluster) =>
    boots(function* (offer) {
      yield* onExit(() => void seen.push("closed"));
      const { log, records } = yield* Disk.open("ticks");
      let ticks = [...records].length;
      seen.push(`opened with ${ticks}`);
      offer({ state: () => ticks });
      for (;;) {
        yield* Clock.sleep(10);
        log.append(Uint8Array.of(1));
        yield* Disk.sync(log);
        ticks += 1;
        seen.push(`tick at ${Math.floor(simulation.now / 10)}0`);
      }
    });
  const scenario = (seen: string[], faults: readonly Fault[]) => (): ScenarioParts => {
    const program = ticking(seen);
    return { nodes: { a: (world, cluster) => program(world, cluster)(world) }, faults, until: 100, disk: { syncMinMs: 0.1, syncMaxMs: 0.1 } };
  };

  test("crashes without finalizers, and begins again over its durable log", () => {
    const seen: string[] = [];
    const parts = scenario(seen, [{ kind: "crash", atMs: 35, node: "a", forMs: 30 }]);
    const { ok, plan } = simulate({ ...parts(), seed: 1 });
    expect(ok).toBe(true);
    expect(seen).toEqual(["opened with 0", "tick at 10", "tick at 20", "tick at 30", "opened with 3", "tick at 70", "tick at 80", "tick at 90"]);
    expect(inspect(parts, plan, 1_000).inspect("a")).toMatchObject({ running: true, state: 6 });
  });

  test("is frozen while paused, and continues where it was", () => {
    const seen: string[] = [];
    simulate({ ...scenario(seen, [{ kind: "pause", atMs: 15, node: "a", forMs: 50 }])(), seed: 1 });
    expect(seen).toEqual(["opened with 0", "tick at 10", "tick at 60", "tick at 70", "tick at 80", "tick at 90"]);
  });
});

describe("the order of fibers", () => {
  const scenario = reading(true);
  const whole = simulate({ ...scenario(), seed: 3 });

  test("is a function of the seed, whatever else the process runs", async () => {
    const again = (): string => simulate({ ...scenario(), seed: 3 }).traceHash;
    expect(again()).toBe(whole.traceHash);
    expect(await Promise.resolve().then(again)).toBe(whole.traceHash);
    // Runs from within a fiber, beside others that wait.
    const others = run(() => all([1, 2, 3].map(() => () => suspend<void>((resume) => void setImmediate(resume)))));
    expect(await run(function* () { return again(); })).toBe(whole.traceHash);
    await others;
  });

  test("uses no microtasks: no promise is made, and pending ones change nothing", () => {
    let made = 0;
    const stop = promiseHooks.onInit(() => (made += 1));
    const hash = simulate({ ...scenario(), seed: 3 }).traceHash;
    // It takes no arguments, but is typed as a Function.
    Reflect.apply(stop, undefined, []);
    expect([hash, made]).toEqual([whole.traceHash, 0]);
  });
});

test("a program with an unanswered need does not compile", () => {
  const Stock = effect<{ price(): number }>()("test/clients/stock");
  const nodes = { server: (): Booted<Api> => ({ api: () => Clock.sleep(1) }) };
  const programs: readonly Partial<ScenarioParts<Api>>[] = [
    // @ts-expect-error: the program of a client
    { workload: { clients: 1, program: () => Stock.price() } },
    // @ts-expect-error: of a drawn operation
    { workload: { clients: 1, operations: 1, draw: () => ({ op: "x" }), perform: () => Stock.price() } },
    // @ts-expect-error: of a call into a node
    { workload: { clients: 1, program: ({ call }) => call("server", () => Stock.price()) } },
  ];
  for (const parts of programs) expect(simulate<Api>({ seed: 1, nodes, ...parts })).toMatchObject({ failure: { name: "ERR_UNHANDLED_EFFECT" } });
});
