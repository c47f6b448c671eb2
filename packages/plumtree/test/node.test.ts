import { memoryHub, peerId, processHub } from "@void-system/effects";
import { afterEach, describe, expect, test } from "vitest";
import {
  BusyError,
  ClosedError,
  InvalidOptionError,
  InvalidValueError,
  messageCodec,
  PlumtreeNode,
  type PlumtreeOptions,
  type PlumtreeValue,
} from "../src/index.ts";

const nodes: PlumtreeNode[] = [];
afterEach(() => {
  for (const node of nodes.splice(0)) node.close();
});

function started(id: string, options: PlumtreeOptions = {}): PlumtreeNode {
  const node = new PlumtreeNode(id, options);
  nodes.push(node);
  return node;
}

const heard = (node: PlumtreeNode) =>
  new Promise<PlumtreeValue>((resolve) => void node.subscribe((event) => void (event.type === "message" && resolve(event))));

describe("PlumtreeNode", () => {
  test("the example of the design: peers that are not there do no harm", () => {
    const node = started("node_id");
    node.addPeer("peer1", { eager: true });
    node.addPeer("peer2", { eager: false });
    const id = node.broadcast({ data: "hello" });
    expect(id).toMatch(/^node_id\/[0-9a-f]{14}\/1$/);
  });

  test("a broadcast reaches all that are connected, whichever of two added the other, and those that come later", async () => {
    const [a, b] = [started("a"), started("b")];
    b.addPeer("a");
    const id = a.broadcast({ data: "hello" });
    expect((await heard(b)).value).toEqual({ data: "hello" });
    const late = started("late");
    late.addPeer("b", { eager: false });
    expect(await heard(late)).toEqual({ type: "message", value: { data: "hello" }, id, origin: "a", hops: 2 });
    expect(late.stats()).toMatchObject({ delivered: 1, undecodable: 0, rejected: 0, skipped: 0, queuedBytes: 0 });
  });

  test("its name is free again after close, and it cannot be used any longer", () => {
    const node = started("once");
    expect(() => new PlumtreeNode("once")).toThrow(/once/);
    node.close();
    node.close();
    for (const use of [() => node.broadcast(1), () => node.addPeer("a"), () => node.subscribe()]) expect(use).toThrow(ClosedError);
    started("once");
    expect(() => new PlumtreeNode("never", { cacheMs: -1 })).toThrow(InvalidOptionError);
    expect(() => new PlumtreeNode("never", { order: true } as object)).toThrow(/order.*cacheMs/);
    expect(() => new PlumtreeNode("never", { ordered: 1 } as object)).toThrow(InvalidOptionError);
    processHub().join(peerId("never")).leave();
  });

  test("a value that cannot be broadcast uses up no counter", () => {
    const node = started("a");
    expect(() => node.broadcast(new Date())).toThrow(InvalidValueError);
    expect(node.broadcast(1)).toMatch(/\/1$/);
  });

  test("a flood is refused rather than queued without end", () => {
    const node = started("a");
    expect(() => {
      for (let count = 0; count < 20_000; count++) node.broadcast(count);
    }).toThrow(BusyError);
  });

  test("a later epoch of an earlier life is left behind", async () => {
    const hub = memoryHub();
    const a = started("a", { network: hub.join(peerId("a")) });
    const peer = hub.join(peerId("p"));
    const epoch = (Date.now() + 5_000) * 1_024;
    const earlier = { origin: a.nodeId, epoch, low: 7, keptFrom: 8, runs: [] };
    const said = (type: string) =>
      new Promise<unknown>((resolve) => {
        const off = peer.onFrame((_from, frame) => {
          const message = messageCodec.decode(frame);
          if (!message.ok || message.value.type !== type) return;
          off();
          resolve(message.value);
        });
      });
    a.addPeer("p");
    await said("sync");
    const answered = said("sync");
    peer.send(a.nodeId, messageCodec.encode({ type: "sync", answer: true, last: true, streams: [earlier] }));
    await answered;
    const gossip = said("gossip");
    expect(a.broadcast(1)).toBe(`a/${(epoch + 1).toString(16).padStart(14, "0")}/1`);
    expect(await gossip).toMatchObject({ epoch: epoch + 1, counter: 1 });
  });

  test("a network of its own, and bytes that are no value", async () => {
    const hub = memoryHub();
    const network = hub.join(peerId("a"));
    expect(() => new PlumtreeNode("b", { network })).toThrow(InvalidOptionError);
    const a = started("a", { network });
    const stranger = hub.join(peerId("s"));
    const arrived = new Promise<void>((resolve) => {
      stranger.onFrame(() => resolve());
    });
    a.addPeer("s");
    await arrived;
    const send = (counter: number, payload: string): void =>
      void stranger.send(
        network.self,
        messageCodec.encode({ type: "gossip", origin: stranger.self, epoch: 1, counter, round: 1, ageMs: 0, payload: new Uint8Array(Buffer.from(payload, "hex")) }),
      );
    // A well-formed message whose payload is an extension type, then no message at all, then a value.
    send(1, "d40000");
    stranger.send(network.self, Uint8Array.of(9));
    send(2, "02c3");
    expect(await heard(a)).toMatchObject({ value: true });
    expect(a.stats()).toMatchObject({ undecodable: 1, rejected: 1, delivered: 2 });
  });
});
