/** The replicated store as a scenario: clients, faults, a verdict on the history, and a bug that is shrunk and replayed. */
import { type Eff, suspend } from "@void-system/effects/fibers";
import { exploring, type Finding, inTurns, type Program, replaying, type Scenario } from "@void-system/simulation";
import { type KeyValueInput, keyValueModel, linearizable } from "@void-system/simulation/linearizability";
import { expect, test } from "vitest";
import { client, configuration, replica } from "../../src/index.ts";
import { testPorts } from "../support/cluster.ts";
import { KeyValueMachine, type KeyValueOperation, keyValueOperations, type KeyValueResult } from "../support/key-value-machine.ts";

const replicas = ["r0", "r1", "r2", "r3"];
const desks = ["desk0", "desk1"];
const cluster = configuration({ replicas, cluster: "test", checkpointInterval: 8, viewTimeoutMs: 300, clockDriftMs: 1_000 });

/** Parts of nodes, for the clients: a desk performs operations, a replica shows its own state. */
interface Face {
  readonly perform?: (operation: KeyValueOperation) => Eff<never, KeyValueResult>;
  readonly peek?: (key: string) => unknown;
}

const replicaOf =
  (id: string): Program<Face> =>
  (world) => {
    const machine = new KeyValueMachine();
    const hosted = replica({
      world,
      network: world.network,
      cluster,
      ports: testPorts(id),
      machine,
      tuning: { statusMs: 100, pipeline: 4, batchRequestsMax: 4 },
      fatal: (cause) => {
        throw cause;
      },
    });
    return { api: { peek: (key) => machine.entries.get(key)?.value }, state: () => hosted.standing() };
  };

const deskOf =
  (id: string): Program<Face> =>
  (world) => {
    const hosted = client({
      world,
      network: world.network,
      cluster,
      ports: testPorts(id),
      tuning: { timeoutMs: 60_000, retryMs: 100 },
      fatal: (cause) => {
        throw cause;
      },
    });
    const perform = (operation: KeyValueOperation): Eff<never, KeyValueResult> =>
      suspend((resume) => {
        // Without a quorum, or while the desk is busy, the outcome stays unknown.
        hosted.submit(keyValueOperations.encode(operation), (outcome) => {
          if (outcome.type === "ok") resume(keyValueOperations.decode(outcome.result));
        });
      });
    return { api: { perform } };
  };

/** `peeks`: reads ask one replica for its own state, instead of all for an agreement. */
const scenario = (peeks: boolean): Scenario<Face> => () => ({
  nodes: Object.fromEntries([
    ...replicas.map((id) => [id, replicaOf(id)] as const),
    ...desks.map((id) => [id, deskOf(id)] as const),
  ]),
  network: { minDelayMs: 0.2, maxDelayMs: 5, loss: 0.01, duplicate: 0.01 },
  disk: { syncMinMs: 0.1, syncMaxMs: 2 },
  faults: { kinds: ["crash", "pause", "partition", "clog"], nodes: replicas, downMax: 1, everyMs: 80, lastMs: [20, 200], untilMs: 400 },
  workload: {
    clients: 2,
    operations: 8,
    thinkMs: [0, 20],
    timeoutMs: 1_500,
    draw: (random, name, index) => {
      const key = `k${random.below(2)}`;
      return random.chance(0.5) ? { op: "write", key, input: `${name}/${index}` } : { op: "read", key };
    },
    perform: ({ op, key = "", input, client: name }, { fromAsync }) =>
      fromAsync(async ({ call }) => {
        if (op === "read" && peeks)
          return call("r3", function* ({ peek }) {
            return peek?.(key);
          });
        const operation: KeyValueOperation = op === "read" ? { op, key } : { op: "write", key, value: input };
        const result = await call(name === "c0" ? "desk0" : "desk1", (desk) => desk.perform!(operation));
        return result.op === "read" && result.found ? result.value : undefined;
      }),
  },
  check: {
    end: {
      linearizable: linearizable(keyValueModel<string>(), ({ op, input }): KeyValueInput<string> => (op === "read" ? { type: "get" } : { type: "set", value: String(input) })),
    },
  },
  deadlineMs: 10_000,
});

const found = (peeks: boolean, firstSeed: number): Promise<Finding | undefined> =>
  inTurns(exploring(scenario(peeks), { firstSeed, seeds: 2, shrinkRunsMax: 25 }));

test("reads and writes are linearizable while replicas crash, stall and are cut off", async () => {
  expect((await found(false, 0))?.text).toBeUndefined();
});

test("reads that ask one replica are found; the failure is shrunk, drawn and replayed", async () => {
  const finding = await found(true, 14);
  if (!finding) throw new Error("expected a finding");
  const { smallest, text } = finding;
  expect(smallest.failure).toMatchObject({ kind: "violation", name: "linearizable" });
  expect(smallest.operations.length).toBeLessThanOrEqual(3);
  expect(text).toContain("read k");
  const again = await inTurns(replaying(scenario(true), JSON.parse(JSON.stringify(smallest.plan))));
  expect(again.traceHash).toBe(smallest.traceHash);
  expect((await inTurns(replaying(scenario(false), smallest.plan))).ok).toBe(true);
});
