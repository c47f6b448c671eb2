/**
 * Power cuts while much is under way over disks slower than the network, one liar, and restarts that leave one correct
 * replica out for long enough to change the view: whoever spoke before it was bound contradicts itself here.
 */
import { SeededRandom } from "@void-system/effects";
import { TestCluster, type ClusterOptions } from "./cluster.ts";
import { liar } from "./hostile.ts";

const ROUNDS = 5;

/** One run: a function of its seed and options. Returns what must not be. */
export function ambush(seed: number, options: Partial<ClusterOptions> = {}): readonly string[] {
  const random = new SeededRandom(seed).split("ambush");
  const hostile = `r${seed % 4}`;
  const cluster = new TestCluster({
    seed,
    network: { minDelayMs: 0.2, maxDelayMs: 2 },
    disk: { syncMinMs: 0.1, syncMaxMs: 40 },
    hostile: {
      [hostile]: (world, of) => liar(world, of, { equivocate: true, forgeViews: true, mute: random.chance(0.5) }),
    },
    ...options,
  });
  const { simulation, ids } = cluster;
  cluster.startAll();
  simulation.run({ untilMs: 20 });
  let written = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let count = 1 + random.below(4); count > 0; count -= 1) {
      written += 1;
      cluster.submit(cluster.clientIds[random.below(2)]!, { op: "write", key: `k${random.below(3)}`, value: written });
      simulation.run({ forMs: random.between(0, 20) });
    }
    simulation.run({ forMs: random.between(0, 80) });
    for (const id of ids) if (random.chance(0.8)) simulation.crash(id);
    const order = [...ids].sort(() => (random.chance(0.5) ? 1 : -1));
    const late = order.find((id) => id !== hostile);
    for (const id of order) if (id !== late && !simulation.isRunning(id)) simulation.start(id);
    if (late !== undefined && simulation.isRunning(late) && random.chance(0.7)) simulation.partition([[late]]);
    simulation.run({ forMs: random.between(300, 1_200) });
    for (const id of ids) if (!simulation.isRunning(id)) simulation.start(id);
    simulation.heal();
    simulation.run({ forMs: random.between(50, 400) });
  }
  const violations: string[] = [];
  try {
    simulation.runUntil(() => cluster.settled(), { deadlineMs: 30_000 });
    simulation.runUntil(() => cluster.level(), { deadlineMs: 30_000 });
  } catch (failure) {
    violations.push(String(failure));
  }
  return [...cluster.check(), ...violations];
}
