import { SeededRandom } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { describe, expect, test } from "vitest";
import { type MessageId, PlumtreeNode, type PlumtreeOptions } from "../src/index.ts";

/** Nodes on a connected random graph; each edge is added by one of its ends, chosen by chance, eager or lazy by chance. */
class Cluster {
  readonly simulation: Simulation;
  readonly nodes = new Map<string, PlumtreeNode>();
  /** How often each node has delivered each message, over all its lives. */
  readonly deliveries = new Map<string, Map<MessageId, number>>();
  readonly broadcasts: MessageId[] = [];
  readonly gaps: string[] = [];
  readonly names: readonly string[];

  constructor(seed: number, count: number, network: object, options: PlumtreeOptions = {}) {
    const random = new SeededRandom(seed, "graph");
    this.names = Array.from({ length: count }, (_, index) => `n${index}`);
    const edges = this.names.slice(1).map((name, index) => [name, this.names[random.below(index + 1)]!] as const);
    for (let extra = 0; extra < count; extra++) edges.push([this.names[random.below(count)]!, this.names[random.below(count)]!]);
    const ends = edges.map(([one, other]) => (random.chance(0.5) ? [one, other] : [other, one]) as readonly [string, string]);
    const eager = edges.map(() => random.chance(0.7));
    const added = new Map(this.names.map((name) => [name, new Map<string, boolean>()]));
    for (const [index, [from, to]] of ends.entries()) if (from !== to) added.get(from)!.set(to, eager[index]!);
    const linked = (name: string) => added.get(name)!.keys();
    this.simulation = new Simulation({ seed, network: { ...network, linked }, clock: { driftPpm: 200, skewMs: 100 } });
    for (const name of this.names) {
      const delivered = new Map<MessageId, number>();
      this.deliveries.set(name, delivered);
      this.simulation.node(name, (world) => {
        const node = new PlumtreeNode(name, { world, ...options });
        this.nodes.set(name, node);
        for (const [peer, isEager] of added.get(name)!) node.addPeer(peer, { eager: isEager });
        node.subscribe((event) => {
          if (event.type === "message") delivered.set(event.id, (delivered.get(event.id) ?? 0) + 1);
          else this.gaps.push(`${name} ${event.origin} ${event.from} ${event.to}`);
        });
      });
      this.simulation.start(name);
    }
    this.simulation.run({ forMs: 2_000 });
  }

  broadcastAt(timeMs: number, from: string): void {
    this.simulation.at(timeMs, () => {
      this.broadcasts.push(this.nodes.get(from)!.broadcast({ at: timeMs }));
    });
  }

  /** Messages that a node other than their origin has not delivered exactly once. */
  wrong(): string[] {
    return this.names.flatMap((name) =>
      this.broadcasts
        .filter((id) => !id.startsWith(`${name}/`))
        .filter((id) => this.deliveries.get(name)!.get(id) !== 1)
        .map((id) => `${name} delivered ${id} ${this.deliveries.get(name)!.get(id) ?? 0} times`),
    );
  }
}

const lossy = { loss: 0.2, duplicate: 0.1, minDelayMs: 1, maxDelayMs: 80 };

