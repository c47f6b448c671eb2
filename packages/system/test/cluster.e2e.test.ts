/**
 * Real processes, real sockets, real disks: what `npm start` runs.
 */
import { existsSync, statSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Cluster, runVoid, until } from "./support/processes.ts";

const cluster = new Cluster();
const neighbour = new Cluster();

beforeAll(() => cluster.start(), 60_000);
afterAll(() => Promise.all([cluster.end(), neighbour.end()]), 60_000);

/** Every node's state digest, once all have executed the same. */
async function levelDigest(): Promise<unknown> {
  const statuses = await until(
    () => Promise.all(cluster.nodes.map((_, index) => cluster.status(index))),
    (all) => all.every((status) => status?.["ready"] === true) && new Set(all.map((status) => status?.["executed"])).size === 1,
  );
  const digests = new Set(statuses.map((status) => status?.["stateDigest"]));
  expect(digests.size).toBe(1);
  return [...digests][0];
}

describe("a cluster of four processes", () => {
  test("prints how to talk to it, and keeps secrets to its owner", () => {
    expect(cluster.output).toMatch(/try it: {2}REDISCLI_AUTH="\$\(cat .*admin\.token\)" redis-cli -p \d+ set hello world/);
    for (const file of ["cluster.json", "admin.token", "root.key", join("node0", "node.key"), join("node0", "config.json")]) {
      expect(statSync(join(cluster.folder, file)).mode & 0o077, file).toBe(0);
    }
    expect(cluster.output).not.toContain(cluster.token);
  });

  test("a key written on one node is read on the others", async () => {
    await cluster.client(0).set("hello", "world");
    for (const index of [1, 2, 3]) expect(await cluster.client(index).get("hello")).toBe("world");
    await levelDigest();
  });

  test("get, set and status from the command line", async () => {
    const dir = ["--dir", cluster.folder];
    expect(await runVoid(["set", "cli/key", "value", ...dir])).toMatchObject({ code: 0, stdout: "OK\n" });
    expect(await runVoid(["get", "cli/key", ...dir])).toMatchObject({ code: 0, stdout: "value\n" });
    expect(await runVoid(["get", "cli/absent", "--json", ...dir])).toMatchObject({ code: 1, stdout: '{"key":"cli/absent","value":null}\n' });
    const status = await runVoid(["status", "--json", ...dir]);
    expect(status.code).toBe(0);
    expect((JSON.parse(status.stdout) as { nodeId: string }[]).map(({ nodeId }) => nodeId)).toEqual(["node0", "node1", "node2", "node3"]);
  });

  test("a narrowed token permits what it says, from the command line to the wire", async () => {
    const dir = ["--dir", cluster.folder];
    const minted = await runVoid(["token", "attenuate", "--resource", "/kv/public/", "--operation", "read", "--expires", "1h", ...dir]);
    expect(minted.code).toBe(0);
    const env = { VOID_TOKEN: minted.stdout.trim() };
    await cluster.client(1).set("public/a", "1");
    expect(await runVoid(["get", "public/a", ...dir], { env })).toMatchObject({ code: 0, stdout: "1\n" });
    const refused = await runVoid(["set", "public/a", "2", ...dir], { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("NOPERM");
  });

  test("health, status, metrics and the page answer, to localhost only", async () => {
    const base = `http://127.0.0.1:${cluster.nodes[0]!.http}`;
    expect((await fetch(`${base}/health`)).status).toBe(200);
    expect(await (await fetch(`${base}/metrics`)).text()).toMatch(/^void_ready 1$/m);
    expect(await (await fetch(base)).text()).toContain("<title>Void</title>");
    expect((await fetch(`${base}/status`, { method: "POST" })).status).toBe(405);
    const rebound = await new Promise<number | undefined>((resolve) => {
      get(`${base}/status`, { headers: { host: "evil.example" } }, ({ statusCode }) => resolve(statusCode));
    });
    expect(rebound).toBe(421);
  });

  test("two clusters on one machine do not disturb each other", async () => {
    await neighbour.start();
    await neighbour.client(0).set("hello", "neighbour");
    expect(await cluster.client(1).get("hello")).toBe("world");
    expect(await neighbour.client(3).get("hello")).toBe("neighbour");
    expect(await neighbour.interrupt()).toBe(0);
  }, 60_000);

  test("kill -9 of the primary under a writer: writes go on, none that was acknowledged is lost, and it catches up", async () => {
    const current = await cluster.status(1);
    const victim = cluster.nodes.findIndex(({ id }) => id === current?.["primary"]);
    const writer = cluster.client((victim + 1) % 4);
    const acknowledged: number[] = [];
    const write = async (count: number): Promise<void> => {
      for (let done = 0; done < count; done++) {
        const number = acknowledged.length;
        await writer.set(`crash/${number}`, String(number));
        acknowledged.push(number);
      }
    };
    await write(20);
    const during = write(60);
    cluster.kill(victim);
    await during;
    await write(20);
    await cluster.restart(victim);
    await levelDigest();
    const reader = cluster.client(victim);
    const values = await reader.mget(...acknowledged.map((number) => `crash/${number}`));
    expect(values).toEqual(acknowledged.map(String));
    expect((await cluster.status(1))?.["view"]).toBeGreaterThan(Number(current?.["view"]));
  }, 90_000);

  test("Ctrl-C ends every node cleanly", async () => {
    const pids = cluster.nodes.map(({ pid }) => pid);
    expect(await cluster.interrupt()).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
    expect(existsSync(join(cluster.folder, "cluster.json"))).toBe(false);
  }, 60_000);
});
