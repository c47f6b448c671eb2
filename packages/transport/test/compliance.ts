import { HandlerTakenError, type LinkState, type Network, type PeerId, peerId } from "@void-system/effects";
import { afterEach, describe, expect, test } from "vitest";
import type { Transport } from "../src/index.ts";

/** Bounds that the links of a compliance test have: small, to be reached soon. */
export const QUEUE_BYTES: number = 256 * 1024;

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

/** A network of one node, that can be left. */
interface Member {
  readonly network: Network;
  leave(): Promise<void> | void;
}

/** Where the contract of `Network` is checked. */
export interface Setting {
  /** Joins each name; all are to be linked with each other. */
  open(names: readonly string[]): Promise<readonly Member[]>;
  /** Lets time pass, real or simulated, until it holds. */
  until(holds: () => boolean): Promise<void>;
}

interface Watched {
  readonly network: Network;
  /** What it has told of its links. */
  readonly links: string[];
  leave(): Promise<void> | void;
}

/** What every network must do: what the protocols of this project are written for. Time passes in `until` alone. */
export function networkCompliance(name: string, setting: Setting): void {
  describe(`the network of ${name}`, () => {
    const { until } = setting;
    let opened: readonly Member[] = [];
    afterEach(async () => {
      for (const member of opened) await member.leave();
    });

    async function group<const Names extends readonly string[]>(names: Names): Promise<{ [I in keyof Names]: Watched }> {
      opened = await setting.open(names);
      const members = opened.map(({ network, leave }): Watched => {
        const links: string[] = [];
        network.onLink((peer, state) => void links.push(`${peer} ${state}`));
        return { network, links, leave };
      });
      await until(() => members.every(({ links }) => links.length >= names.length - 1));
      // Mapped over `names`, so it is of their length.
      return members as { [I in keyof Names]: Watched };
    }

    test("all links come up, and who asks late is told of them, later than the call", async () => {
      const [a] = await group(["a", "b", "c"]);
      expect(a.network.self).toBe("a");
      expect(a.links.toSorted()).toEqual(["b up", "c up"]);
      const told: string[] = [];
      a.network.onLink((peer, state) => void told.push(`${peer} ${state}`));
      expect(told).toEqual([]);
      await until(() => told.length >= 2);
      expect(told.toSorted()).toEqual(["b up", "c up"]);
    });

    test("frames arrive as they were sent: whole, in order, empty and large ones too", async () => {
      const [a, b] = await group(["a", "b"]);
      const sizes = Array.from({ length: 600 }, (_, index) => (index % 97 === 0 ? 40_000 + index : (index * 7) % 300));
      const arrived: [string, Uint8Array][] = [];
      b.network.onFrame((from, frame) => void arrived.push([from, frame.slice()]));
      let next = 0;
      const resume = (): void => {
        while (next < sizes.length && a.network.send(b.network.self, ascending(sizes[next]!)) === "sent") next += 1;
      };
      a.network.onLink((_peer, state) => void (state === "writable" && resume()));
      resume();
      await until(() => arrived.length === sizes.length);
      expect(arrived.map(([, frame]) => frame.length)).toEqual(sizes);
      expect(arrived.every(([from, frame]) => from === "a" && frame.constructor === Uint8Array)).toBe(true);
      expect(arrived.every(([, frame]) => Buffer.from(frame).equals(ascending(frame.length)))).toBe(true);
    });

    test("both directions at once", async () => {
      const [a, b] = await group(["a", "b"]);
      const arrived = { a: [] as number[], b: [] as number[] };
      a.network.onFrame((_from, frame) => void arrived.a.push(frame[0]!));
      b.network.onFrame((_from, frame) => void arrived.b.push(frame[0]!));
      const numbers = Array.from({ length: 250 }, (_, index) => index);
      for (const number of numbers) {
        expect(a.network.send(b.network.self, Uint8Array.of(number))).toBe("sent");
        expect(b.network.send(a.network.self, Uint8Array.of(number))).toBe("sent");
      }
      await until(() => arrived.a.length === 250 && arrived.b.length === 250);
      expect(arrived).toEqual({ a: numbers, b: numbers });
    });

    test("a frame to oneself comes back, later than the call, in order", async () => {
      const [a] = await group(["a", "b"]);
      const arrived: string[] = [];
      a.network.onFrame((from, frame) => void arrived.push(`${from} ${frame[0]}`));
      for (let i = 0; i < 5; i += 1) expect(a.network.send(a.network.self, Uint8Array.of(i))).toBe("sent");
      expect(arrived).toEqual([]);
      await until(() => arrived.length === 5);
      expect(arrived).toEqual(["a 0", "a 1", "a 2", "a 3", "a 4"]);
    });

    test("no handler runs inside of a call", async () => {
      const [a, b] = await group(["a", "b"]);
      let inside = 0;
      let breaches = 0;
      let handled = 0;
      const check = (): void => void (inside > 0 && (breaches += 1));
      const call = (action: () => unknown): void => {
        inside += 1;
        action();
        inside -= 1;
      };
      for (const [one, other] of [[a.network, b.network], [b.network, a.network]] as const) {
        call(() => one.onLink(check));
        one.onFrame((_from, frame) => {
          check();
          handled += 1;
          const hops = frame[0]!;
          if (hops > 0) call(() => one.send(other.self, Uint8Array.of(hops - 1)));
          if (hops > 0) call(() => one.send(one.self, Uint8Array.of(0)));
        });
      }
      call(() => a.network.send(b.network.self, Uint8Array.of(20)));
      await until(() => handled === 41);
      expect(breaches).toBe(0);
    });

    test("what does not fit is refused, and there is word when there is room: nothing taken is lost", async () => {
      const [a, b] = await group(["a", "b"]);
      const frame = ascending(10_000);
      let taken = 0;
      while (a.network.send(b.network.self, frame) === "sent") taken += 1;
      expect(a.network.send(b.network.self, frame)).toBe("full");
      expect(taken).toBeGreaterThanOrEqual(Math.floor(QUEUE_BYTES / 2 / frame.length));
      expect(taken).toBeLessThanOrEqual(Math.ceil(QUEUE_BYTES / frame.length));
      let arrived = 0;
      b.network.onFrame(() => void (arrived += 1));
      await until(() => a.links.includes("b writable"));
      expect(a.network.send(b.network.self, frame)).toBe("sent");
      await until(() => arrived === taken + 1);
      expect(a.links).toEqual(["b up", "b writable"]);
    });

    test("no link: down", async () => {
      const [a, b] = await group(["a", "b"]);
      expect(a.network.send(peerId("nobody"), ascending(1))).toBe("down");
      await b.leave();
      await until(() => a.links.includes("b down"));
      expect(a.network.send(b.network.self, ascending(1))).toBe("down");
      expect(a.links).toEqual(["b up", "b down"]);
    });

    test("who has left sends nothing and is told nothing", async () => {
      const [a, b] = await group(["a", "b"]);
      a.network.onFrame(() => void a.links.push("frame"));
      a.network.send(a.network.self, ascending(1));
      b.network.send(a.network.self, ascending(1));
      const left = a.leave();
      expect(a.network.send(b.network.self, ascending(1))).toBe("down");
      expect(a.network.send(a.network.self, ascending(1))).toBe("down");
      await left;
      await until(() => b.links.includes("a down"));
      expect(a.links).toEqual(["b up"]);
    });

    test("one handler of frames at a time, and another one after it", async () => {
      const [a, b] = await group(["a", "b"]);
      let arrived = 0;
      const cancel = b.network.onFrame(() => void (arrived += 1));
      expect(() => b.network.onFrame(() => undefined)).toThrow(HandlerTakenError);
      cancel();
      cancel();
      b.network.onFrame(() => void (arrived += 10));
      cancel();
      a.network.send(b.network.self, ascending(1));
      await until(() => arrived > 0);
      expect(arrived).toBe(10);
    });

    test("a handler of links that was taken off is told no more", async () => {
      const [a, b] = await group(["a", "b"]);
      let told = 0;
      const cancel = a.network.onLink(() => void (told += 1));
      cancel();
      await b.leave();
      await until(() => a.links.includes("b down"));
      expect(told).toBe(0);
    });
  });
}

