/**
 * One liar, faults, and then a timely network: what is acknowledged stays, and the views come to rest. After the network is
 * timely a view is left only if a correct replica had complained of it before, or if the liar leads it. The faults are those of
 * one more replica at a time, and power cuts of all.
 */
import { SeededRandom } from "@void-system/effects";
import { byzzfuzz } from "./byzzfuzz.ts";
import { TestCluster } from "./cluster.ts";
import { liar, someLies } from "./hostile.ts";

/** Duration of the faults, in virtual milliseconds. */
const FAULTS_MS = 1_500;
/** Time for which what was lost during the faults may still be waited for. */
const WAITS_MS = 2_000;
const TIMELY_MS = 2_500;

interface Run {
  readonly cluster: TestCluster;
  readonly violations: readonly string[];
  readonly story: string;
}

/** One run: a function of its seed. */
export function besideOneLiar(seed: number): Run {
  const random = new SeededRandom(seed).split("one liar");
  const name = `r${random.below(4)}`;
  const lies = random.chance(0.5) ? undefined : someLies(seed);
  const complainedOf = new Set<number>();
  const leftAtMs = new Map<number, number>();
  const cluster = new TestCluster({
    seed,
    network: { minDelayMs: 0.5, maxDelayMs: 3 },
    clock: { skewMs: 50, driftPpm: 100 },
    disk: { syncMinMs: 0.1, syncMaxMs: random.chance(0.5) ? 2 : 10 },
    hostile: { [name]: (world, of) => (lies === undefined ? byzzfuzz(world, of) : liar(world, of, lies)) },
    onSaid(_, message) {
      if (message.type === "complaint" && cluster.simulation.now < FAULTS_MS + WAITS_MS) complainedOf.add(message.view);
      if (message.type === "view-change" && !leftAtMs.has(message.view - 1)) leftAtMs.set(message.view - 1, cluster.simulation.now);
    },
  });
  const { simulation, ids, correct } = cluster;
  let written = 0;
  const work = (untilMs: number): void => {
    while (simulation.now < untilMs) {
      const key = `k${random.below(3)}`;
      const client = cluster.clientIds[random.below(2)]!;
      cluster.submit(client, random.chance(0.3) ? { op: "read", key } : { op: "write", key, value: (written += 1) });
      simulation.run({ forMs: random.between(20, 120) });
    }
  };
  cluster.startAll();
  simulation.run({ untilMs: 20 });
  while (simulation.now < FAULTS_MS) {
    const id = correct[random.below(3)]!;
    const kind = random.below(4);
    const cut = kind === 3 ? ids : [id];
    if (kind === 0) simulation.partition([[id]]);
    else if (kind === 1) simulation.pause(id);
    else for (const down of cut) simulation.crash(down);
    work(simulation.now + random.between(50, 400));
    simulation.heal();
    simulation.resume(id);
    for (const down of cut) if (!simulation.isRunning(down)) simulation.start(down);
    work(simulation.now + random.between(20, 150));
  }
  work(FAULTS_MS + WAITS_MS + TIMELY_MS);
  const violations: string[] = [];
  try {
    simulation.runUntil(() => cluster.settled() && cluster.level(), { deadlineMs: 20_000 });
  } catch (failure) {
    violations.push(String(failure));
  }
  const leader = ids.indexOf(name);
  const late = [...leftAtMs].filter(([, atMs]) => atMs >= FAULTS_MS + WAITS_MS).map(([view]) => view);
  for (const view of late)
    if (!complainedOf.has(view) && view % ids.length !== leader) violations.push(`view ${view} was left at ${leftAtMs.get(view)}, without a reason from before`);
  const story = `${name} ${lies === undefined ? "byzzfuzz" : JSON.stringify(lies)}, views left ${JSON.stringify([...leftAtMs])}`;
  return { cluster, violations: [...cluster.check(), ...violations], story };
}
