import { describe, expect, test } from "vitest";
import { parseConfig } from "../src/config.ts";
import { ConfigError } from "../src/errors.ts";

const replicaIds = ["node0", "node1", "node2", "node3"];

/** A replica with links to other processes. */
const linked = {
  nodeId: "node0",
  replicaIds,
  link: { port: 0 },
  keyFile: "k",
  certificateFile: "c",
  rootKeyFile: "r",
  dataDirectory: "d",
  peers: replicaIds.slice(1).map((id) => ({ id, publicKey: "A".repeat(43), host: "h", port: 1 })),
};

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

  test("takes a replica that is to forget, by its word, and an observer without a folder", () => {
    expect(mistakes(linked)).toEqual([]);
    expect(mistakes({ ...linked, dataDirectory: undefined, volatile: true })).toEqual([]);
    expect(mistakes({ ...linked, nodeId: "observer", dataDirectory: undefined, peers: [...linked.peers, { ...linked.peers[0], id: "node0" }] })).toEqual([]);
  });

  test("takes a list of peers with this node in it, and leaves it out", () => {
    const peers = replicaIds.map((id) => ({ id, publicKey: "A".repeat(43), host: "h", port: 1 }));
    expect(parseConfig({ ...linked, peers }).peers.map(({ id }) => id)).toEqual(["node1", "node2", "node3"]);
    expect(parseConfig({ ...linked, peers }).publicKey).toBe("A".repeat(43));
    // Read by the command, and again by the system.
    expect(parseConfig(parseConfig({ ...linked, peers }))).toEqual(parseConfig({ ...linked, peers }));
  });

  test("names every mistake with its path, not only the first", () => {
    const config = { nodeId: "", replicaIds: ["a", "b c"], pbftF: -1, resp: { port: 99_999 }, peers: [{ id: "x", publicKey: "short" }], colour: "red" };
    expect(mistakes(config)).toEqual(["nodeId", "replicaIds.1", "pbftF", "resp.port", "peers.0.publicKey", "colour"]);
  });

  test.each([
    ["too few replicas for f", { nodeId: "node0", replicaIds, pbftF: 2 }, ["pbftF"]],
    ["a name twice", { nodeId: "node0", replicaIds: ["node0", "node1", "node2", "node2"] }, ["replicaIds"]],
    ["links without keys and peers", { nodeId: "node0", replicaIds, link: { port: 0 } }, ["peers", "keyFile", "certificateFile", "dataDirectory"]],
    ["a client's face without the key of capabilities", { ...linked, rootKeyFile: undefined, resp: { port: 0 } }, ["rootKeyFile"]],
    ["a replica that would forget everything", { ...linked, dataDirectory: undefined }, ["dataDirectory"]],
    ["a folder that is not to be kept", { ...linked, volatile: true }, ["volatile"]],
    ["the operator's word without a folder", { nodeId: "node0", replicaIds, emptyDisk: true }, ["emptyDisk"]],
    ["an open face off loopback", { nodeId: "node0", replicaIds, http: { host: "0.0.0.0", port: 0 } }, ["http.host"]],
    ["a timeout that a primary which ignores the node outlasts", { nodeId: "node0", replicaIds, timeoutMs: 8_499 }, ["timeoutMs"]],
    ["half an address", { nodeId: "node0", replicaIds, peers: [{ id: "x", publicKey: "A".repeat(43), host: "h" }] }, ["peers.0"]],
    ["something that is no object", "node0", [""]],
  ])("refuses %s", (_, config, paths) => {
    expect(mistakes(config)).toEqual(paths);
  });
});
