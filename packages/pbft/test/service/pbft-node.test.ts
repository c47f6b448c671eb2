import { ed25519, generateKey, loadPublicKey, verifyCommitProof } from "@void-system/crypto";
import { memoryHub, peerId, platformWorld, processHub } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { afterEach, describe, expect, test } from "vitest";
import {
  BusyError,
  ClosedError,
  ConfigurationError,
  NoQuorumError,
  OperationFailedError,
  OutcomeUnknownError,
  OwnKeyError,
  PBFTNode,
  ReplyStatus,
  plainBytes,
  type PBFTNodeOptions,
} from "../../src/index.ts";
import { KeyValueMachine, keyValueOperations, type KeyValueOperation, type KeyValueResult } from "../support/key-value-machine.ts";

const ids = ["node0", "node1", "node2", "node3"];
type KeyValueNode = PBFTNode<KeyValueOperation, KeyValueResult>;
type Options = Omit<PBFTNodeOptions<KeyValueOperation, KeyValueResult>, "operations">;
const open: KeyValueNode[] = [];
const node = (id: string, options?: Options): KeyValueNode => {
  const made = new PBFTNode(id, ids, { machine: new KeyValueMachine(), operations: keyValueOperations, ...options });
  open.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

describe("nodes of one process, with real keys", () => {
  test("a client writes and reads; replicas are clients too", async () => {
    const replicas = ids.map((id) => node(id, { f: 1 }));
    const client = node("client", { f: 1 });
    expect(await client.request({ op: "write", key: "x", value: 10 })).toEqual({ op: "write" });
    expect(await replicas[0]!.request({ op: "read", key: "x" })).toEqual({ op: "read", found: true, value: 10 });
    expect(await replicas[3]!.request({ op: "delete", key: "x" })).toEqual({ op: "delete", existed: true });
    expect(await client.request({ op: "read", key: "x" })).toEqual({ op: "read", found: false });
    const value = { list: [1, "two", null, true], deep: { a: 1.5 } };
    await client.request({ op: "write", key: "y", value });
    const read = await client.request({ op: "read", key: "y" });
    expect(read.op === "read" && read.found && JSON.stringify(read.value)).toBe(JSON.stringify(value));
    expect(client.status()).toEqual({ role: "client", nodeId: "client", primary: "node0" });
    expect(replicas[1]!.status()).toMatchObject({ role: "replica", view: 0, primary: "node0", inViewChange: false });
  });

  test("a result comes with a proof that anyone with the replicas' keys can check, and that a liar's keys do not pass", async () => {
    const replicas = ids.map((id) => node(id));
    const client = node("client");
    const operation = { op: "write", key: "x", value: 10 } as const;
    const { result, proof } = await client.requestProven(operation);
    expect(result).toEqual({ op: "write" });
    const known = { ...client.cluster, replicas: replicas.map(({ publicKey }) => loadPublicKey(publicKey)) };
    expect(verifyCommitProof(proof, known)).toMatchObject({
      valid: true, client: "client", operation: keyValueOperations.encode(operation), status: ReplyStatus.ok, sequence: 1,
    });
    const strangers = ids.map(() => ed25519.loadPublicKey(ed25519.signer(generateKey("ed25519")).publicKey));
    expect(verifyCommitProof(proof, { ...known, replicas: strangers })).toMatchObject({ valid: false, reason: "bad-signature" });
  });

  test("a crashed primary is replaced, and nothing acknowledged is lost", async () => {
    const viewTimeoutMs = 100;
    const replicas = ids.map((id) => node(id, { viewTimeoutMs, tuning: { statusMs: 50 } }));
    const client = node("client", { viewTimeoutMs, clientTuning: { retryMs: 50 } });
    await client.request({ op: "write", key: "x", value: 1 });
    await replicas[0]!.close();
    expect(await client.request({ op: "write", key: "y", value: 2 })).toEqual({ op: "write" });
    expect(await client.request({ op: "read", key: "x" })).toEqual({ op: "read", found: true, value: 1 });
    expect(client.status()).toMatchObject({ primary: "node1" });
  });

  test("without a quorum a request is rejected with NoQuorumError after its time", async () => {
    const client = node("client", { timeoutMs: 60, viewTimeoutMs: 10, clientTuning: { retryMs: 20 } });
    node("node0", { viewTimeoutMs: 10 });
    const failure = await client.request({ op: "read", key: "x" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NoQuorumError);
    expect(failure).toMatchObject({ code: "ERR_NO_QUORUM" });
  });

  test("too many requests are refused, closed nodes refuse, and what cannot be stored fails alike everywhere", async () => {
    ids.map((id) => node(id));
    const client = node("client", { clientTuning: { windowMax: 2 } });
    const first = client.request({ op: "write", key: "a", value: 1 });
    const second = client.request({ op: "write", key: "b", value: 2 });
    await expect(client.request({ op: "read", key: "a" })).rejects.toBeInstanceOf(BusyError);
    await Promise.all([first, second]);
    await expect(client.request({ op: "write", key: "k".repeat(70_000), value: 1 })).rejects.toBeInstanceOf(
      OperationFailedError,
    );
    const late = client.request({ op: "read", key: "a" }).catch((failure: unknown) => failure);
    await client.close();
    expect(await late).toBeInstanceOf(ClosedError);
    await expect(client.request({ op: "read", key: "a" })).rejects.toBeInstanceOf(ClosedError);
  });

  test("a stranger's key is nobody's key", async () => {
    ids.map((id) => node(id));
    const hub = memoryHub();
    expect(() => node("client", { network: hub.join(peerId("other")) })).toThrow(ConfigurationError);
    const world = platformWorld({ network: hub.join(peerId("client")) });
    const alone = node("client", { world, timeoutMs: 30, viewTimeoutMs: 5 });
    await expect(alone.request({ op: "read", key: "x" })).rejects.toBeInstanceOf(NoQuorumError);
  });

  test("a client of another configuration is refused by an error that names the difference, at once", async () => {
    ids.map((id) => node(id, { sessionsMax: 7 }));
    const client = node("client");
    const sent = await client.request({ op: "read", key: "x" }).catch((error: unknown) => error);
    expect(sent).toBeInstanceOf(OutcomeUnknownError);
    expect(sent).toMatchObject({ message: expect.stringContaining('sessionsMax is "1024" here and "7" there') });
    const refused = await client.request({ op: "read", key: "x" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "ERR_REQUEST_REFUSED", refusal: "other-configuration", message: expect.stringContaining('sessionsMax is "1024" here and "7" there') });
  });

  test("a node whose key is not the one that it is known by does not start", () => {
    const [mine, other] = [0, 1].map(() => ed25519.signer(generateKey("ed25519")));
    const keys = { signer: mine!, publicKeyOf: () => other!.publicKey };
    expect(() => node("node1", { keys })).toThrow(OwnKeyError);
    expect(() => node("client", { keys })).toThrow(/expected the public key that the cluster holds for client .* key file/);
    const publicKeys = ids.map(() => other!.publicKey);
    expect(() => node("node1", { keys: { signer: mine!, publicKeyOf: () => mine!.publicKey }, publicKeys })).toThrow(OwnKeyError);
  });

  test("a replica without a machine is refused, and its name stays free", () => {
    expect(() => new PBFTNode("node0", ids, { operations: plainBytes })).toThrow(/expected a machine .* replica node0/);
    expect(node("node0").nodeId).toBe("node0");
  });

  test("in a simulated world a node's own key comes from its seed", () => {
    const published = (seed: number): Uint8Array | undefined => {
      let key: Uint8Array | undefined;
      const simulation = new Simulation({ seed });
      simulation.node("dreamer", (world) => {
        void new PBFTNode("dreamer", ids, { operations: plainBytes, world });
        key = processHub().directory.get(peerId("dreamer"));
      });
      simulation.start("dreamer");
      simulation.run({ untilMs: 5 });
      return key;
    };
    const first = published(7);
    expect(first).toHaveLength(32);
    expect(published(7)).toEqual(first);
    expect(published(8)).not.toEqual(first);
  });
});
