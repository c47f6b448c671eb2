import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platformClock } from "@void-system/effects";
import { type Eff, FiberCancelledError, type Need, type RunOptions, run } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClusterStore } from "../../src/clients/cluster-store.ts";
import { Redis, RedisConnections } from "../../src/clients/redis-client.ts";
import { DatasetError } from "../../src/errors.ts";
import type { ListenAddress } from "../../src/listen.ts";
import { RespServer } from "../../src/resp/server.ts";
import { Store } from "../../src/store/store.ts";
import { readDataset } from "../../src/telemetry/dataset.ts";
import { DatasetImport, IMPORT_BATCH_MEASUREMENTS } from "../../src/telemetry/import.ts";
import { readBack } from "../../src/telemetry/read-back.ts";
import { writeDataset } from "../support/dataset.ts";
import { type TestNode, testNode } from "../support/node.ts";

const folder = mkdtempSync(join(tmpdir(), "void-telemetry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("an import through a node", () => {
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
});