/** A network whose links come up by dialing alone. */
interface DialingMember extends Member {
  /** Where others dial it. */
  readonly address: string;
}

/** What every network must do where nodes dial each other. `open` links nobody. */
export function dialingCompliance(name: string, setting: { open(names: readonly string[]): Promise<readonly DialingMember[]>; until(holds: () => boolean): Promise<void> }): void {
  describe(`dialing in ${name}`, () => {
    const { until } = setting;
    let opened: readonly DialingMember[] = [];
    afterEach(async () => {
      for (const member of opened) await member.leave();
    });

    async function pair() {
      opened = await setting.open(["a", "b"]);
      const [a, b] = opened.map(({ network, address, leave }) => {
        const links: string[] = [];
        network.onLink((peer, state) => void links.push(`${peer} ${state}`));
        return { network, address, leave, links };
      });
      if (a === undefined || b === undefined) throw new Error("expected two networks");
      return [a, b] as const;
    }

    test("a dial brings the link up at both ends, later than the call, and once", async () => {
      const [a, b] = await pair();
      expect(a.network.send(b.network.self, ascending(1))).toBe("down");
      a.network.dial(b.network.self, b.address);
      a.network.dial(b.network.self, b.address);
      expect(a.links).toEqual([]);
      await until(() => a.links.length > 0 && b.links.length > 0);
      a.network.dial(b.network.self, b.address);
      let arrived = 0;
      for (const { network } of [a, b]) network.onFrame(() => void (arrived += 1));
      expect([a.network.send(b.network.self, ascending(1)), b.network.send(a.network.self, ascending(1))]).toEqual(["sent", "sent"]);
      await until(() => arrived === 2);
      expect([a.links, b.links]).toEqual([["b up"], ["a up"]]);
    });

    test("a dial that finds nobody fails, once, and can be repeated", async () => {
      const [a, b] = await pair();
      await b.leave();
      for (let times = 1; times <= 2; times += 1) {
        a.network.dial(b.network.self, b.address);
        a.network.dial(b.network.self, b.address);
        await until(() => a.links.length >= times);
      }
      expect(a.links).toEqual(["b failed", "b failed"]);
      expect(a.network.send(b.network.self, ascending(1))).toBe("down");
    });

    test("either end hangs up, both are notified, and either end may dial again", async () => {
      const [a, b] = await pair();
      a.network.dial(b.network.self, b.address);
      await until(() => a.links.length === 1 && b.links.length === 1);
      b.network.hangUp(a.network.self);
      await until(() => a.links.length === 2 && b.links.length === 2);
      expect([a.links, b.links]).toEqual([["b up", "b down"], ["a up", "a down"]]);
      expect([a.network.send(b.network.self, ascending(1)), b.network.send(a.network.self, ascending(1))]).toEqual(["down", "down"]);
      b.network.dial(a.network.self, a.address);
      await until(() => a.links.length === 3 && b.links.length === 3);
      a.network.hangUp(b.network.self);
      await until(() => a.links.length === 4 && b.links.length === 4);
      expect([a.links.at(-1), b.links.at(-1)]).toEqual(["b down", "a down"]);
    });

    test("two that dial each other get one link", async () => {
      const [a, b] = await pair();
      a.network.dial(b.network.self, b.address);
      b.network.dial(a.network.self, a.address);
      let arrived = 0;
      for (const { network } of [a, b]) network.onFrame(() => void (arrived += 1));
      // Of two connections one is replaced, which loses frames visibly, so each end sends until the other has got one.
      await until(() => a.links.includes("b up") && b.links.includes("a up"));
      await until(() => {
        if (a.links.at(-1) === "b up") a.network.send(b.network.self, ascending(1));
        if (b.links.at(-1) === "a up") b.network.send(a.network.self, ascending(1));
        return arrived >= 2;
      });
      expect([a.links.at(-1), b.links.at(-1)]).toEqual(["b up", "a up"]);
      expect([a.links, b.links].flat().filter((text) => text.endsWith("failed"))).toEqual([]);
    });

    test("a link that is gone is not dialed again", async () => {
      const [a, b] = await pair();
      a.network.dial(b.network.self, b.address);
      await until(() => a.links.length === 1 && b.links.length === 1);
      await b.leave();
      await until(() => a.links.includes("b down"));
      a.network.dial(peerId("nobody"), b.address);
      await until(() => a.links.includes("nobody failed"));
      expect(a.links).toEqual(["b up", "b down", "nobody failed"]);
    });
  });
}

