/** Resources of a node are consumed once, by the component that opened them, on every way that a node may end. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LinearResource, observeResources } from "@void-system/linear";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { type SystemConfig, parseConfig, resolvePaths } from "../../src/config.ts";
import { provision } from "../../src/cli/provision.ts";
import { BootError, LeakError } from "../../src/errors.ts";
import { KeyValueMachine } from "../../src/store/key-value-machine.ts";
import { VoidSystem } from "../../src/boot/void-system.ts";

const logged = vi.hoisted(() => [] as { readonly event: string; readonly fields: unknown }[]);
vi.mock("../../src/boot/logger.ts", () => ({
  nodeLogger: () => ({ log: (_: string, event: string, fields: unknown) => logged.push({ event, fields }) }),
}));
/** `all` makes components forget to release their resources. */
const forget = vi.hoisted(() => ({ all: false }));
vi.mock("@void-system/effects/fibers", async (importOriginal) => {
  const fibers = await importOriginal<typeof import("@void-system/effects/fibers")>();
  const acquire: typeof fibers.acquire = (open, release) => fibers.acquire(open, (resource) => (forget.all ? undefined : release(resource)));
  return { ...fibers, acquire };
});

const folder = mkdtempSync(join(tmpdir(), "void-resources-"));
const loopback = { host: "127.0.0.1", port: 0 };
const config: SystemConfig = { nodeId: "solo", replicaIds: ["solo"], enablePbft: false, enableGossip: false };
const whole: SystemConfig = { ...config, dataDirectory: join(folder, "data"), resp: loopback, http: loopback };
const ALL = ["node key", "root key", "links", "disk", "RESP listener", "HTTP listener"];

/** Resources of nodes, by name, in the order in which they were made and ended. */
const made: string[] = [];
const ended: string[] = [];
const live = new Set<LinearResource<unknown>>();

beforeEach(() => {
  for (const list of [made, ended, logged]) list.length = 0;
  live.clear();
  observeResources({
    created: (resource) => {
      // The keys of crypto hold their bytes in resources of their own.
      if (!ALL.includes(resource.name)) return;
      made.push(resource.name);
      live.add(resource);
    },
    ended: (resource) => {
      if (live.delete(resource)) ended.push(resource.name);
    },
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  forget.all = false;
  observeResources(undefined);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a node and its listeners. */
async function started(more: Partial<SystemConfig> = {}): Promise<VoidSystem> {
  const system = new VoidSystem({ ...whole, ...more });
  await system.initialize();
  await system.run();
  return system;
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error);

test("each is opened once, and consumed in the reverse order of the boot", async () => {
  const system = await started();
  expect(made).toEqual(ALL);
  expect(ended).toEqual([]);
  await system.stop();
  expect(ended).toEqual(["HTTP listener", "RESP listener", "disk", "links", "node key", "root key"]);
  expect(logged.filter(({ event }) => event === "resources-leaked")).toEqual([]);
});

test("stop twice, and at once: each is consumed once", async () => {
  const system = await started();
  const both = [system.stop(0), system.stop()];
  expect(both[0]).toBe(both[1]);
  await Promise.all(both);
  await system.stop();
  expect(ended.toSorted()).toEqual(ALL.toSorted());
});

test("without folder and faces there is less to own", async () => {
  const system = new VoidSystem(config);
  await system.initialize();
  await system.run();
  expect(made).toEqual(["node key", "root key", "links"]);
  await system.stop();
  expect(live.size).toBe(0);
});

test("a boot that fails on its keys holds none", async () => {
  const failure = await failureOf(new VoidSystem({ ...config, rootKeyFile: join(folder, "absent") }).initialize());
  expect(failure).toMatchObject({ component: "identity" });
  expect(made).toEqual([]);
});

test("a boot that fails on its name gives the keys back", async () => {
  const first = await started();
  const second = new VoidSystem(config);
  expect(await failureOf(second.initialize())).toMatchObject({ component: "transport" });
  expect(ended).toEqual(["node key", "root key"]);
  await second.stop();
  await first.stop();
  expect(live.size).toBe(0);
});

test("a boot that fails on its disk gives everything back, and stop has nothing to tell", async () => {
  const taken = join(folder, "taken");
  mkdirSync(taken);
  writeFileSync(join(taken, "file"), "");
  const system = new VoidSystem({ ...whole, dataDirectory: join(taken, "file") });
  expect(await failureOf(system.initialize())).toMatchObject({ component: "pbft" });
  expect(made).toEqual(["node key", "root key", "links", "disk"]);
  expect(live.size).toBe(0);
  await system.stop();
  // And the name is free again.
  await (await started()).stop();
});

test("over TLS: the port and the folder are taken while the node lives, and free after it", async () => {
  const { nodes } = await provision({ folder: join(folder, "cluster"), nodes: 4 });
  const own = resolvePaths(parseConfig(nodes[0]!.config), nodes[0]!.folder);
  const system = new VoidSystem(own);
  await system.initialize();
  await system.run();
  expect(made).toEqual(ALL);
  const second = new VoidSystem(own);
  expect(await failureOf(second.initialize())).toMatchObject({ component: "transport" });
  expect(ended).toEqual(["node key", "root key"]);
  await second.stop();
  await system.stop();
  expect(live.size).toBe(0);
  const third = new VoidSystem(own);
  await third.initialize();
  await third.stop();
  expect(live.size).toBe(0);
});

test("a listener that cannot open closes the other one; the node goes on until stop", async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port));
  });
  const system = new VoidSystem({ ...whole, http: { host: "127.0.0.1", port } });
  await system.initialize();
  expect(await failureOf(system.run())).toMatchObject({ component: "http" });
  expect(ended).toEqual(["RESP listener"]);
  await system.set("still", "there");
  await system.stop();
  expect(live.size).toBe(0);
  await new Promise((resolve) => other.close(resolve));
});

