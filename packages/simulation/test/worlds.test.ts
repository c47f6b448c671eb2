/** One core, unchanged, in the simulation and on a real disk. */
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memoryHub, peerId, SeededRandom } from "@void-system/effects";
import { nodeWorld } from "@void-system/effects/node";
import { Simulation } from "../src/index.ts";
import { ledger, type LedgerNode } from "./ledger.ts";

const nodes = [peerId("a"), peerId("b"), peerId("c")];

interface Run {
  readonly acknowledged: number;
  readonly hash: string;
  readonly lost: readonly string[];
}

/** Random nodes get entries while random ones crash. Acknowledged entries must then be on every disk. */
function simulated(seed: number, hasty: boolean): Run {
  const simulation = new Simulation({ seed, network: { loss: 0.02 }, clock: { skewMs: 100, driftPpm: 200 } });
  const alive = new Map<string, LedgerNode>();
  const acknowledged = new Set<string>();
  for (const id of nodes) {
    simulation.node(id, (world) => {
      alive.set(
        id,
        ledger(
          world,
          { nodes, hasty },
          (entry) => acknowledged.add(entry),
          (cause) => {
            throw cause;
          }
        )
      );
    });
    simulation.start(id);
  }
  const dice = new SeededRandom(seed, "workload");
  for (let entry = 0; entry < 30; entry += 1) {
    simulation.at(dice.below(300), () => void alive.get(nodes[dice.below(3)]!)?.running.submit(`entry${entry}`));
  }
  for (let crash = 0; crash < 6; crash += 1)
    simulation.at(dice.below(300), () => simulation.restart(nodes[dice.below(3)]!));
  simulation.at(dice.below(200), () => simulation.partition([[nodes[dice.below(3)]!]]));
  simulation.at(250, () => simulation.heal());
  simulation.run({ untilMs: 600 });
  for (const id of nodes) simulation.restart(id);
  simulation.run({ forMs: 100 });
  const lost = [...acknowledged].filter((entry) => !nodes.every((id) => alive.get(id)!.core.held.has(entry)));
  return { acknowledged: acknowledged.size, hash: simulation.traceHash(), lost };
}

test("simulated: no acknowledged entry is lost, whichever node crashes, and each run repeats", () => {
  let acknowledged = 0;
  for (let seed = 0; seed < 40; seed += 1) {
    const run = simulated(seed, false);
    expect(run.lost, `seed ${seed}`).toEqual([]);
    acknowledged += run.acknowledged;
  }
  expect(acknowledged).toBeGreaterThan(40 * 10);
  expect(simulated(5, false)).toEqual(simulated(5, false));
  expect(simulated(5, false).hash).not.toBe(simulated(6, false).hash);
});

test("simulated: an acknowledgement before the sync is detected", () => {
  const found = Array.from({ length: 40 }, (_, seed) => simulated(seed, true)).filter((run) => run.lost.length > 0);
  expect(found.length).toBeGreaterThan(0);
});

test("real disk: the same core keeps its entries over a restart", async () => {
  const root = fs.mkdtempSync(join(tmpdir(), "void-worlds-"));
  const hub = memoryHub();
  const life = async (entries: readonly string[]): Promise<LedgerNode[]> => {
    const acknowledged = new Set<string>();
    const started = await Promise.all(
      nodes.map(
        (id) =>
          new Promise<{ node: LedgerNode; end: () => Promise<void> }>((resolve, reject) => {
            const network = hub.join(id);
            const world = nodeWorld({ network, directory: join(root, id) });
            const node = ledger(
              world,
              { nodes },
              (entry) => acknowledged.add(entry),
              reject,
              () =>
                resolve({
                  node,
                  end: () =>
                    new Promise((ended) =>
                      node.running.stop(1_000, () => {
                        network.leave();
                        world.end(ended);
                      })
                    ),
                })
            );
          })
      )
    );
    await new Promise<void>((resolve) => {
      for (const entry of entries) started[0]!.node.running.submit(entry);
      const look = (): unknown => (entries.every((entry) => acknowledged.has(entry)) ? resolve() : setImmediate(look));
      look();
    });
    await Promise.all(started.map(({ end }) => end()));
    return started.map(({ node }) => node);
  };
  const first = Array.from({ length: 20 }, (_, index) => `first${index}`);
  await life(first);
  const last = await life(["second"]);
  for (const { core } of last) expect([...core.held.keys()].toSorted()).toEqual([...first, "second"].toSorted());
  fs.rmSync(root, { recursive: true });
});