describe("in a simulated world", () => {
  test("every node delivers every message exactly once, over links that lose, double and reorder", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const cluster = new Cluster(seed, 3 + (seed % 10), lossy, { lossy: true });
      const random = new SeededRandom(seed, "broadcasts");
      for (let count = 0; count < 12; count++) cluster.broadcastAt(2_000 + random.below(3_000), cluster.names[random.below(cluster.names.length)]!);
      cluster.simulation.run({ forMs: 28_000 });
      expect(cluster.wrong(), `seed ${seed}`).toEqual([]);
      expect(cluster.broadcasts, `seed ${seed}`).toHaveLength(12);
    }
  });

  test("partitions and crashes of others delay a message and do not lose it while it is kept", () => {
    for (let seed = 101; seed <= 115; seed++) {
      const cluster = new Cluster(seed, 8, { ...lossy, loss: 0.05 }, { lossy: true });
      const random = new SeededRandom(seed, "faults");
      const { simulation, names } = cluster;
      simulation.at(2_100, () => simulation.partition([names.slice(0, 4)]));
      for (let count = 0; count < 8; count++) cluster.broadcastAt(2_200 + random.below(1_000), names[random.below(8)]!);
      simulation.at(6_000, () => simulation.heal());
      simulation.run({ forMs: 28_000 });
      expect(cluster.wrong(), `seed ${seed}`).toEqual([]);
    }
  });

  test("a node that restarts hears what is still kept, and its new messages are new", () => {
    const cluster = new Cluster(7, 5, { minDelayMs: 1, maxDelayMs: 10 });
    const { simulation } = cluster;
    cluster.broadcastAt(2_100, "n0");
    simulation.at(3_000, () => simulation.crash("n3"));
    cluster.broadcastAt(3_500, "n1");
    simulation.at(4_000, () => simulation.start("n3"));
    cluster.broadcastAt(5_000, "n3");
    simulation.run({ forMs: 20_000 });
    expect([...cluster.deliveries.get("n3")!.values()]).toEqual([2, 1]); // the first one in both of its lives
    expect(cluster.wrong().filter((line) => !line.startsWith("n3"))).toEqual([]);
  });

  test("once the tree has formed, messages of one sender cost one payload a node", () => {
    const cluster = new Cluster(3, 40, { minDelayMs: 1, maxDelayMs: 20 });
    for (let count = 0; count < 30; count++) cluster.broadcastAt(2_000 + count * 200, "n0");
    cluster.simulation.run({ forMs: 5_000 });
    const before = [...cluster.nodes.values()].map((node) => node.stats());
    for (let count = 0; count < 50; count++) cluster.broadcastAt(10_000 + count * 200, "n0");
    cluster.simulation.run({ forMs: 30_000 });
    const after = [...cluster.nodes.values()].map((node) => node.stats());
    const sum = (of: (stats: (typeof after)[number]) => number) => after.reduce((total, stats) => total + of(stats), 0) - before.reduce((total, stats) => total + of(stats), 0);
    expect(cluster.wrong()).toEqual([]);
    expect(sum((stats) => stats.duplicates) / sum((stats) => stats.delivered)).toBeLessThan(0.02);
  });

  test("a thousand nodes: each message is everywhere once, at little more than one payload a node, also when some crash", () => {
    const cluster = new Cluster(9, 1_000, { minDelayMs: 1, maxDelayMs: 20 });
    const { simulation, nodes } = cluster;
    for (let count = 0; count < 5; count++) cluster.broadcastAt(2_000 + count * 500, "n0");
    simulation.run({ forMs: 3_000 });
    const sent = () => [...nodes.values()].reduce((total, node) => total + node.stats().payloadsSent, 0);
    const before = sent();
    for (let count = 0; count < 5; count++) cluster.broadcastAt(5_100 + count * 500, "n0");
    simulation.run({ forMs: 4_000 });
    expect((sent() - before) / (5 * 999)).toBeLessThan(1.02);
    const crashed = Array.from({ length: 20 }, (_, index) => `n${1 + index * 49}`);
    for (const name of crashed) simulation.crash(name);
    cluster.broadcastAt(9_500, "n0");
    simulation.at(11_000, () => crashed.forEach((name) => simulation.start(name)));
    simulation.run({ forMs: 15_000 });
    // Those that began anew hear once more what is still kept.
    expect(cluster.wrong().filter((line) => !crashed.some((name) => line.startsWith(`${name} `)))).toEqual([]);
    const last = cluster.broadcasts.at(-1)!;
    expect(crashed.filter((name) => cluster.deliveries.get(name)!.get(last) !== 1)).toEqual([]);
  });

  test("one seed gives one trace", () => {
    const [first, again, other] = [5, 5, 6].map((seed) => {
      const cluster = new Cluster(seed, 6, lossy);
      cluster.broadcastAt(2_500, "n0");
      cluster.simulation.run({ forMs: 10_000 });
      return cluster.simulation.traceHash();
    });
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});
