import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ed25519, generateKey } from "@void-system/crypto";
import { keyOf, provision } from "../../src/cli/provision.ts";
import { resolvePaths } from "../../src/config.ts";
import { BootError, ConfigError, GossipDisabledError, NotInitializedError } from "../../src/errors.ts";
import { HttpServer } from "../../src/http/server.ts";
import { RespServer } from "../../src/resp/server.ts";
import { VoidSystem } from "../../src/boot/void-system.ts";

const systems: VoidSystem[] = [];
const quiet = { logLevel: "silent" } as const;

function made(config: ConstructorParameters<typeof VoidSystem>[0]): VoidSystem {
  const system = new VoidSystem({ ...quiet, ...config });
  systems.push(system);
  return system;
}

afterEach(async () => {
  await Promise.all(systems.splice(0).map((system) => system.stop()));
});

describe("four replicas and an observer in one process", () => {
  const replicaIds = ["node0", "node1", "node2", "node3"];

  test("write anywhere, read anywhere; the observer is a gateway; broadcasts reach all", async () => {
    const nodes = [...replicaIds, "void-primary"].map((nodeId) => made({ nodeId, replicaIds, pbftF: 1, enableGossip: true, enablePbft: true }));
    await Promise.all(nodes.map((node) => node.initialize()));
    await Promise.all(nodes.map((node) => node.run()));
    const [first, second, , , observer] = nodes;
    await first!.set("a", "1");
    expect(await second!.get("a")).toBe("1");
    await observer!.set("b", "2");
    expect(await first!.get("b")).toBe("2");
    expect(observer!.status()).toMatchObject({ role: "observer", ready: true });
    expect(first!.status()).toMatchObject({ role: "replica", durability: "in memory only (no dataDirectory) on a quorum of replicas" });
    const heard = new Promise((resolve) => second!.onBroadcast((value, origin) => resolve([value, origin])));
    observer!.broadcast({ hello: "all" });
    expect(await heard).toEqual([{ hello: "all" }, "void-primary"]);
  });

  test("place commits one placement that every replica shows", async () => {
    const nodes = replicaIds.map((nodeId) => made({ nodeId, replicaIds }));
    await Promise.all(nodes.map((node) => node.initialize()));
    const tasks = ["a", "b", "c"].map((id) => ({ id, demand: { concurrency: 1 } }));
    const placed = await nodes[0]!.place({ tasks, links: [] }, [{ id: "x", capacity: { concurrency: 2 } }, { id: "y", capacity: { concurrency: 2 } }]);
    expect(Object.keys(placed.placement).sort()).toEqual(["a", "b", "c"]);
    await nodes[3]!.get("anything");
    expect(nodes[3]!.status().placement).toEqual(placed.placement);
    await expect(nodes[1]!.place({ tasks, links: [] }, [{ id: "x", capacity: { concurrency: 1 } }])).rejects.toThrow(/concurrency/);
  });
});

test("a node whose key is not the one that the others have for it does not start, and says so", async () => {
  const replicaIds = ["node0", "node1", "node2", "node3"];
  const publicKey = Buffer.from(ed25519.signer(generateKey("ed25519")).publicKey).toString("base64url");
  const failure = await made({ nodeId: "node0", replicaIds, peers: [{ id: "node0", publicKey }] }).initialize().catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { code: "ERR_PBFT_OWN_KEY", message: expect.stringContaining("key file") } });
});

test("without a quorum a write ends with an unknown outcome, in time, and says so", async () => {
  const system = made({ nodeId: "lonely", replicaIds: ["lonely", "b", "c", "d"], timeoutMs: 300, viewTimeoutMs: 60 });
  await system.initialize();
  expect(system.status().ready).toBe(false);
  await expect(system.set("a", "1")).rejects.toThrow(/no quorum within 600 ms/);
});

test("without agreement writes are durable on this node alone: said in status, kept over a restart, across checkpoints", async () => {
  const folder = mkdtempSync(join(tmpdir(), "void-solo-"));
  const config = { nodeId: "alone", replicaIds: ["alone"], enablePbft: false, enableGossip: false, dataDirectory: folder };
  const first = made(config);
  await first.initialize();
  expect(first.status().durability).toBe("synced to disk on this node alone (agreement is off)");
  for (let index = 0; index < 1_100; index += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, offset) => first.set(`k${index + offset}`, String(index + offset))));
  }
  const { stateDigest } = first.status();
  await first.stop();
  const second = made(config);
  await second.initialize();
  expect(second.status().stateDigest).toBe(stateDigest);
  expect(await second.get("k1099")).toBe("1099");
  rmSync(folder, { recursive: true, force: true });
});

