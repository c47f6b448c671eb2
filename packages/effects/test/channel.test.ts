import { describe, expect, test } from "vitest";
import { channel, channels, ChannelTakenError, HandlerTakenError, peerId } from "../src/index.ts";
import { stepped } from "./stepped-hub.ts";

const [a, b] = [peerId("a"), peerId("b")];
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

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

  test("hang up only once every channel that has dialed has hung up", () => {
    const { hub, run } = stepped({ dialed: true });
    const [one] = [hub.join(a), hub.join(b)];
    const seen: string[] = [];
    const [first, second] = [channel(one, 1), channel(one, 2)];
    for (const network of [first, second]) network.onLink((peer, state) => void seen.push(`${peer} ${state}`));
    first.dial(b, "");
    second.dial(b, "");
    run();
    first.hangUp(b);
    run();
    expect(seen).toEqual(["b up", "b up"]);
    second.hangUp(b);
    run();
    expect(seen.slice(2)).toEqual(["b down", "b down"]);
    // A link that went down by itself is used by nobody any longer.
    second.dial(b, "");
    run();
    one.hangUp(b);
    run();
    first.dial(b, "");
    run();
    first.hangUp(b);
    run();
    expect(seen.slice(-2)).toEqual(["b down", "b down"]);
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
