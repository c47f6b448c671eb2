/** A node used from inside its own process: what a program hands over by mistake must not harm it, and every call ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { VoidSystem } from "../../src/boot/void-system.ts";

const folder = mkdtempSync(join(tmpdir(), "void-system-"));
const started: VoidSystem[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((system) => system.stop(0)));
  rmSync(folder, { recursive: true, force: true });
});

async function start(more: object = {}): Promise<VoidSystem> {
  const system = new VoidSystem({ nodeId: "solo", replicaIds: ["solo"], enablePbft: false, enableGossip: false, logLevel: "silent", ...more });
  started.push(system);
  await system.initialize();
  return system;
}

test.each([
  ["an empty key", "", "v", /a key has 1 to 1024 bytes/],
  ["a key that is too long", "ü".repeat(513), "v", /a key has 1 to 1024 bytes/],
  ["half of a character", "\ud83d", "v", /lone surrogate/],
  ["a value that is too long", "k", "v".repeat(524_289), /a value has at most 524288 bytes/],
  ["a value that no record holds", "k", "v".repeat(2_000_000), /a value has at most 524288 bytes/],
])("%s is refused, and touches nobody else", async (_, key, value, reason) => {
  const system = await start({ dataDirectory: folder });
  const [bad, good] = await Promise.allSettled([system.set(key, value), system.set("other", "1")]);
  expect(bad).toMatchObject({ status: "rejected", reason: { message: expect.stringMatching(reason) } });
  expect(good.status).toBe("fulfilled");
  await system.stop();
  // And the log can be read again.
  const again = await start({ dataDirectory: folder });
  expect(await again.get("other")).toBe("1");
});

test("more keys than a command may have are refused", async () => {
  const system = await start();
  const keys = Array.from({ length: 4_097 }, (__, index) => `k${index}`);
  expect(await system.execute({ op: "del", keys })).toMatchObject({ type: "error", message: expect.stringContaining("at most 4096 keys") });
  expect(await system.execute({ op: "mget", keys: [] })).toMatchObject({ type: "error" });
  expect(await system.execute({ op: "incr", key: "n", by: 2n ** 63n })).toMatchObject({ type: "error" });
});

test("calls that are under way when the node stops end too", async () => {
  // Alone of four: nothing can be decided.
  const system = await start({ nodeId: "lonely", replicaIds: ["lonely", "x", "y", "z"], enablePbft: true, timeoutMs: 600_000 });
  const calls = Array.from({ length: 3 }, (__, index) => system.execute({ op: "get", key: `k${index}` }));
  await new Promise((resolve) => setImmediate(resolve));
  await system.stop(50);
  for (const result of await Promise.all(calls)) expect(result).toMatchObject({ type: "error", message: expect.stringContaining("stopp") });
  expect(await system.execute({ op: "get", key: "k" })).toMatchObject({ type: "error" });
});

test("a node that was told to stop at once leaves nothing running", async () => {
  const before = process.getActiveResourcesInfo().length;
  const system = await start({ enableGossip: true, enablePbft: true });
  await system.stop(0);
  await vi.waitFor(() => expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before + 1));
});
