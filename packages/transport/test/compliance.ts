import { HandlerTakenError, type LinkState, type PeerId, peerId } from "@void-system/effects";
import { afterEach, describe, expect, test } from "vitest";
import type { Transport } from "../src/index.ts";

/** Bounds that the links of a compliance test have: small, to be reached soon. */
export const QUEUE_BYTES: number = 256 * 1024;

/** Opens one transport for each name, all of them to be linked with each other. */
export type Open = (names: readonly string[]) => Promise<readonly Transport[]>;

/** Turns of the event loop until `holds`; the test's own timeout ends a vain wait. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when `transport` has told of `state` of the link to `peer`. */
export function linkState(transport: Transport, peer: PeerId, state: LinkState): Promise<void> {
  return new Promise((resolve) => {
    const cancel = transport.onLink((other, now) => {
      if (other !== peer || now !== state) return;
      cancel();
      resolve();
    });
  });
}

/** What `transport` tells of its links, as text. Resolves when it has told of those that are up. */
export async function watched(transport: Transport): Promise<string[]> {
  const told: string[] = [];
  transport.onLink((peer, state) => told.push(`${peer} ${state}`));
  await until(() => told.length > 0);
  return told;
}

export function ascending(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index);
}

/** What every transport must do. */
export function compliance(name: string, open: Open): void {
  describe(`by ${name}`, () => {
    let opened: readonly Transport[] = [];
    afterEach(() => Promise.all(opened.map((transport) => transport.close(500))));

    async function pair(): Promise<readonly [Transport, Transport]> {
      opened = await open(["a", "b"]);
      const [a, b] = opened;
      if (a === undefined || b === undefined) throw new Error("expected two transports");
      await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
      return [a, b];
    }

    test("all links come up, and who asks late is told of them, later than the call", async () => {
      opened = await open(["a", "b", "c"]);
      await Promise.all(
        opened.flatMap((one) => opened.filter((other) => other !== one).map((other) => linkState(one, other.self, "up"))),
      );
      const told: string[] = [];
      opened[0]!.onLink((peer, state) => told.push(`${peer} ${state}`));
      expect(told).toEqual([]);
      await until(() => told.length >= 2);
      expect(told.toSorted()).toEqual(["b up", "c up"]);
    });

    test("frames arrive as they were sent: whole, in order, empty and large ones too", async () => {
      const [a, b] = await pair();
      const sizes = Array.from({ length: 600 }, (_, index) => (index % 97 === 0 ? 40_000 + index : (index * 7) % 300));
      const arrived: Uint8Array[] = [];
      b.onFrame((from, frame) => {
        expect(from).toBe(a.self);
        expect(frame.constructor).toBe(Uint8Array);
        arrived.push(frame.slice());
      });
      let next = 0;
      const resume = (): void => {
        while (next < sizes.length && a.send(b.self, ascending(sizes[next]!)) === "sent") next += 1;
      };
      a.onLink((_peer, state) => state === "writable" && resume());
      resume();
      await until(() => arrived.length === sizes.length);
      expect(arrived.map((frame) => frame.length)).toEqual(sizes);
      expect(arrived.every((frame) => Buffer.from(frame).equals(ascending(frame.length)))).toBe(true);
    });

    test("both directions at once", async () => {
      const [a, b] = await pair();
      const counts = { a: 0, b: 0 };
      a.onFrame((_from, frame) => expect(frame[0]).toBe(counts.a++ % 256));
      b.onFrame((_from, frame) => expect(frame[0]).toBe(counts.b++ % 256));
      for (let i = 0; i < 500; i += 1) {
        expect(a.send(b.self, Uint8Array.of(i))).toBe("sent");
        expect(b.send(a.self, Uint8Array.of(i))).toBe("sent");
      }
      await until(() => counts.a === 500 && counts.b === 500);
    });

    test("a frame to oneself comes back, later than the call, in order", async () => {
      const [a] = await pair();
      const arrived: number[] = [];
      a.onFrame((from, frame) => {
        expect(from).toBe(a.self);
        arrived.push(frame[0]!);
      });
      for (let i = 0; i < 5; i += 1) expect(a.send(a.self, Uint8Array.of(i))).toBe("sent");
      expect(arrived).toEqual([]);
      await until(() => arrived.length === 5);
      expect(arrived).toEqual([0, 1, 2, 3, 4]);
    });

    test("no handler runs inside of a call", async () => {
      const [a, b] = await pair();
      let inside = false;
      let handled = 0;
      const call = (action: () => unknown): void => {
        inside = true;
        action();
        inside = false;
      };
      for (const [one, other] of [[a, b], [b, a]] as const) {
        one.onLink(() => expect(inside).toBe(false));
        one.onFrame((_from, frame) => {
          expect(inside).toBe(false);
          handled += 1;
          const hops = frame[0]!;
          if (hops > 0) call(() => one.send(other.self, Uint8Array.of(hops - 1)));
          if (hops > 0) call(() => one.send(one.self, Uint8Array.of(0)));
        });
      }
      call(() => a.send(b.self, Uint8Array.of(20)));
      await until(() => handled === 41);
    });

    test("what does not fit is refused, and there is word when there is room: nothing taken is lost", async () => {
      const [a, b] = await pair();
      const frame = ascending(10_000);
      let taken = 0;
      while (a.send(b.self, frame) === "sent") taken += 1;
      expect(taken).toBeGreaterThanOrEqual(Math.floor(QUEUE_BYTES / 2 / frame.length));
      expect(taken).toBeLessThanOrEqual(Math.ceil(QUEUE_BYTES / frame.length));
      let arrived = 0;
      b.onFrame(() => (arrived += 1));
      await linkState(a, b.self, "writable");
      expect(a.send(b.self, frame)).toBe("sent");
      await until(() => arrived === taken + 1);
      expect(a.stats().links["b"]!.lostFull).toBe(1);
    });

    test("so it is with frames to oneself", async () => {
      const [a] = await pair();
      const frame = ascending(10_000);
      let taken = 0;
      let arrived = 0;
      a.onFrame(() => (arrived += 1));
      while (a.send(a.self, frame) === "sent") taken += 1;
      expect(taken).toBeLessThanOrEqual(Math.ceil(QUEUE_BYTES / frame.length));
      await linkState(a, a.self, "writable");
      expect(a.send(a.self, frame)).toBe("sent");
      await until(() => arrived === taken + 1);
    });

    test("no link: down", async () => {
      const [a] = await pair();
      expect(a.send(peerId("nobody"), ascending(1))).toBe("down");
    });

    test("one handler of frames at a time; frames without one are counted", async () => {
      const [a, b] = await pair();
      let arrived = 0;
      const cancel = b.onFrame(() => (arrived += 1));
      expect(() => b.onFrame(() => undefined)).toThrow(HandlerTakenError);
      cancel();
      cancel();
      a.send(b.self, ascending(1));
      await until(() => b.stats().unhandledFrames === 1);
      b.onFrame(() => (arrived += 10));
      cancel();
      a.send(b.self, ascending(1));
      await until(() => arrived > 0);
      expect(arrived).toBe(10);
    });

    test("a handler of links that was taken off is told no more", async () => {
      const [a, b] = await pair();
      let told = 0;
      const cancel = a.onLink(() => (told += 1));
      cancel();
      const others = await watched(a);
      await b.close(500);
      await until(() => others.includes("b down"));
      expect(told).toBe(0);
    });

    test("closing: what was sent arrives, the other side is told, and nothing runs any more", async () => {
      const [a, b] = await pair();
      const [told, toldToB] = await Promise.all([watched(a), watched(b)]);
      let arrived = 0;
      a.onFrame(() => told.push("frame"));
      b.onFrame(() => (arrived += 1));
      for (let i = 0; i < 50; i += 1) a.send(b.self, ascending(1_000));
      a.send(a.self, ascending(1));
      const closing = a.close(1_000);
      expect(a.close(1_000)).toBe(closing);
      expect(a.send(b.self, ascending(1))).toBe("down");
      expect(a.send(a.self, ascending(1))).toBe("down");
      b.send(a.self, ascending(1));
      await closing;
      await until(() => toldToB.includes("a down"));
      expect(arrived).toBe(50);
      expect(b.send(a.self, ascending(1))).toBe("down");
      expect(told).toEqual(["b up"]);
      a.onFrame(() => told.push("late"));
      a.onLink(() => told.push("late"));
      await new Promise((resolve) => setImmediate(resolve));
      expect(told).toEqual(["b up"]);
    });

    test("what passed is counted", async () => {
      const [a, b] = await pair();
      let arrived = 0;
      b.onFrame(() => (arrived += 1));
      for (let i = 0; i < 3; i += 1) a.send(b.self, ascending(100));
      await until(() => arrived === 3);
      expect(a.stats().links["b"]).toMatchObject({ state: "up", ups: 1, sentFrames: 3, sentBytes: 300, lostFull: 0, lostDown: 0 });
      expect(b.stats().links["a"]).toMatchObject({ state: "up", ups: 1, receivedFrames: 3, receivedBytes: 300 });
      await b.close(500);
      await until(() => a.stats().links["b"]!.state === "down");
      expect(a.send(b.self, ascending(1))).toBe("down");
      expect(a.stats().links["b"]!.lostDown).toBe(1);
    });
  });
}
