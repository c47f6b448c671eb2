/**
 * The examples that the design of Void began with: each runs as it was written there, with a state machine for `PBFTNode`.
 */
import { CausalGraph, CausalInference } from "@void-system/causal";
import { digest } from "@void-system/crypto";
import { LogHandler, TimeHandler, askCurrentTime, withHandlers } from "@void-system/effects";
import { HybridLogicalClock } from "@void-system/hlc";
import { IsingScheduler } from "@void-system/ising-scheduler";
import { LinearResource, LinearTypeError, NonEmpty, Range, RefinementError, Vector } from "@void-system/linear";
import { CapabilityManager, CapabilityType, MacaroonFactory, createStandardVerifier } from "@void-system/macaroons";
import { NoQuorumError, type OperationCodec, PBFTNode, type StateMachine } from "@void-system/pbft";
import { PlumtreeNode } from "@void-system/plumtree";
import { describe, expect, test, vi } from "vitest";
import { VoidSystem } from "../src/index.ts";

describe("linear", () => {
  test("a resource is consumed once", () => {
    const connection = { socket: 7 };
    const conn = new LinearResource(connection, { name: "db_conn" });
    expect(conn.consume()).toBe(connection);
    expect(() => conn.consume()).toThrow(LinearTypeError);
    expect(() => conn.consume()).toThrow(/db_conn.*consumed at .*examples\.test\.ts/);
  });

  test("vectors, ranges and lists that are not empty are judged by the compiler, and again at run time", () => {
    const Vec3 = Vector(3);
    expect(Vec3([1, 2, 3])).toEqual([1, 2, 3]);
    // @ts-expect-error two are not three
    expect(() => Vec3([1, 2])).toThrow(RefinementError);
    expect(() => Vec3.parse(JSON.parse("[1, 2]"))).toThrow(RefinementError);
    const Age = Range(0, 120);
    expect(Age(25)).toBe(25);
    // @ts-expect-error 150 is not in 0..120
    expect(() => Age(150)).toThrow(RefinementError);
    const Items = NonEmpty<number>();
    expect(Items([1, 2, 3])).toEqual([1, 2, 3]);
    // @ts-expect-error nothing is in it
    expect(() => Items([])).toThrow(RefinementError);
  });
});

test("hlc: what is heard is earlier than what is made after it", () => {
  const a = new HybridLogicalClock("node_a"), b = new HybridLogicalClock("node_b");
  const t1 = a.now();
  const t2 = b.update(t1);
  expect(t1 < t2).toBe(true);
  expect([t2, t1].sort()).toEqual([t1, t2]);
});

test("plumtree: peers that may come later, and a broadcast", () => {
  const node = new PlumtreeNode("node_id");
  node.addPeer("peer1", { eager: true });
  node.addPeer("peer2", { eager: false });
  const id = node.broadcast({ data: "hello" });
  expect(id).toContain("node_id");
  node.close();
});

