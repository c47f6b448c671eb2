import { describe, expect, test } from "vitest";
import {
  channel,
  channels,
  ChannelTakenError,
  HandlerTakenError,
  memoryHub,
  type MemoryHubOptions,
  NameTakenError,
  peerId,
  processHub,
} from "../src/index.ts";

const [a, b, c] = [peerId("a"), peerId("b"), peerId("c")];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** A hub whose turns the test takes. */
function stepped(options: MemoryHubOptions = {}): { hub: ReturnType<typeof memoryHub>; run(): void } {
  const turns: (() => void)[] = [];
  const hub = memoryHub({ ...options, schedule: (task) => turns.push(task) });
  return {
    hub,
    run: () => {
      for (let turn = turns.shift(); turn; turn = turns.shift()) turn();
    },
  };
}

describe("a memory hub", () => {
  test("carries frames in order, from the event loop, to oneself too", () => {
    const { hub, run } = stepped();
    const one = hub.join(a);
    const other = hub.join(b);
    const seen: string[] = [];
    other.onFrame((from, frame) => void seen.push(`b<${from}${frame[0]}`));
    one.onFrame((from, frame) => void seen.push(`a<${from}${frame[0]}`));
    expect([one.send(b, bytes(1)), one.send(a, bytes(2)), one.send(b, bytes(3))]).toEqual(["sent", "sent", "sent"]);
    expect(seen).toEqual([]);
    run();
    expect(seen).toEqual(["b<a1", "a<a2", "b<a3"]);
  });

  test("tells of links that are up, and of each change, from the event loop", () => {
    const { hub, run } = stepped();
    const one = hub.join(a);
    const other = hub.join(b);
    const seen: string[] = [];
    const cancel = one.onLink((peer, state) => void seen.push(`${peer} ${state}`));
    expect(seen).toEqual([]);
    run();
    expect(seen.splice(0)).toEqual(["b up"]);
    const third = hub.join(c);
    run();
    expect(seen.splice(0)).toEqual(["c up"]);
    other.leave();
    other.leave();
    run();
    expect(seen.splice(0)).toEqual(["b down"]);
    cancel();
    third.leave();
    run();
    expect(seen).toEqual([]);
  });

  test("is bounded: full, then writable", () => {
    const { hub, run } = stepped({ linkFramesMax: 2, linkBytesMax: 100 });
    const one = hub.join(a);
    hub.join(b);
    const seen: string[] = [];
    one.onLink((peer, state) => void seen.push(`${peer} ${state}`));
    run();
    expect([1, 2, 3].map((value) => one.send(b, bytes(value)))).toEqual(["sent", "sent", "full"]);
    run();
    expect(seen).toEqual(["b up", "b writable"]);
    expect(one.send(b, new Uint8Array(200)), "any one frame, however large").toBe("sent");
    expect(one.send(b, bytes(1))).toBe("full");
  });

  test("a member that left neither sends nor receives; its name is free again", () => {
    const { hub, run } = stepped();
    const one = hub.join(a);
    expect(() => hub.join(a)).toThrow(NameTakenError);
    const other = hub.join(b);
    let received = 0;
    one.onFrame(() => (received += 1));
    other.send(a, bytes(1));
    one.leave();
    expect(other.send(a, bytes(1))).toBe("down");
    expect(one.send(b, bytes(1))).toBe("down");
    const again = hub.join(a);
    again.onFrame(() => (received += 10));
    run();
    expect(received).toBe(0);
    other.send(a, bytes(1));
    run();
    expect(received).toBe(10);
  });

  test("takes one handler of frames; one that throws does not stop the others' frames", () => {
    const { hub, run } = stepped();
    const one = hub.join(a);
    const seen: number[] = [];
    one.onFrame((_from, frame) => {
      seen.push(frame[0]!);
      if (frame[0] === 1) throw new Error("boom");
    });
    expect(() => one.onFrame(() => undefined)).toThrow(HandlerTakenError);
    one.send(a, bytes(1));
    one.send(a, bytes(2));
    expect(run).toThrow("boom");
    run();
    expect(seen).toEqual([1, 2]);
  });

  test("gives timers their turn however much is sent", async () => {
    const one = memoryHub().join(a);
    let rallies = 0;
    let over = false;
    one.onFrame(() => {
      rallies += 1;
      if (!over) one.send(a, bytes(1));
    });
    one.send(a, bytes(1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    over = true;
    expect(rallies).toBeGreaterThan(0);
  });

  test("is shared by the process when asked for; keys are published beside it", () => {
    expect(processHub()).toBe(processHub());
    expect(processHub()).not.toBe(memoryHub());
    processHub().directory.set(a, bytes(1));
    expect(processHub().directory.get(a)).toEqual(bytes(1));
  });
});

describe("channels", () => {
  test("share one network, each with its own frames", () => {
    const { hub, run } = stepped();
    const [one, other] = [hub.join(a), hub.join(b)];
    const seen: string[] = [];
    for (const id of [1, 2]) {
      channel(other, id).onFrame((from, frame) => void seen.push(`${id}: ${from} ${[...frame].join()}`));
    }
    const [first, second] = [channel(one, 1), channel(one, 2)];
    const frame = bytes(7, 8);
    expect([first.self, first.send(b, frame), second.send(b, frame), first.send(b, bytes())]).toEqual([
      "a",
      "sent",
      "sent",
      "sent",
    ]);
    run();
    expect(seen).toEqual(["1: a 7,8", "2: a 7,8", "1: a "]);
    expect(frame).toEqual(bytes(7, 8));
  });

  test("drop and count what is for nobody", () => {
    const { hub, run } = stepped();
    const [one, other] = [hub.join(a), hub.join(b)];
    const cancel = channel(other, 3).onFrame(() => expect.unreachable());
    channel(one, 9).send(b, bytes(1));
    one.send(b, bytes());
    run();
    expect(channels(other).stats()).toEqual({ unclaimed: 2 });
    cancel();
    channels(one).open(3).send(b, bytes(1));
    run();
    expect(channels(other).stats()).toEqual({ unclaimed: 3 });
  });

  test("are taken once, are whole numbers, and take the network's handler", () => {
    const { hub } = stepped();
    const one = hub.join(a);
    const first = channel(one, 0);
    expect(() => channel(one, 0)).toThrow(ChannelTakenError);
    for (const id of [-1, 256, 1.5, Number.NaN]) expect(() => channel(one, id)).toThrow(RangeError);
    expect(() => one.onFrame(() => undefined)).toThrow(HandlerTakenError);
    first.onFrame(() => undefined);
    expect(() => first.onFrame(() => undefined)).toThrow(HandlerTakenError);
  });

  test("all learn of links", () => {
    const { hub, run } = stepped();
    const one = hub.join(a);
    hub.join(b);
    const seen: string[] = [];
    for (const id of [1, 2]) channel(one, id).onLink((peer, state) => void seen.push(`${id}: ${peer} ${state}`));
    run();
    expect(seen).toEqual(["1: b up", "2: b up"]);
  });
});
