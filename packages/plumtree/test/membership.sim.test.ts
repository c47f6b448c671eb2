/** A thousand nodes that find each other, and of which many crash at once: the bars of the bench, with one seed. */
import { peerId, SeededRandom } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { describe, expect, test } from "vitest";
import { type MembershipOptions, type MessageId, PlumtreeNode, type ReadRecord } from "../src/index.ts";

const readRecord: ReadRecord = (bytes) => ({ name: peerId(new TextDecoder().decode(bytes)), address: "", expiresMs: Number.MAX_SAFE_INTEGER });

/** Nodes that join one after the other, each by a random earlier one. */
class Members {
  readonly nodes = new Map<string, PlumtreeNode>();
  readonly reached = new Map<MessageId, Set<string>>();
  /** Largest number of links behind each message. */
  readonly hops = new Map<MessageId, number>();
  readonly names: readonly string[];
  readonly random: SeededRandom;
  readonly simulation: Simulation;

  constructor(count: number, seed: number, options: Partial<MembershipOptions> = {}) {
    this.names = Array.from({ length: count }, (_, index) => `n${index}`);
    this.random = new SeededRandom(seed, "members");
    // Of the nodes that are down, every other one refuses at once, and the others are silent.
    const silentMs = (name: string) => (Number(name.slice(1)) % 2 === 0 ? 500 : 0);
    this.simulation = new Simulation({ seed, network: { linked: () => [], minDelayMs: 10, maxDelayMs: 50, silentMs } });
    for (const [index, name] of this.names.entries()) {
      const contacts = index === 0 ? [] : [{ name: this.names[this.random.below(index)]!, address: "" }];
      this.simulation.node(name, (world) => {
        const node = new PlumtreeNode(name, { world, membership: { record: new TextEncoder().encode(name), readRecord, contacts, ...options } });
        this.nodes.set(name, node);
        node.subscribe((event) => {
          if (event.type !== "message") return;
          this.reached.get(event.id)?.add(name);
          this.hops.set(event.id, Math.max(this.hops.get(event.id) ?? 0, event.hops));
        });
      });
      this.simulation.at(index * 5, () => this.simulation.start(name));
    }
  }

  run(forMs: number): this {
    this.simulation.run({ forMs });
    return this;
  }

  broadcast(from: string): MessageId {
    const id = this.nodes.get(from)!.broadcast("hello");
    this.reached.set(id, new Set([from]));
    return id;
  }

  crash(share: number): readonly string[] {
    const crashed = new Set<string>();
    while (crashed.size < Math.round(this.names.length * share)) crashed.add(this.names[1 + this.random.below(this.names.length - 1)]!);
    for (const name of crashed) this.simulation.crash(name);
    return this.names.filter((name) => !crashed.has(name));
  }

  active(name: string): readonly string[] {
    const { eager, lazy } = this.nodes.get(name)!.neighbours();
    return [...eager, ...lazy];
  }

  /** Neighbourhoods that only one end knows of. */
  lopsided(names: readonly string[]): string[] {
    return names.flatMap((name) => this.active(name).filter((peer) => !this.active(peer).includes(name)).map((peer) => `${name} ${peer}`));
  }
}

describe("partial view", () => {
  test.each([
    [300, 0.3],
    [300, 0.5],
    [1_000, 0.8],
  ])("of %d nodes a share of %d crashes: within five broadcasts all survivors are reached, within twenty as fast", (count, share) => {
    const members = new Members(count, 7, { view: "partial" }).run(15_000);
    expect(members.lopsided(members.names)).toEqual([]);
    const send = (): MessageId => {
      const id = members.broadcast("n0");
      members.run(2_000);
      return id;
    };
    const before = [send(), send(), send(), send()].at(-1)!;
    expect(members.reached.get(before)!.size).toBe(count);
    const survivors = members.crash(share);
    let rounds = 0;
    let last: MessageId;
    do {
      last = send();
      rounds += 1;
      const reached = survivors.filter((name) => members.reached.get(last)!.has(name)).length;
      if (rounds >= 5) expect(reached / survivors.length).toBeGreaterThanOrEqual(0.999);
    } while (rounds < 5 || (rounds < 20 && members.hops.get(last)! > 1.3 * members.hops.get(before)!));
    expect(members.hops.get(last)).toBeLessThanOrEqual(1.3 * members.hops.get(before)!);
    expect(members.lopsided(survivors)).toEqual([]);
  });

  test("after a partition both sides come together again", () => {
    const members = new Members(60, 3, { view: "partial" }).run(30_000);
    const half = members.names.slice(0, 30);
    members.simulation.partition([half]);
    members.run(30_000);
    members.simulation.heal();
    members.run(60_000);
    const id = members.broadcast("n0");
    expect(members.run(10_000).reached.get(id)!.size).toBe(60);
  });
});

describe("full view", () => {
  test("a few nodes all link with each other, and again after a crash or a partition", () => {
    const members = new Members(8, 5).run(5_000);
    const isWhole = () => members.names.every((name) => members.active(name).length === 7);
    expect(isWhole()).toBe(true);
    members.simulation.restart("n3");
    members.run(15_000);
    expect(isWhole()).toBe(true);
    members.simulation.partition([["n0", "n1", "n2"]]);
    members.run(10_000);
    expect(members.active("n0").toSorted()).toEqual(["n1", "n2"]);
    members.simulation.heal();
    members.run(60_000);
    expect(isWhole()).toBe(true);
    expect(members.lopsided(members.names)).toEqual([]);
  });
});