/** What a transport must do besides: it bounds frames to oneself, counts, and closes without losing what it took. */
export function transportCompliance(name: string, open: (names: readonly string[]) => Promise<readonly Transport[]>): void {
  networkCompliance(name, {
    until,
    open: async (names) =>
      (await open(names)).map((transport) => ({ network: transport, leave: () => transport.close(500) })),
  });

  describe(`the transport ${name}`, () => {
    let opened: readonly Transport[] = [];
    afterEach(() => Promise.all(opened.map((transport) => transport.close(500))));

    async function pair(): Promise<readonly [Transport, Transport]> {
      opened = await open(["a", "b"]);
      const [a, b] = opened;
      if (a === undefined || b === undefined) throw new Error("expected two transports");
      await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
      return [a, b];
    }

    test("frames to oneself are bounded as others are", async () => {
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
      b.send(a.self, ascending(1));
      await closing;
      await until(() => toldToB.includes("a down"));
      expect(arrived).toBe(50);
      a.onFrame(() => told.push("late"));
      a.onLink(() => told.push("late"));
      await new Promise((resolve) => setImmediate(resolve));
      expect(told).toEqual(["b up"]);
    });

    test("what passed is counted, and what did not", async () => {
      const [a, b] = await pair();
      a.send(b.self, ascending(1));
      await until(() => b.stats().unhandledFrames === 1);
      let arrived = 0;
      b.onFrame(() => (arrived += 1));
      for (let i = 0; i < 3; i += 1) a.send(b.self, ascending(100));
      await until(() => arrived === 3);
      expect(a.stats().links["b"]).toMatchObject({ state: "up", ups: 1, sentFrames: 4, sentBytes: 301, lostFull: 0, lostDown: 0 });
      expect(b.stats().links["a"]).toMatchObject({ state: "up", ups: 1, receivedFrames: 4, receivedBytes: 301 });
      while (a.send(b.self, ascending(10_000)) === "sent");
      expect(a.stats().links["b"]!.lostFull).toBe(1);
      await b.close(500);
      await until(() => a.stats().links["b"]!.state === "down");
      expect(a.send(b.self, ascending(1))).toBe("down");
      expect(a.stats().links["b"]!.lostDown).toBe(1);
    });
  });
}