test("a configuration that is read again changes the log level, names what needs a restart, and ends nothing", async () => {
  const config = { nodeId: "again", replicaIds: ["again"], enablePbft: false, enableGossip: false };
  const system = made({ ...config, logLevel: "info" });
  const written = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
  try {
    await system.initialize();
    expect(system.reload({ ...config, logLevel: "info", timeoutMs: 5 })).toEqual(["timeoutMs"]);
    expect(String(written.mock.lastCall?.[0])).toContain('"event":"reloaded"');
    const { length } = written.mock.calls;
    expect(system.reload({ ...config, logLevel: "error" })).toEqual([]);
    expect(written.mock.calls).toHaveLength(length);
    expect(() => system.reload({ ...config, nodeId: "not a name" })).toThrow(ConfigError);
  } finally {
    written.mockRestore();
  }
});

test("a certificate that is read again is shown on new connections, and one that is damaged is logged and not taken", async () => {
  const folder = mkdtempSync(join(tmpdir(), "void-renewed-"));
  const { nodes } = await provision({ folder, nodes: 2 });
  const configs = nodes.map((node) => ({ ...resolvePaths(node.config, node.folder), enablePbft: false, enableGossip: false }));
  const written = vi.spyOn(process.stdout, "write").mockImplementation(() => true); // before the node makes its logger
  try {
    const [first, second] = configs.map((config) => made(config));
    await Promise.all([first!.initialize(), second!.initialize()]);
    const link = () => Object.entries(second!.health().components["transport"]?.detail?.["links"] ?? {}).find(([id]) => id === "node0")?.[1];
    await vi.waitFor(() => expect(link()).toMatchObject({ state: "up" }));
    const shown = async (): Promise<string | undefined> => {
      const socket = connect({ ...configs[0]!.link!, ALPNProtocols: ["void-link/4"], rejectUnauthorized: false });
      socket.on("error", () => undefined);
      await once(socket, "secureConnect");
      const text = socket.getPeerX509Certificate()?.toString();
      socket.destroy();
      return text;
    };
    const file = configs[0]!.certificateFile!;
    const old = readFileSync(file, "utf8");
    expect(await shown()).toBe(old);

    for (const damaged of [old.slice(0, 200), readFileSync(configs[1]!.certificateFile!, "utf8"), undefined]) {
      if (damaged === undefined) rmSync(file);
      else writeFileSync(file, damaged);
      expect(first!.reload({ ...configs[0]!, logLevel: "error" })).toEqual([]);
      expect(String(written.mock.lastCall?.[0])).toContain('"event":"certificate-kept"');
      expect(await shown()).toBe(old);
    }
    await keyOf(nodes[0]!.folder, "renewed"); // as void keygen does: there is no certificate, so it makes one of the same key
    expect(first!.reload({ ...configs[0]!, logLevel: "info" })).toEqual([]);
    expect(written.mock.calls.map(([line]) => String(line)).join("")).toContain('"event":"certificate-renewed"');
    expect(readFileSync(file, "utf8")).not.toBe(old);
    expect(await shown()).toBe(readFileSync(file, "utf8"));
    expect(link()).toMatchObject({ state: "up", ups: 1 });
  } finally {
    written.mockRestore();
  }
  rmSync(folder, { recursive: true, force: true });
});

test("what needs broadcasts is refused by name when there are none", async () => {
  const system = made({ nodeId: "quiet", replicaIds: ["quiet"], enablePbft: false, enableGossip: false });
  await system.initialize();
  expect(() => system.broadcast(1)).toThrow(GossipDisabledError);
  expect(() => system.broadcast(1)).toThrow("broadcast needs broadcasts, and enableGossip is false");
});

test("a bad configuration fails the first phase and leaves nothing behind", async () => {
  const system = made({ nodeId: "", replicaIds: [] });
  const failure = await system.initialize().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(BootError);
  expect((failure as BootError).component).toBe("config");
  expect((failure as BootError).cause).toBeInstanceOf(ConfigError);
});

