/** A run of random faults over a simulated cluster: crashes, power cuts, partitions, pauses, clock jumps, loss. */
import { SeededRandom } from "@void-system/effects";
import { TestCluster, type ClusterOptions } from "./cluster.ts";

export interface Torment {
  readonly cluster: TestCluster;
  readonly violations: readonly string[];
  /** Faults in order, to read beside a failure. */
  readonly story: readonly string[];
}

export interface TormentOptions extends Partial<ClusterOptions> {
  /** The chance of a power cut of all replicas in each step. @defaultValue 0.01 */
  readonly powerCuts?: number;
}

/** Duration of the faults, in virtual milliseconds. */
const FAULTS_MS = 4_000;
const STEP_MS = 60;

/** One run: a function of its seed and options. */
export function torment(seed: number, options: TormentOptions = {}): Torment {
  const random = new SeededRandom(seed).split("torment");
  const cluster = new TestCluster({
    seed,
    network: { loss: random.chance(0.5) ? 0.05 : 0, duplicate: random.chance(0.3) ? 0.05 : 0, maxDelayMs: 5 },
    clock: { skewMs: 200, driftPpm: 200 },
    // A disk slower than the network: then much is said that is not durable yet, if it may be said.
    disk: { syncMaxMs: random.chance(0.5) ? 2 : 30 },
    ...options,
  });
  const { simulation, ids } = cluster;
  const story: string[] = [];
  const does = (what: string): void => void story.push(`${simulation.now}: ${what}`);
  cluster.startAll();
  simulation.run({ untilMs: 20 });
  let written = 0;
  const submit = (): void => {
    const client = cluster.clientIds[random.below(cluster.clientIds.length)]!;
    const key = `k${random.below(5)}`;
    const kind = random.below(4);
    written += 1;
    if (kind === 0) cluster.submit(client, { op: "read", key });
    else if (kind === 1) cluster.submit(client, { op: "delete", key });
    else cluster.submit(client, { op: "write", key, value: written });
  };
  while (simulation.now < FAULTS_MS) {
    if (random.chance(0.8)) submit();
    const replica = ids[random.below(ids.length)]!;
    const dice = random.below(100);
    if (dice < 6) {
      if (simulation.isRunning(replica)) {
        does(`crash ${replica}`);
        simulation.crash(replica);
      }
    } else if (dice < 20) {
      const down = ids.find((id) => !simulation.isRunning(id));
      if (down !== undefined) {
        does(`start ${down}`);
        simulation.start(down);
      }
    } else if (random.chance(options.powerCuts ?? 0.01)) {
      does("power cut");
      for (const id of ids) simulation.crash(id);
    } else if (dice < 24) {
      const cut = random.below(3) === 0 ? ids.slice(0, 2) : [replica];
      does(`partition ${cut.join(" ")}`);
      simulation.partition([cut]);
    } else if (dice < 30) {
      simulation.heal();
    } else if (dice < 32) {
      const other = ids[random.below(ids.length)]!;
      if (other !== replica) simulation.block(replica, other);
    } else if (dice < 33) {
      does(`pause ${replica}`);
      simulation.pause(replica);
    } else if (dice < 38) {
      for (const id of ids) simulation.resume(id);
    } else if (dice < 39) {
      does(`jump ${replica}`);
      simulation.jumpClock(replica, random.between(-300, 300));
    }
    simulation.run({ forMs: random.between(1, STEP_MS) });
  }
  does("heal");
  for (const id of ids) {
    simulation.resume(id);
    if (!simulation.isRunning(id)) simulation.start(id);
  }
  simulation.heal();
  simulation.run({ forMs: 50 });
  for (const client of cluster.clientIds) cluster.submit(client, { op: "write", key: "last", value: client });
  const violations: string[] = [];
  try {
    simulation.runUntil(() => cluster.settled(), { deadlineMs: 30_000 });
    simulation.runUntil(() => cluster.level(), { deadlineMs: 30_000 });
  } catch (failure) {
    violations.push(String(failure));
    for (const id of ids)
      violations.push(
        `${id}: ${JSON.stringify(cluster.replicas.get(id)?.standing(), (name, value: unknown) =>
          name === "root" ? undefined : value,
        )}`,
      );
  }
  return { cluster, violations: [...violations, ...cluster.check()], story };
}
