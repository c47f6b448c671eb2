/**
 * What goes wrong around a node: bad configurations, taken ports, folders that cannot be written, damaged logs. Each
 * ends in one clear line and an exit code, and nothing that was acknowledged is lost.
 */
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Cluster, runVoid, startVoid, until } from "./support/processes.ts";

const folder = mkdtempSync(join(tmpdir(), "void-faults-"));
const cluster = new Cluster();

beforeAll(() => cluster.start(), 60_000);
afterAll(async () => {
  await cluster.end();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function configFile(name: string, config: unknown): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  return file;
}

const solo = { nodeId: "solo", replicaIds: ["solo"], enablePbft: false, enableGossip: false, logLevel: "silent" };

describe("void node refuses to start", () => {
  test("with a bad configuration: exit code 2, every mistake named with its path", async () => {
    const file = configFile("bad", { nodeId: "", replicaIds: ["a", "b"], pbftF: 1, resp: { port: -1 }, nonsense: true });
    const { code, stderr } = await runVoid(["node", "--config", file]);
    expect(code).toBe(2);
    expect(stderr).toContain(file);
    for (const path of ["nodeId", "resp.port", "nonsense"]) expect(stderr).toContain(`  ${path}: `);
    expect(stderr).not.toContain("    at ");
  });

  test("with a configuration that is no JSON, or not there", async () => {
    expect((await runVoid(["node", "--config", configFile("broken", "{")])).code).toBe(2);
    const missing = await runVoid(["node", "--config", join(folder, "missing.json")]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("missing.json");
  });

  test("on a taken port, naming it", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await runVoid(["node", "--config", configFile("taken", { ...solo, resp: { port } })]);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`127.0.0.1:${port}: another process listens there`);
  });

  test("with a data folder that cannot be written", async () => {
    const inTheWay = configFile("in-the-way", "a file");
    const { code, stderr } = await runVoid(["node", "--config", configFile("unwritable", { ...solo, dataDirectory: join(inTheWay, "data") })]);
    expect(code).toBe(1);
    expect(stderr).toContain(inTheWay);
  });

  test("with a key file that others may read", async () => {
    await runVoid(["keygen", "--id", "wide", "--out", folder]);
    const { chmodSync } = await import("node:fs");
    chmodSync(join(folder, "node.key"), 0o644);
    const { code, stderr } = await runVoid(["node", "--config", configFile("wide", { ...solo, keyFile: "node.key" })]);
    expect(code).toBe(1);
    expect(stderr).toContain("chmod 600");
  });

  test("over the data of a node that runs", async () => {
    const { code, stderr } = await runVoid(["node", "--config", cluster.nodes[2]!.config]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/another process|EADDRINUSE|listens there|locked/);
  });
});

test("a node that has no socket and no file lives until it is told to end", async () => {
  const node = startVoid(["node", "--config", configFile("quiet", solo)]);
  let ended = false;
  node.once("exit", () => (ended = true));
  await new Promise((resolve) => node.stdout!.once("data", resolve));
  // It has said that it runs: time enough for it to find nothing left to do.
  expect((await runVoid(["--version"])).code).toBe(0);
  expect(ended).toBe(false);
  node.kill("SIGTERM");
  expect(await new Promise((resolve) => node.once("close", resolve))).toBe(0);
});

describe("output that cannot be written", () => {
  test("a reader that has left is no failure, and no crash", async () => {
    const command = startVoid(["keygen", "--root", join(folder, "unread.key")]);
    command.stdout!.destroy();
    let stderr = "";
    command.stderr!.on("data", (bytes) => (stderr += bytes));
    expect(await new Promise((resolve) => command.once("close", resolve))).toBe(0);
    expect(stderr).toBe("");
  });

  test("a result that is lost is a failure, in one line", async () => {
    const readOnly = openSync(configFile("read-only", ""), "r");
    const command = startVoid(["keygen", "--root", join(folder, "lost.key")], readOnly);
    let stderr = "";
    command.stderr!.on("data", (bytes) => (stderr += bytes));
    expect(await new Promise((resolve) => command.once("close", resolve))).toBe(1);
    closeSync(readOnly);
    expect(stderr).toMatch(/^void: cannot write to standard output: .*\n$/);
  });
});

