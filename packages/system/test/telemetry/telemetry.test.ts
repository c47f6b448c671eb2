import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platformClock } from "@void-system/effects";
import { type Eff, FiberCancelledError, type Need, type RunOptions, run } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClusterClient } from "../../src/clients/cluster-client.ts";
import { ClusterStore } from "../../src/clients/cluster-store.ts";
import { CommandError, DatasetError, UnreachableClusterError } from "../../src/errors.ts";
import { PLACEMENT_KEY, parsePlacement } from "../../src/store/placement.ts";
import { placeWorkload } from "../../src/telemetry/place-workload.ts";
import type { ListenAddress } from "../../src/listen.ts";
import { Redis, RedisConnections } from "../../src/clients/redis-client.ts";
import { RespServer } from "../../src/resp/server.ts";
import { Store } from "../../src/store/store.ts";
import { readDataset } from "../../src/telemetry/dataset.ts";
import { CONCURRENCY, workloadOf } from "../../src/telemetry/demand.ts";
import { DatasetImport, IMPORT_BATCH_MEASUREMENTS } from "../../src/telemetry/import.ts";
import { readBack } from "../../src/telemetry/read-back.ts";
import { rootCausesOf } from "../../src/telemetry/root-causes.ts";
import { writeDataset } from "../support/dataset.ts";
import { type TestNode, testNode } from "../support/node.ts";

const petshop = join(import.meta.dirname, "..", "..", "..", "..", "examples", "petshop");
const folder = mkdtempSync(join(tmpdir(), "void-telemetry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("readDataset", () => {
  test("reads a folder; empty cells are no measurements", () => {
    const { name, calls, periods, symptom } = readDataset(writeDataset(folder, "small", 8));
    expect(name).toBe("small");
    expect(calls).toEqual([{ caller: "api", callee: "db" }]);
    expect(periods.normal.rows[0]).toEqual([0.1, undefined, 300, 600]);
    expect(symptom).toEqual({ service: "api", metric: "latency", trueCause: "db" });
  });

  test.each([
    ["a cell that is no number", "noissue/metrics.csv", (text: string) => text.replace(",300,600", ",many,600"), /line 5: expected a number, got "many"/],
    ["times that do not ascend", "noissue/metrics.csv", (text: string) => text.replace("1300,", "900,"), /line 6: expected times that ascend/],
    ["rows of different length", "noissue/metrics.csv", (text: string) => text.replace(",300,600", ",300"), /rows of equal length/],
    ["a graph without calls", "graph.csv", () => ",api,db\napi,0,0\ndb,0,0\n", /at least one call/],
    ["a target that is no JSON", "incident/target.json", () => "{", /expected JSON/],
  ])("names %s", (name, file, spoil, message) => {
    const at = join(folder, `bad-${name.replaceAll(" ", "-")}`);
    cpSync(writeDataset(folder, "good", 8), at, { recursive: true });
    writeFileSync(join(at, file), spoil(readFileSync(join(at, file), "utf8")));
    let failure: unknown;
    try {
      readDataset(at);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(DatasetError);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).toContain(file.split("/").at(-1));
  });
});

describe("through a node", () => {
  let node: TestNode;
  let server: RespServer;
  let address: ListenAddress;
  let connections: RedisConnections;
  /** Runs a program as the `void` command does, against that node. */
  const onNode = <A>(program: () => Eff<Need<"void.store">, A>, options: RunOptions = {}): Promise<A> =>
    run(
      () => Clock.handle(platformClock(), () => Redis.handle(connections, () => Store.handle(new ClusterStore([address], "admin"), program))),
      options,
    );

  beforeEach(async () => {
    node = await testNode();
    server = new RespServer(node.gateway, () => "");
    address = await server.listen({ host: "127.0.0.1", port: 0 });
    connections = new RedisConnections();
  });
  afterEach(async () => {
    connections.close();
    await server.close();
  });

  test("what goes in comes out, and importing twice writes nothing twice", async () => {
    const dataset = readDataset(writeDataset(folder, "twice", 300));
    const first = await onNode(() => new DatasetImport(dataset).write());
    const { keys } = node.machine.stats();
    expect(first).toMatchObject({ measurements: 1_173, written: 1_173, emptyCells: 43, stopped: false });
    expect(await onNode(() => new DatasetImport(dataset).write())).toMatchObject({ measurements: 1_173, written: 0 });
    expect(node.machine.stats().keys).toBe(keys);
    expect(await onNode(() => readBack("twice"))).toEqual(dataset);
  });

  test("one that was stopped goes on where it was", async () => {
    const dataset = readDataset(writeDataset(folder, "stopped", 1_000));
    const abort = new AbortController();
    const importing = new DatasetImport(dataset);
    const enough = (done: number): void => {
      if (done >= 6 * IMPORT_BATCH_MEASUREMENTS) abort.abort();
    };
    await expect(onNode(() => importing.write(enough), { signal: abort.signal })).rejects.toBeInstanceOf(FiberCancelledError);
    const first = importing.report;
    expect(first.stopped).toBe(true);
    expect(first.written).toBeLessThan(first.measurements);
    await expect(onNode(() => readBack("stopped"))).rejects.toThrow(DatasetError);
    const second = await onNode(() => new DatasetImport(dataset).write());
    expect(first.written + second.written).toBe(second.measurements);
    expect(await onNode(() => readBack("stopped"))).toEqual(dataset);
  });

  test("a client goes on with the next node when one does not answer, and says when none does", async () => {
    const gone = new RespServer(node.gateway, () => "");
    const dead = await gone.listen({ host: "127.0.0.1", port: 0 });
    await gone.close();
    const both = new ClusterClient([dead, address], "admin");
    expect(String(await both.call("SET", "a", "1"))).toBe("OK");
    both.close();
    const none = new ClusterClient([dead], "admin");
    await expect(none.call("GET", "a")).rejects.toBeInstanceOf(UnreachableClusterError);
    none.close();
    const stranger = new ClusterClient([address], "nonsense");
    await expect(stranger.call("GET", "a")).rejects.toBeInstanceOf(CommandError);
    stranger.close();
  });
});

describe("PetShop", () => {
  test("the true cause of the incident ranks first", () => {
    const dataset = readDataset(petshop);
    expect(rootCausesOf(dataset)[0]?.node).toBe(dataset.symptom.trueCause);
    expect(() => rootCausesOf(dataset, { service: "nobody", metric: "latency" })).toThrow(DatasetError);
  });

  test("its services fit four nodes, by Little's law, and stay where they were when asked again", () => {
    const workload = workloadOf(readDataset(petshop));
    const site = workload.tasks.find(({ id }) => id === "PetSite");
    expect(site?.demand[CONCURRENCY]).toBeCloseTo(0.1532, 3);
    const nodes = ["a", "b", "c", "d"].map((id) => ({ id, capacity: { [CONCURRENCY]: 0.3 } }));
    const { placement, feasible } = placeWorkload(workload, nodes);
    expect(feasible).toBe(true);
    expect(Object.keys(placement)).toHaveLength(41);
    expect(placeWorkload(workload, nodes, JSON.stringify(placement)).energy.migration).toBe(0);
  });

  test("a placement is read from any text, or not", () => {
    expect(PLACEMENT_KEY).toBe("void/placement");
    expect(parsePlacement('{"a":"x","b":1}')).toEqual({ a: "x" });
    expect(parsePlacement("[")).toBeUndefined();
  });
});
