import { expect, test } from "vitest";
import { infoText } from "../../src/resp/info.ts";
import type { SystemStatus } from "../../src/status.ts";

const status: SystemStatus = {
  nodeId: "n1",
  cluster: "c",
  role: "replica",
  ready: true,
  durability: "synced to disk on a quorum of replicas",
  problems: [],
  keys: 3,
  links: [],
  capacity: {},
  gateway: {},
  log: {},
  pid: 1,
  uptimeSeconds: 2,
  faces: {},
  heard: {},
};
const titles = (text: string): readonly string[] => text.match(/^# \w+/gm) ?? [];

test("INFO has all sections, or those that are named", () => {
  expect(titles(infoText(status))).toEqual(["# Server", "# Replication", "# Void", "# Keyspace"]);
  expect(titles(infoText(status, ["EVERYTHING"]))).toHaveLength(4);
  expect(infoText(status, ["replication", "nosuch"])).toBe("# Replication\r\nrole:master\r\nconnected_slaves:0\r\n");
  expect(infoText(status, ["nosuch"])).toBe("");
});