describe("void", () => {
  test("an unknown command or option is exit code 2, help is 0", async () => {
    expect((await runVoid(["frobnicate"])).code).toBe(2);
    expect((await runVoid(["get", "--frobnicate", "k"])).code).toBe(2);
    for (const words of [["--help"], ["dev", "--help"], ["token", "mint", "--help"]]) expect((await runVoid(words)).code).toBe(0);
  });

  test("without a cluster it says how to start one", async () => {
    const { code, stderr } = await runVoid(["get", "k", "--dir", folder]);
    expect(code).toBe(1);
    expect(stderr).toContain("void dev");
  });

  test("a token file that is not there is named, with what to do; an empty $VOID_TOKEN is none", async () => {
    for (const words of [["get", "k", "--dir", cluster.folder], ["token", "inspect"]]) {
      const { code, stderr } = await runVoid([...words, "--token-file", join(folder, "absent.token")]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^void: cannot use .*absent\.token: .*; check that it is there/);
      expect(stderr).not.toContain("void dev");
    }
    expect((await runVoid(["token", "inspect", "--dir", cluster.folder], { env: { VOID_TOKEN: "" } })).code).toBe(0);
  });

  test("keygen with a name that no node may have writes nothing", async () => {
    const out = join(folder, "unnamed");
    const { code, stderr } = await runVoid(["keygen", "--id", "a b", "--out", out]);
    expect(code).toBe(2);
    expect(stderr).toContain("--id: expected a");
    expect(existsSync(out)).toBe(false);
  });

  test("with a bad token it says why", async () => {
    const { code, stderr } = await runVoid(["get", "k", "--dir", cluster.folder], { env: { VOID_TOKEN: "nonsense" } });
    expect(code).toBe(1);
    expect(stderr).toContain("WRONGPASS");
  });

  test("a token for one use is no password", async () => {
    const minted = await runVoid(["token", "mint", "--all", "--once", "--expires", "1h", "--dir", cluster.folder]);
    const { code, stderr } = await runVoid(["get", "k", "--dir", cluster.folder], { env: { VOID_TOKEN: minted.stdout.trim() } });
    expect(code).toBe(1);
    expect(stderr).toContain("once-token-not-reusable");
  });

  test("a second cluster in the same folder is refused", async () => {
    const { code, stderr } = await runVoid(["dev", "--dir", cluster.folder]);
    expect(code).toBe(1);
    expect(stderr).toContain("a cluster runs in");
  });
});

describe("a damaged log", () => {
  const logFolder = (): string => join(cluster.folder, "node3", "data", "pbft");
  const lastSegment = (): string => {
    const segments = readdirSync(logFolder()).filter((name) => name.endsWith(".log")).sort();
    return join(logFolder(), segments.at(-1)!);
  };

  test("a torn tail is cut, and the node catches up to the same state", async () => {
    const client = cluster.client(0);
    for (let index = 0; index < 30; index++) await client.set(`torn/${index}`, "x".repeat(200));
    cluster.kill(3);
    truncateSync(lastSegment(), statSync(lastSegment()).size - 7);
    await client.set("torn/after", "y");
    await cluster.restart(3);
    const digests = await until(
      async () => Promise.all([0, 1, 2, 3].map(async (index) => (await cluster.status(index))?.["stateDigest"])),
      (all) => all[3] !== undefined && new Set(all).size === 1,
    );
    expect(digests[3]).toBeDefined();
    expect(await cluster.client(3).get("torn/after")).toBe("y");
  }, 60_000);

  test("damage in the middle is an error that names the file, and the others go on", async () => {
    const status = await cluster.status(3);
    process.kill(Number(status?.["pid"]), "SIGKILL");
    const file = lastSegment();
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(file, bytes);
    const { code, stderr } = await runVoid(["node", "--config", cluster.nodes[3]!.config]);
    expect(code).toBe(1);
    expect(stderr).toContain(file);
    expect(await cluster.client(1).get("torn/after")).toBe("y");
  }, 60_000);
});
