/** Broadcasts under faults as a scenario: a finding is shrunk, drawn and replayed. */
import { exploring, type Finding, inTurns, replaying, type Scenario } from "@void-system/simulation";
import { expect, test } from "vitest";
import { type MessageId, PlumtreeNode, type PlumtreeOptions } from "../src/index.ts";

const names = ["n0", "n1", "n2", "n3", "n4"];

/** A part of a node's interface, for the clients. */
interface Desk {
  broadcast(value: unknown): MessageId;
}

/** Clients have nodes broadcast while links fail. Once these are whole again, every message must be everywhere. */
const scenario = (options: PlumtreeOptions = {}): Scenario<Desk> => () => {
  const deliveries = new Map<string, number>();
  const deliver = (node: string, id: MessageId): number => {
    const key = `${node} ${id}`;
    deliveries.set(key, (deliveries.get(key) ?? 0) + 1);
    return deliveries.get(key) ?? 0;
  };
  const peersOf = (at: number): readonly string[] => [names[(at + 1) % 5]!, names[(at + 2) % 5]!];
  const isEverywhere = (id: MessageId): boolean =>
    names.every((name) => id.startsWith(`${name}/`) || deliveries.get(`${name} ${id}`) === 1);
  return {
    nodes: Object.fromEntries(
      names.map((name, at) => [
        name,
        (world, { check }) => {
          const node = new PlumtreeNode(name, { world, lossy: true, ...options });
          for (const peer of peersOf(at)) node.addPeer(peer);
          node.subscribe((event) => {
            if (event.type === "message") check("a message is delivered once", deliver(name, event.id) === 1, `${event.id} at ${name}`);
          });
          return { api: { broadcast: (value: unknown) => node.broadcast(value) }, state: () => node.stats() };
        },
      ]),
    ),
    network: { linked: (name) => peersOf(names.indexOf(name)), loss: 0.02, duplicate: 0.05, minDelayMs: 1, maxDelayMs: 20 },
    faults: { kinds: ["partition", "block", "clog", "pause"], untilMs: 2_000, everyMs: 150, lastMs: [50, 800] },
    workload: {
      clients: 2,
      operations: 3,
      thinkMs: [100, 500],
      timeoutMs: 500,
      draw: (random, client, index) => ({ op: "broadcast", key: names[random.below(5)]!, input: `${client} ${index}` }),
      perform: ({ key = "", input }, client) =>
        client.fromAsync(({ call }) =>
          call(key, function* ({ broadcast }) {
            return broadcast(input);
          }),
        ),
    },
    liveness: {
      atMs: 2_500,
      withinMs: 3_000,
      progress: ({ history }) => history.operations.every(({ output }) => output === undefined || isEverywhere(String(output) as MessageId)),
    },
  };
};

const found = async (options: PlumtreeOptions, seeds: number): Promise<Finding | undefined> =>
  inTurns(exploring(scenario(options), { seeds, shrinkRunsMax: 40 }));

test("every message is delivered once, everywhere, although links fail meanwhile", async () => {
  const finding = await found({}, 8);
  expect(finding?.text).toBeUndefined();
});

test("nodes that keep no message for others are found; the failure is shrunk, drawn and replayed", async () => {
  const broken = { cacheMs: 1 };
  const finding = await found(broken, 15);
  if (!finding) throw new Error("expected a finding");
  const { smallest, text } = finding;
  expect(smallest.failure).toMatchObject({ kind: "liveness", name: "progress" });
  expect(smallest.operations.length).toBeLessThanOrEqual(2);
  expect(smallest.plan.faults.length).toBeLessThanOrEqual(1);
  expect(text).toMatch(/n\d gets \d+ bytes .* from n\d/);
  const again = await inTurns(replaying(scenario(broken), JSON.parse(JSON.stringify(smallest.plan))));
  expect(again.traceHash).toBe(smallest.traceHash);
  expect((await inTurns(replaying(scenario(), smallest.plan))).ok).toBe(true);
});
