import { describe, expect, test } from "vitest";
import { parseConfig } from "../src/config.ts";
import { ConfigError } from "../src/errors.ts";

const replicaIds = ["node0", "node1", "node2", "node3"];

function mistakes(config: unknown): readonly string[] {
  try {
    parseConfig(config);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).mistakes.map(({ path }) => path);
  }
}

describe("parseConfig", () => {
  test("fills in what was left out", () => {
    expect(parseConfig({ nodeId: "node0", replicaIds })).toMatchObject({ pbftF: 1, enableGossip: true, enablePbft: true, cluster: "void", timeoutMs: 10_000 });
  });

  test("names every mistake with its path, not only the first", () => {
    const config = { nodeId: "", replicaIds: ["a", "b c"], pbftF: -1, resp: { port: 99_999 }, peers: [{ id: "x", publicKey: "short" }], colour: "red" };
    expect(mistakes(config)).toEqual(["nodeId", "replicaIds.1", "pbftF", "resp.port", "peers.0.publicKey", "colour"]);
  });

  test.each([
    ["too few replicas for f", { nodeId: "node0", replicaIds, pbftF: 2 }, ["pbftF"]],
    ["a name twice", { nodeId: "node0", replicaIds: ["node0", "node1", "node2", "node2"] }, ["replicaIds"]],
    ["links without keys and peers", { nodeId: "node0", replicaIds, link: { port: 0 } }, ["peers", "keyFile", "certificateFile"]],
    ["an open face off loopback", { nodeId: "node0", replicaIds, http: { host: "0.0.0.0", port: 0 } }, ["http.host"]],
    ["half an address", { nodeId: "node0", replicaIds, peers: [{ id: "x", publicKey: "A".repeat(43), host: "h" }] }, ["peers.0"]],
    ["something that is no object", "node0", [""]],
  ])("refuses %s", (_, config, paths) => {
    expect(mistakes(config)).toEqual(paths);
  });
});
