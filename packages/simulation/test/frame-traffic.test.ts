import { peerId, type World } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { type Fault, FrameChangedError, type Program, Simulation, simulate, type SimulateOptions } from "../src/index.ts";
import { frameSum } from "../src/world/frame-sum.ts";

/** Runs a node that sends to b and c, and two that receive. */
function sent(act: (world: World) => void, receive: (frame: Uint8Array, self: string) => void = () => undefined, more: Partial<SimulateOptions> = {}) {
  const hears: Program = ({ network }) => void network.onFrame((_from, frame) => receive(frame, network.self));
  const a: Program = (world) => {
    world.network.onFrame((_from, frame) => receive(frame, world.network.self));
    world.clock.schedule(100, () => act(world));
  };
  return simulate({ seed: 1, until: 500, ...more, nodes: { a, b: hears, c: hears } });
}

const [b, c] = [peerId("b"), peerId("c")];
const CHANGED = { ok: false, failure: { kind: "frame", name: "a frame of a", node: "a" } };

describe("a frame that changes after send", () => {
  test("by its sender fails the run, which names sender, receiver and time", () => {
    const run = sent(({ network }) => {
      const frame = Uint8Array.of(1);
      network.send(b, frame);
      frame[0] = 9;
    });
    expect(run).toMatchObject(CHANGED);
    expect(run.ok || run.failure.error).toBeInstanceOf(FrameChangedError);
    expect(run.ok || run.failure.message).toContain('the frame that "a" sent to "b" at 100 ms to arrive as it was sent');
  });

  test("by a receiver that shares it fails the run", () => {
    const act = ({ network }: World): void => {
      const frame = Uint8Array.of(1, 2, 3);
      for (const peer of [b, c]) network.send(peer, frame);
    };
    const write = (frame: Uint8Array): void => void frame.fill(7);
    expect(sent(act, write)).toMatchObject(CHANGED);
    expect(sent(act, () => undefined)).toMatchObject({ ok: true });
  });

  test("on its way to the sender itself, or over a clogged link, is found as well", () => {
    const toItself = ({ network }: World): void => {
      const frame = Uint8Array.of(1);
      network.send(network.self, frame);
      frame[0] = 9;
    };
    expect(sent(toItself)).toMatchObject(CHANGED);
    const faults: readonly Fault[] = [{ kind: "clog", from: "a", to: "b", atMs: 90, forMs: 40 }];
    const later = ({ network, clock }: World): void => {
      const frame = Uint8Array.of(1);
      network.send(b, frame);
      clock.schedule(20, () => void frame.fill(9));
    };
    expect(sent(later, undefined, { faults })).toMatchObject(CHANGED);
  });

  test("is found by a simulation controlled by hand", () => {
    const simulation = new Simulation({ seed: 1 });
    simulation.node("a", ({ network }) => {
      network.onLink((peer) => {
        const frame = new Uint8Array(4);
        network.send(peer, frame);
        frame[3] = 1;
      });
    });
    simulation.node("b", ({ network }) => void network.onFrame(() => undefined));
    for (const name of ["a", "b"]) simulation.start(name);
    expect(() => simulation.run()).toThrow(FrameChangedError);
  });

  test("is found late in a long run, too", () => {
    const buffer = new Uint8Array(4);
    const act = ({ network, clock }: World): void => {
      let sent = 0;
      const beat = (): void => {
        const frame = (sent += 1) < 1_050 ? new Uint8Array(4) : buffer.fill(sent);
        network.send(b, frame);
        clock.schedule(0.01, beat);
      };
      beat();
    };
    expect(sent(act, undefined, { until: 140 })).toMatchObject(CHANGED);
  });

  test("is no matter once nobody sees it", () => {
    const drop = ({ network }: World): void => {
      const frame = Uint8Array.of(1);
      network.send(b, frame);
      frame[0] = 9;
    };
    expect(sent(drop, undefined, { network: { loss: 1 } })).toMatchObject({ ok: true });
  });
});

test("a text as a frame is refused", () => {
  expect(() => sent(({ network }) => void network.send(b, "hello" as never))).toThrow('expected a frame that is a Uint8Array, got "hello"');
});

test("a text as a record is refused", () => {
  const act = ({ disk }: World): void => disk.open("log", (opened) => {
    if (opened instanceof Error) throw opened;
    opened.log.append("hello" as never);
  });
  expect(() => sent(act)).toThrow('expected a record that is a Uint8Array, got "hello"');
});

test("a checksum has 30 bits, and sees every byte of a small frame and the reuse of a large one", () => {
  for (const length of [1, 3, 4, 7, 32, 63, 64]) {
    const frame = Uint8Array.from({ length }, (_, at) => at);
    const before = frameSum(frame);
    expect(before).toBeLessThan(2 ** 30);
    for (let at = 0; at < length; at += 1) {
      frame[at]! ^= 1;
      expect(frameSum(frame), `byte ${at} of ${length}`).not.toBe(before);
      frame[at]! ^= 1;
    }
  }
  const large = new Uint8Array(100_000);
  const before = frameSum(large);
  for (const at of [0, 15, 99_984, 99_999]) {
    large[at] = 1;
    expect(frameSum(large)).not.toBe(before);
    large[at] = 0;
  }
  large.fill(1, 40_000, 50_000);
  expect(frameSum(large)).not.toBe(before);
  expect(frameSum(new Uint8Array(3))).not.toBe(frameSum(new Uint8Array(4)));
});
