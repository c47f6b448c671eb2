/** The page of a node, in a browser. */
import { afterAll, expect, test } from "vitest";
import { VoidSystem } from "../../packages/system/src/index.ts";
import { usePages } from "./chromium.ts";

const open = usePages();
const systems: VoidSystem[] = [];
afterAll(() => Promise.all(systems.map((system) => system.stop())));

test("shows the status of the node that serves it, without an error", async () => {
  const system = new VoidSystem({
    nodeId: "solo",
    replicaIds: ["solo"],
    enablePbft: false,
    enableGossip: false,
    logLevel: "silent",
    http: { host: "127.0.0.1", port: 0 },
  });
  systems.push(system);
  await system.initialize();
  await system.run();
  const http = system.status().faces["http"];
  const { page, problems } = await open(`http://${http?.host}:${http?.port}/`);
  await page.getByRole("heading", { name: "Void solo", exact: true }).waitFor();
  await page.getByRole("cell", { name: "durability" }).waitFor();
  expect(problems).toEqual([]);
});