test("a node that has ended by itself still gives everything back", async () => {
  const system = await started();
  vi.spyOn(KeyValueMachine.prototype, "apply").mockImplementation(() => {
    throw new Error("broken machine");
  });
  void system.set("a", "1").catch(() => undefined);
  expect(await system.ended).toBeInstanceOf(Error);
  expect(ended).toEqual([]);
  await system.stop();
  expect(live.size).toBe(0);
});

test("stop during the boot ends it, and nothing starts after it", async () => {
  const system = new VoidSystem(whole);
  const booting = failureOf(system.initialize());
  await system.stop();
  expect(await booting).toBeInstanceOf(BootError);
  expect(live.size).toBe(0);
  expect(await failureOf(system.initialize())).toBeInstanceOf(BootError);
  expect(live.size).toBe(0);
});

test("what a component forgets is closed all the same, logged, and told by stop as a typed error", async () => {
  const system = await started();
  const port = system.status().faces["http"]!.port;
  forget.all = true;
  const failure = await failureOf(system.stop());
  expect(failure).toBeInstanceOf(LeakError);
  expect(failure).toMatchObject({ code: "ERR_LEAK", message: expect.stringContaining("RESP listener, HTTP listener") });
  expect((failure as LeakError).leaks.map(({ name }) => name)).toEqual(ALL);
  expect(logged).toContainEqual({ event: "resources-leaked", fields: { names: ALL, reason: expect.stringContaining("6 left") } });
  expect(await failureOf(system.stop())).toBe(failure);
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
});

test("what a failed boot forgets is logged then, and told by stop", async () => {
  const system = new VoidSystem({ ...config, nodeId: "forgetful", dataDirectory: join(folder, "taken", "file") });
  forget.all = true;
  expect(await failureOf(system.initialize())).toMatchObject({ component: "pbft" });
  expect(logged.map(({ event }) => event)).toContain("resources-leaked");
  expect(live.size).toBe(0);
  expect(await failureOf(system.stop())).toMatchObject({ code: "ERR_LEAK" });
});
