import { HybridLogicalClock } from "@void-system/hlc";
import { type World, memoryHub, peerId, platformWorld } from "@void-system/effects";
import { PlumtreeNode } from "@void-system/plumtree";
import { expect, test, vi } from "vitest";
import { Gossip, HEARD_STRANGERS_MAX } from "../../src/node/gossip.ts";

const report = () => ({ executed: 0, ready: true, commands: 0 });
/** The hub works from the event loop: what was asked for is done after a few turns of it. */
async function turn(): Promise<void> {
  for (let count = 0; count < 20; count++) await new Promise((resolve) => setImmediate(resolve));
}

test("links that go down while a node stops are no error", async () => {
  const thrown: unknown[] = [];
  // What a handler throws ends up in the event loop, and would end the process.
  const hub = memoryHub({
    schedule: (task) =>
      setImmediate(() => {
        try {
          task();
        } catch (error) {
          thrown.push(error);
        }
      }),
  });
  const network = hub.join(peerId("a"));
  const other = hub.join(peerId("b"));
  const gossip = new Gossip({ world: platformWorld({ network }), network, hlc: new HybridLogicalClock("a"), known: [], report });
  await turn();
  gossip.stop();
  other.leave();
  hub.join(peerId("c"));
  await turn();
  expect(thrown).toEqual([]);
});

test("reports are kept of the nodes that are known, and of few others, whoever relays what", async () => {
  const hub = memoryHub();
  const network = hub.join(peerId("a"));
  const world: World = platformWorld({ network });
  const gossip = new Gossip({ world, network, hlc: new HybridLogicalClock("a"), known: ["friend"], report });
  const names = [...Array.from({ length: HEARD_STRANGERS_MAX + 10 }, (_, index) => `stranger${index}`), "friend"];
  const strangers = names.map((name) => {
    const node = new PlumtreeNode(name, { network: hub.join(peerId(name)) });
    node.addPeer("a");
    return node;
  });
  await turn();
  for (const node of strangers) {
    const at = String(new HybridLogicalClock(node.nodeId).now());
    node.broadcast(["void/health", { executed: 7, ready: true, commands: 1, at, junk: "x".repeat(1_000) }]);
  }
  await vi.waitFor(() => expect(Object.keys(gossip.heard())).toHaveLength(HEARD_STRANGERS_MAX + 1), { timeout: 10_000 });
  expect(gossip.heard()["friend"]).toEqual({ executed: 7, ready: true, commands: 1, at: expect.objectContaining({ nodeId: "friend" }), heardMs: expect.any(Number) });
  gossip.stop();
  for (const node of strangers) node.close();
});

test("of two reports the later one counts; one from a clock far ahead, or under another name, does not", async () => {
  const hub = memoryHub();
  const network = hub.join(peerId("a"));
  const gossip = new Gossip({ world: platformWorld({ network }), network, hlc: new HybridLogicalClock("a"), known: ["b"], report });
  const node = new PlumtreeNode("b", { network: hub.join(peerId("b")) });
  node.addPeer("a");
  await turn();
  const clock = new HybridLogicalClock("b");
  const early = String(clock.now());
  const tell = (executed: number, at: string) => node.broadcast(["void/health", { executed, ready: true, commands: 0, at }]);
  tell(2, String(clock.now()));
  tell(1, early);
  tell(3, String(new HybridLogicalClock("b", { wallMs: () => Date.now() + 3_600_000 }).now()));
  tell(4, String(new HybridLogicalClock("c").now()));
  tell(5, "nonsense");
  const last = new Promise((resolve) => gossip.onBroadcast(resolve));
  node.broadcast(["void/application", "last"]);
  await last;
  expect(gossip.heard()["b"]?.executed).toBe(2);
  gossip.stop();
  node.close();
});
