import { memoryHub, peerId } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { afterEach, describe, expect, test } from "vitest";
import { ClosedError, InvalidOptionError, PlumtreeNode, type PlumtreeEvent } from "../src/index.ts";

const nodes: PlumtreeNode[] = [];
afterEach(() => {
  for (const node of nodes.splice(0)) node.close();
});

/** Two linked nodes. */
function pair(): readonly [PlumtreeNode, PlumtreeNode] {
  const hub = memoryHub();
  const [a, b] = ["a", "b"].map((id) => new PlumtreeNode(id, { network: hub.join(peerId(id)), ordered: true })) as [PlumtreeNode, PlumtreeNode];
  nodes.push(a, b);
  a.addPeer("b");
  return [a, b];
}

const shown = (event: PlumtreeEvent | undefined): unknown => (event?.type === "gap" ? `${event.from} to ${event.to}` : event?.value);

describe("an async iterator", () => {
  test("yields messages in order, and ends with the node", async () => {
    const [a, b] = pair();
    const events = b.subscribe();
    for (let value = 0; value < 5; value += 1) a.broadcast(value);
    const got: unknown[] = [];
    for await (const event of events) {
      got.push(shown(event));
      if (got.length === 5) b.close();
    }
    expect(got).toEqual([0, 1, 2, 3, 4]);
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("waits for events that are asked for before they come", async () => {
    const [a, b] = pair();
    const events = b.subscribe();
    const asked = [events.next(), events.next(), events.next()];
    a.broadcast("x");
    a.broadcast("y");
    expect([(await asked[0])?.value, (await asked[1])?.value].map(shown)).toEqual(["x", "y"]);
    await events.return?.();
    expect(await asked[2]).toEqual({ done: true, value: undefined });
    expect(() => b.stats()).not.toThrow();
  });

  test("fails with the node", async () => {
    const hub = memoryHub();
    const network = hub.join(peerId("a"));
    const node = new PlumtreeNode("a", { network: { ...network, self: network.self, onFrame: (handle) => network.onFrame(handle), onLink: (handle) => network.onLink(handle), dial: () => {}, hangUp: () => {}, send: () => { throw new Error("broken"); } } });
    nodes.push(node);
    const next = node.subscribe().next();
    node.addPeer("b");
    hub.join(peerId("b"));
    await expect(next).rejects.toThrow(ClosedError);
  });
});

describe("an async callback", () => {
  test("gets one event at a time", async () => {
    const [a, b] = pair();
    let running = 0;
    const got: unknown[] = [];
    await new Promise<void>((resolve) => {
      b.subscribe(async (event) => {
        expect((running += 1)).toBe(1);
        await new Promise((turn) => setImmediate(turn));
        running -= 1;
        if (got.push(shown(event)) === 3) resolve();
      });
      for (let value = 0; value < 3; value += 1) a.broadcast(value);
    });
    expect(got).toEqual([0, 1, 2]);
  });

  test("options that cannot work are refused", () => {
    const [a] = pair();
    expect(() => a.subscribe({ queueBytesMax: 0 })).toThrow(InvalidOptionError);
    expect(() => a.subscribe({ queueByte: 1 } as object)).toThrow(/queueByte.*queueBytesMax/);
  });
});

describe("in a simulated world", () => {
  /** Node b with subscribers of several kinds, and a, which broadcasts. */
  function run(subscribe: (node: PlumtreeNode, schedule: (ms: number, wake: () => void) => void) => void, broadcasts: number): Simulation {
    const simulation = new Simulation({ seed: 1 });
    const made = new Map<string, PlumtreeNode>();
    for (const name of ["a", "b"]) {
      simulation.node(name, (world) => {
        const node = new PlumtreeNode(name, { world, ordered: true });
        made.set(name, node);
        if (name === "a") node.addPeer("b");
        else subscribe(node, (ms, wake) => void world.clock.schedule(ms, wake));
      });
      simulation.start(name);
    }
    simulation.run({ forMs: 1_000 });
    for (let count = 0; count < broadcasts; count += 1) {
      simulation.call("a", () => made.get("a")?.broadcast(count));
      simulation.run({ forMs: 1 });
    }
    simulation.run({ forMs: 1_000 });
    return simulation;
  }

  test("a slow subscriber gets a gap for what found no room, and delays no other", () => {
    const [slow, fast]: [unknown[], unknown[]] = [[], []];
    let wake: (() => void) | undefined;
    // Resolved inside of the simulation, which cannot wait for a promise.
    // oxlint-disable-next-line unicorn/no-thenable
    const thenable = { then: (done: () => void) => void (wake = done) };
    let slowNode: PlumtreeNode | undefined;
    const simulation = run((node) => {
      slowNode = node;
      node.subscribe((event) => void fast.push(shown(event)));
      node.subscribe(
        (event) => {
          slow.push(shown(event));
          return thenable as unknown as PromiseLike<void>;
        },
        { queueBytesMax: 10 * 300 },
      );
    }, 100);
    expect(fast).toEqual(Array.from({ length: 100 }, (_, index) => index));
    expect(slow).toEqual([0]);
    expect(slowNode?.stats().queuedBytes).toBeLessThanOrEqual(3_000);
    for (let turn = 0; turn < 30; turn += 1) {
      const done = wake;
      wake = undefined;
      simulation.call("b", () => done?.());
      simulation.run({ forMs: 10 });
    }
    const taken = slow.slice(0, -1) as number[];
    expect(taken).toEqual(taken.map((_, index) => index));
    expect(slow.at(-1)).toBe(`${taken.length + 1} to 100`);
    expect(slowNode?.stats().skipped).toBe(100 - taken.length);
  });

  test("no handler runs inside the protocol's step, and one that throws does not hold back the next event", () => {
    const got: unknown[] = [];
    const errors: unknown[] = [];
    const simulate = (): void => {
      try {
        run((node) => {
          node.subscribe((event) => {
            got.push(shown(event));
            node.broadcast("from inside");
            if (got.length === 1) throw new Error("of the handler");
          });
        }, 3);
      } catch (error) {
        errors.push(error);
      }
    };
    simulate();
    expect(errors.map(String)).toEqual([expect.stringContaining("of the handler")]);
  });
});
