/** The whole node as a scenario: clients at its gateways, faults, a verdict on the history, and a bug that is shrunk. */
import { type Eff, suspend } from "@void-system/effects/fibers";
import { exploring, type Finding, inTurns, OutcomeUnknownError, type Program, replaying, type Scenario } from "@void-system/simulation";
import { type CounterInput, counterModel, linearizable } from "@void-system/simulation/linearizability";
import { expect, test } from "vitest";
import { required } from "../src/boot/assembly.ts";
import type { Result } from "../src/store/command.ts";
import { adminOf, simulatedNode } from "./support/simulated-node.ts";

const replicaIds = ["node0", "node1", "node2", "node3"];

/** A session at a node's gateway, for the clients. */
interface Gateway {
  increment(key: string): Eff<never, Result>;
}

const nodeOf = (nodeId: string): Program<Gateway> =>
  simulatedNode({ nodeId, replicaIds, timeoutMs: 1_000, viewTimeoutMs: 200 }, (parts, _world, offer) => {
    const session = adminOf(parts);
    offer({
      api: { increment: (key) => suspend((resume) => void session.submit({ op: "incr", key, by: 1n }, resume)) },
      state: () => required(parts.node).status(),
    });
  });

/** `insists`: clients ask again, at another node, when an answer takes long, although the first request may still count. */
const scenario = (insists: boolean): Scenario<Gateway> => () => ({
  nodes: Object.fromEntries(replicaIds.map((id) => [id, nodeOf(id)])),
  network: { minDelayMs: 0.2, maxDelayMs: 4, loss: 0.01 },
  faults: { kinds: ["pause", "clog"], downMax: 1, everyMs: 40, lastMs: [20, 200], untilMs: 200 },
  workload: {
    clients: 2,
    operations: 4,
    thinkMs: [0, 80],
    timeoutMs: 3_000,
    draw: (random) => ({ op: "increment", input: replicaIds[random.below(4)] }),
    perform: ({ input }, { fromAsync }) =>
      fromAsync(async ({ call, clock }) => {
        const at = (node: unknown) => call(String(node), ({ increment }) => increment("visits"));
        const result = await (insists ? Promise.race([at(input), clock.sleep(60).then(() => at("node0"))]) : at(input));
        // Without an answer of the replicas, the outcome is unknown.
        if (result.type !== "integer") throw new OutcomeUnknownError("increment", result.type);
        return Number(result.value);
      }),
  },
  check: { end: { linearizable: linearizable(counterModel(), (): CounterInput => ({ type: "add", amount: 1 })) } },
  deadlineMs: 8_000,
});

const found = (insists: boolean, firstSeed: number, seeds: number): Promise<Finding | undefined> =>
  inTurns(exploring(scenario(insists), { firstSeed, seeds, shrinkRunsMax: 15 }));

test("increments at four gateways are linearizable while nodes stall and links clog", async () => {
  expect((await found(false, 0, 1))?.text).toBeUndefined();
});

test("clients that ask again are found; the failure is shrunk, drawn and replayed", async () => {
  const finding = await found(true, 3, 1);
  if (!finding) throw new Error("expected a finding");
  const { smallest, text } = finding;
  expect(smallest.failure).toMatchObject({ kind: "violation", name: "linearizable" });
  expect(smallest.operations.length).toBeLessThan(8);
  expect(text).toContain("increment");
  const again = await inTurns(replaying(scenario(true), JSON.parse(JSON.stringify(smallest.plan))));
  expect(again.traceHash).toBe(smallest.traceHash);
});
