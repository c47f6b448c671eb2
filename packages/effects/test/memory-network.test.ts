import { describe, expect, test } from "vitest";
import { HandlerTakenError, memoryHub, NameTakenError, peerId, processHub } from "../src/index.ts";
import { stepped } from "./stepped-hub.ts";

const [a, b, c] = [peerId("a"), peerId("b"), peerId("c")];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

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

  test("reports links that are up, then each change, from the event loop", () => {
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

  test("that is dialed links nobody before; a hang-up loses what is under way, and another hub ignores it", () => {
    const { hub, run } = stepped({ dialed: true });
    const [one, other] = [hub.join(a), hub.join(b)];
    const seen: string[] = [];
    one.onLink((peer, state) => void seen.push(`${peer} ${state}`));
    other.onFrame(() => expect.unreachable());
    run();
    expect([seen, one.send(b, bytes(1))]).toEqual([[], "down"]);
    one.dial(b, "");
    one.dial(c, "");
    one.dial(a, "");
    run();
    expect(seen.splice(0)).toEqual(["b up", "c failed"]);
    one.send(b, bytes(1));
    other.hangUp(a);
    run();
    expect([seen, other.send(a, bytes(1))]).toEqual([["b down"], "down"]);

    const linked = stepped();
    const [first, second] = [linked.hub.join(a), linked.hub.join(b)];
    first.hangUp(b);
    linked.run();
    expect(second.send(a, bytes(1))).toBe("sent");
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
