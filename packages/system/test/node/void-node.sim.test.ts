/**
 * States in which a node is useless, in the simulated world: each is red within five seconds, on the node that has it.
 */
import { Simulation } from "@void-system/simulation";
import { expect, test } from "vitest";
import { type Assembly, required } from "../../src/boot/assembly.ts";
import type { SystemConfig } from "../../src/config.ts";
import type { Result } from "../../src/store/command.ts";
import { adminOf, simulatedNode } from "../support/simulated-node.ts";

const replicaIds = ["n1", "n2", "n3", "n4"];
const HOUR_MS = 3_600_000;
const SET_BACK_MS = 45 * 60_000;
const RED_WITHIN_MS = 5_000;

/** Four nodes, the last of which may be configured otherwise, up to the point where they serve. */
class Four {
  readonly simulation = new Simulation({ seed: 3, network: { minDelayMs: 0.2, maxDelayMs: 4 } });
  readonly parts = new Map<string, Assembly>();

  constructor(last: Partial<SystemConfig> = {}, rootKeyByte?: number) {
    for (const nodeId of replicaIds) {
      const isLast = nodeId === "n4";
      const config = { nodeId, replicaIds, rootKeyFile: "scripted", ...(isLast ? last : {}) };
      const node = simulatedNode(config, (parts) => void this.parts.set(nodeId, parts), isLast ? rootKeyByte : undefined);
      this.simulation.node(nodeId, node);
    }
    for (const id of replicaIds) this.simulation.start(id);
    this.simulation.runUntil(() => this.parts.size === 4, { deadlineMs: 10_000 });
  }

  seen(by: string): readonly string[] {
    return required(this.parts.get(by)?.node).problems.map(({ level, name, about }) => `${level} ${name} ${about}`);
  }

  /** Restarts a node with another clock; returns what its next command got. */
  afterClockJump(id: string, byMs: number): string | undefined {
    this.simulation.crash(id);
    this.simulation.jumpClock(id, byMs);
    this.parts.delete(id);
    this.simulation.restart(id);
    this.simulation.runUntil(() => this.parts.size === 4, { deadlineMs: 10_000 });
    let answer: string | undefined;
    this.increment(id, (result) => (answer = result.type === "error" ? result.message : result.type));
    this.simulation.runUntil(() => answer !== undefined, { deadlineMs: 20_000 });
    return answer;
  }

  increment(at: string, done: (result: Result) => void = () => undefined): void {
    adminOf(this.parts.get(at)!).submit({ op: "incr", key: "n", by: 1n }, done);
  }
}

test("four sound nodes see no problem", () => {
  const four = new Four();
  four.simulation.run({ forMs: 3_000 });
  expect(replicaIds.map((id) => four.seen(id))).toEqual([[], [], [], []]);
});

test.each([
  ["another root key", new Four({}, 8), "root-key-differs"],
  ["replicaIds in another order", new Four({ replicaIds: ["n4", "n1", "n2", "n3"] }), "config-differs"],
])("%s", (_, four, name) => {
  four.simulation.run({ forMs: RED_WITHIN_MS });
  expect(four.seen("n4")).toContain(`red ${name} n4`);
  expect(four.seen("n1")).toEqual([`red ${name} n4`]);
});

test.each([HOUR_MS, -HOUR_MS])("a clock that is off by %i ms, and then votes for nothing", (offMs) => {
  const four = new Four();
  four.simulation.jumpClock("n4", offMs);
  for (let atMs = 0; atMs < RED_WITHIN_MS; atMs += 250) {
    four.increment("n2");
    four.simulation.run({ forMs: 250 });
  }
  expect(four.seen("n4")).toEqual(["red clock-off n4", "red refuses-every-time n4"]);
  expect(four.seen("n1")).toEqual(["red clock-off n4"]);
  four.simulation.jumpClock("n4", -offMs);
  four.simulation.run({ forMs: 2 * RED_WITHIN_MS });
  expect(four.seen("n4")).toEqual([]);
});

test("a node whose clock was set back serves on: its client numbers on from what the replicas tell it", () => {
  const four = new Four();
  expect(four.afterClockJump("n4", SET_BACK_MS)).toBe("integer");
  expect(four.afterClockJump("n4", -SET_BACK_MS)).toBe("integer");
  expect(four.seen("n4")).not.toContain("red client-refused n4");
});

test("a node whose clock is behind stamps nothing earlier than what it has seen committed", () => {
  const BEHIND_MS = 4_000;
  // It hears no broadcasts either, which carry stamps.
  const four = new Four({ enableGossip: false });
  four.simulation.jumpClock("n4", -BEHIND_MS);
  four.increment("n2");
  four.simulation.run({ forMs: 500 });
  const [ahead, behind] = ["n2", "n4"].map((id) => required(four.parts.get(id)?.clock).now().physicalMs);
  expect(ahead! - behind!).toBeLessThan(BEHIND_MS / 2);
});

test("a replica without a folder says so", () => {
  const four = new Four({ dataDirectory: undefined as never, volatile: true });
  expect(four.seen("n4")).toEqual(["yellow volatile n4"]);
});
