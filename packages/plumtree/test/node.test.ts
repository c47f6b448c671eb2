import { memoryHub, peerId, processHub } from "@void-system/effects";
import { afterEach, describe, expect, test } from "vitest";
import { BusyError, ClosedError, InvalidOptionError, InvalidValueError, type MessageInfo, PlumtreeNode, type PlumtreeOptions } from "../src/index.ts";

const nodes: PlumtreeNode[] = [];
afterEach(() => {
  for (const node of nodes.splice(0)) node.close();
});

function started(id: string, options: PlumtreeOptions = {}): PlumtreeNode {
  const node = new PlumtreeNode(id, options);
  nodes.push(node);
  return node;
}

const heard = (node: PlumtreeNode) => new Promise<{ value: unknown; info: MessageInfo }>((resolve) => void node.onMessage((value, info) => resolve({ value, info })));

describe("PlumtreeNode", () => {
  test("the example of the design: peers that are not there do no harm", () => {
    const node = started("node_id");
    node.addPeer("peer1", { eager: true });
    node.addPeer("peer2", { eager: false });
    const id = node.broadcast({ data: "hello" });
    expect(id).toMatch(/^node_id\/[0-9a-f]{12}\/1$/);
  });

  test("a broadcast reaches all that are connected, whoever of two added the other, and even those that come later", async () => {
    const [a, b] = [started("a"), started("b")];
    b.addPeer("a");
    const id = a.broadcast({ data: "hello" });
    expect((await heard(b)).value).toEqual({ data: "hello" });
    const late = started("late");
    late.addPeer("b", { eager: false });
    const { value, info } = await heard(late);
    expect([value, info]).toEqual([{ data: "hello" }, { id, origin: "a", hops: 2 }]);
    expect(late.stats()).toMatchObject({ delivered: 1, undecodable: 0, rejected: 0 });
  });

  test("its name is free again after close, and it cannot be used any more", () => {
    const node = started("once");
    expect(() => new PlumtreeNode("once")).toThrow(/once/);
    node.close();
    node.close();
    expect(() => node.broadcast(1)).toThrow(ClosedError);
    expect(() => node.addPeer("a")).toThrow(ClosedError);
    started("once");
    expect(() => new PlumtreeNode("never", { cacheMs: -1 })).toThrow(InvalidOptionError);
    processHub().join(peerId("never")).leave();
  });

  test("what cannot be broadcast uses up no name", () => {
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

  test("a network of its own, and bytes that are no value", async () => {
    const hub = memoryHub();
    const network = hub.join(peerId("a"));
    expect(() => new PlumtreeNode("b", { network })).toThrow(InvalidOptionError);
    const a = started("a", { network });
    const stranger = hub.join(peerId("s"));
    const arrived = new Promise<void>((resolve) => {
      stranger.onFrame(() => resolve());
    });
    // A well-formed message whose payload is an extension type, then no message at all.
    stranger.send(network.self, Uint8Array.of(1, 1, 1));
    a.addPeer("s");
    await arrived;
    stranger.send(network.self, new Uint8Array(Buffer.from(`01000173${"00".repeat(12)}000100000000d40000`, "hex")));
    stranger.send(network.self, Uint8Array.of(9));
    const answered = new Promise<void>((resolve) => {
      const stop = a.onMessage(() => {
        stop();
        resolve();
      });
    });
    stranger.send(network.self, new Uint8Array(Buffer.from(`01000173${"00".repeat(11)}0100010000000002c3`, "hex")));
    await answered;
    expect(a.stats()).toMatchObject({ undecodable: 1, rejected: 1, delivered: 2 });
  });
});