test("subsystems boot in order, the listeners last", async () => {
  const system = made({ nodeId: "ordered", replicaIds: ["ordered"] });
  await system.initialize();
  await system.run();
  expect(Object.keys(system.health().components)).toEqual([
    "config", "identity", "hlc", "transport", "pbft", "plumtree", "macaroons", "ising-scheduler", "causal", "monitoring", "resp", "http",
  ]);
});

test("initialized or run twice, at once or later, it is one node, and all of it ends", async () => {
  const loopback = { host: "127.0.0.1", port: 0 };
  const system = made({ nodeId: "twice", replicaIds: ["twice"], enablePbft: false, enableGossip: false, resp: loopback });
  await Promise.all([system.initialize(), system.initialize()]);
  await system.initialize();
  await Promise.all([system.run(), system.run()]);
  const { port } = system.status().faces["resp"]!;
  await system.run();
  expect(system.status().faces["resp"]!.port).toBe(port);
  await system.set("a", "1");
  expect(await system.get("a")).toBe("1");
  await system.stop();
  const next = createServer();
  await new Promise<void>((resolve, reject) => next.on("error", reject).listen(port, "127.0.0.1", resolve));
  next.close();
  expect(system.health().ok).toBe(false);
  expect(system.status().ready).toBe(false);
  await expect(system.run()).rejects.toMatchObject({ code: "ERR_BOOT", cause: { code: "ERR_NOT_INITIALIZED" } });
  await expect(system.initialize()).rejects.toMatchObject({ code: "ERR_BOOT", cause: { code: "ERR_NOT_INITIALIZED" } });
});

test("all that goes wrong while it stops is told, side by side, and all is stopped", async () => {
  const loopback = { host: "127.0.0.1", port: 0 };
  const faces = { resp: loopback, http: loopback };
  for (const [broken, told] of [
    [[HttpServer], { message: "HttpServer is stuck" }],
    [[HttpServer, RespServer], { errors: [{ message: "HttpServer is stuck" }, { message: "RespServer is stuck" }] }],
  ] as const) {
    const system = new VoidSystem({ ...quiet, nodeId: "stuck", replicaIds: ["stuck"], enablePbft: false, ...faces });
    await system.initialize();
    await system.run();
    for (const server of broken) {
      const { close } = server.prototype;
      vi.spyOn(server.prototype, "close").mockImplementationOnce(async function (this: HttpServer & RespServer) {
        await close.call(this);
        throw new Error(`${server.name} is stuck`);
      });
    }
    const failure = await system.stop().catch((error: unknown) => error);
    expect(failure).toMatchObject(told);
    expect(failure instanceof AggregateError).toBe("errors" in told);
    vi.restoreAllMocks();
  }
});

test("a face that could not listen is tried again", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as AddressInfo;
  const system = made({ nodeId: "patient", replicaIds: ["patient"], enablePbft: false, resp: { host: "127.0.0.1", port } });
  await system.initialize();
  await expect(system.run()).rejects.toMatchObject({ component: "resp" });
  await new Promise((resolve) => taken.close(resolve));
  await system.run();
  expect(system.status().faces["resp"]!.port).toBe(port);
});

test("before initialize there is nothing to ask", async () => {
  const system = made({ nodeId: "early", replicaIds: ["early"] });
  await expect(system.run()).rejects.toBeInstanceOf(NotInitializedError);
  expect(() => system.status()).toThrow(NotInitializedError);
});

test("a face that cannot listen is named, and the name is free again after stop", async () => {
  const config = { nodeId: "again", replicaIds: ["again"], enablePbft: false, resp: { host: "127.0.0.1", port: 0 }, http: { host: "127.0.0.1", port: 0 } };
  const first = made(config);
  await first.initialize();
  await first.run();
  const { port } = first.status().faces["http"]!;
  const second = made({ ...config, nodeId: "other", http: { host: "127.0.0.1", port } });
  await second.initialize();
  await expect(second.run()).rejects.toMatchObject({ component: "http" });
  await first.stop();
  const third = made(config);
  await third.initialize();
  await third.run();
  expect((await fetch(`http://127.0.0.1:${third.status().faces["http"]!.port}/health`)).status).toBe(200);
});