describe("pbft", () => {
  const replicaIds = ["node0", "node1", "node2", "node3"];
  type Operation = { readonly op: "write"; readonly key: string; readonly value: number } | { readonly op: "read"; readonly key: string };
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const decode = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
  const operations: OperationCodec<Operation, { readonly op: string; readonly value?: number }> = { encode, decode };

  /** Keys and numbers, of clients that all send operations. */
  class KeyValueMachine implements StateMachine {
    #values = new Map<string, number>();

    apply(batch: Parameters<StateMachine["apply"]>[0]) {
      return batch.map(({ operation }) => {
        const asked: Operation = decode(operation);
        if (asked.op === "write") this.#values.set(asked.key, asked.value);
        return encode(asked.op === "write" ? { op: "write" } : { op: "read", value: this.#values.get(asked.key) });
      });
    }
    root() {
      return digest(this.#bytes());
    }
    snapshot() {
      const state = this.#bytes();
      return { chunks: 1, chunk: () => state, release() {} };
    }
    restore(chunks: Iterable<Uint8Array>) {
      for (const state of chunks) this.#values = new Map(decode(state));
    }
    #bytes() {
      return encode([...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  }

  test("a node that is not in the list is a client; its request resolves on matching replies", async () => {
    const replicas = replicaIds.map((id) => new PBFTNode(id, replicaIds, { f: 1, machine: new KeyValueMachine(), operations }));
    const node = new PBFTNode("node_id", replicaIds, { f: 1, operations });
    expect(await node.request({ op: "write", key: "x", value: 10 })).toEqual({ op: "write" });
    expect(await node.request({ op: "read", key: "x" })).toMatchObject({ value: 10 });
    await Promise.all([node, ...replicas].map((one) => one.close()));
  });

  test("without a quorum it rejects", async () => {
    const node = new PBFTNode("node_id", replicaIds, { f: 1, operations, timeoutMs: 50, viewTimeoutMs: 10 });
    await expect(node.request({ op: "write", key: "x", value: 10 })).rejects.toThrow(NoQuorumError);
    await node.close();
  });
});

test("macaroons: a capability is verified, and used up by it", () => {
  const rootKey = new Uint8Array(32).fill(7);
  const future = Date.now() + 60_000;
  const context = { timeMs: Date.now(), resource: "/api/data", operation: "read" };
  const manager = new CapabilityManager(new MacaroonFactory(rootKey), createStandardVerifier());
  const cap = manager.grantCapability("/api/data", CapabilityType.READ, { caveats: [`time < ${future}`] });
  expect(manager.verifyCapability(cap, context)).toBe(true);
  expect(() => manager.verifyCapability(cap, context)).toThrow(LinearTypeError);
});

test("effects: time that is real, and time that is set", () => {
  const printed = vi.spyOn(console, "log").mockReturnValue();
  const before = Date.now();
  expect(withHandlers([new TimeHandler("real"), new LogHandler("print")], () => askCurrentTime())).toBeGreaterThanOrEqual(before);
  const time = new TimeHandler("mock");
  time.setMockTime(1000);
  expect(withHandlers([time], () => askCurrentTime())).toBe(1000);
  printed.mockRestore();
});

test("ising-scheduler: two tasks that do not fit on one node", () => {
  const tasks = [
    { id: "task1", demand: { cpu: 2, memory: 4 } },
    { id: "task2", demand: { cpu: 3, memory: 1 } },
  ];
  const nodes = [
    { id: "node1", capacity: { cpu: 4, memory: 8 } },
    { id: "node2", capacity: { cpu: 4, memory: 8 } },
  ];
  expect(new IsingScheduler(tasks, nodes).schedule()).toEqual({ task1: "node1", task2: "node2" });
});

test("causal: seeing is not doing, and the root of it is the database", () => {
  const graph = new CausalGraph();
  graph.addEdge("Database", "Cache", 0.7);
  graph.addEdge("Cache", "API", 0.8);
  const inference = new CausalInference(graph);
  expect(inference.observationalProbability("API", { Cache: true })).toBeCloseTo(0.8, 12);
  expect(inference.interventionalProbability("API", { Cache: true })).toBeCloseTo(0.8, 12);
  expect(inference.findRootCauses(new Set(["Database", "Cache", "API"]))).toEqual(["Database"]);
});

test("system: an id outside of the replicas joins as a gateway and observer", async () => {
  const system = new VoidSystem({
    nodeId: "void-primary",
    replicaIds: ["node0", "node1", "node2", "node3"],
    pbftF: 1,
    enableGossip: true,
    enablePbft: true,
  });
  await system.initialize();
  await system.run();
  expect(system.status()).toMatchObject({ nodeId: "void-primary", role: "observer", ready: false });
  await system.stop();
});

test("system: four replicas and a gateway in one process agree, by their defaults alone", async () => {
  const replicaIds = ["node0", "node1", "node2", "node3"];
  const systems = [...replicaIds, "gateway"].map((nodeId) => new VoidSystem({ nodeId, replicaIds, pbftF: 1, logLevel: "silent" }));
  await Promise.all(systems.map((system) => system.initialize()));
  await Promise.all(systems.map((system) => system.run()));
  const gateway = systems.at(-1);
  await gateway?.set("greeting", "hello");
  expect(await systems[2]?.get("greeting")).toBe("hello");
  await Promise.all(systems.map((system) => system.stop()));
});
