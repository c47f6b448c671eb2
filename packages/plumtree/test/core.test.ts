import { type Input, lsn, type Output, type PeerId, peerId, verified } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import {
  InvalidOptionError,
  type MessageId,
  messageId,
  PlumtreeCore,
  type PlumtreeDelivery,
  type PlumtreeLimits,
  type PlumtreeMessage,
  type PlumtreeRequest,
} from "../src/index.ts";

const [me, a, b, c] = ["me", "a", "b", "c"].map(peerId) as [PeerId, PeerId, PeerId, PeerId];
const EPOCH = 7;
const theirs = (counter: number, origin = a): MessageId => messageId(origin, 1, counter);
const own = (counter: number): MessageId => messageId(me, EPOCH, counter);
const payload = Uint8Array.of(1, 2, 3);

/** A core, the time, and what it said last: sends as `to type ids`, in their order. */
class Bench {
  readonly core: PlumtreeCore;
  nowMs = 1_000;
  outputs: readonly Output<PlumtreeMessage, never, PlumtreeDelivery>[] = [];
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(limits: Partial<PlumtreeLimits> = {}, ...peers: PeerId[]) {
    this.core = new PlumtreeCore({ self: me, epoch: EPOCH, limits });
    this.core.start();
    for (const peer of peers) this.join(peer);
    this.pass(100);
  }

  step(input: Input<PlumtreeMessage, PlumtreeRequest>): void {
    this.outputs = this.core.step(input, { wallMs: 0, monotonicMs: this.nowMs });
    for (const output of this.outputs) {
      if (output.type === "timer") this.#timerMs = this.nowMs + Number(output.delayMs);
    }
  }

  join(peer: PeerId, eager = true): void {
    this.step({ type: "link", peer, state: "up" });
    this.step({ type: "request", request: { type: "add-peer", peer, eager } });
    this.from(peer, { type: "hello", answer: false });
  }

  from(from: PeerId, message: PlumtreeMessage): void {
    this.step({ type: "message", from, message: verified(message) });
  }

  gossip(from: PeerId, id: MessageId, round = 1, ageMs = 0): void {
    this.from(from, { type: "gossip", id, round, ageMs, payload });
  }

  broadcast(id: MessageId): void {
    this.step({ type: "request", request: { type: "broadcast", id, payload } });
  }

  /** Lets time pass, timers included. What was said meanwhile, by message, without repeats of the timers. */
  pass(ms: number): string[] {
    const until = this.nowMs + ms;
    const said: string[] = [];
    while (this.#timerMs <= until) {
      this.nowMs = this.#timerMs;
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.step({ type: "timer", name: "plumtree" });
      said.push(...this.said());
    }
    this.nowMs = until;
    return said;
  }

  said(): string[] {
    return this.outputs.flatMap((output) => {
      if (output.type !== "send") return [];
      const { message } = output;
      const what = message.type === "gossip" ? ` ${message.id} r${message.round}` : message.type === "hello" ? "" : ` ${message.ids.join(",")}`;
      return [output.to].flat().map((to) => `${to} ${message.type}${what}`);
    });
  }

  delivered(): string[] {
    return this.outputs.flatMap((output) => (output.type === "deliver" ? [`${output.value.id} from ${output.value.origin}, ${output.value.hops} hops`] : []));
  }
}

describe("Algorithm 1", () => {
  test("a broadcast is pushed to eager peers, announced to lazy ones, and not delivered to oneself", () => {
    const bench = new Bench({}, a, b);
    bench.join(c, false);
    bench.broadcast(own(1));
    expect(bench.said()).toEqual([`a gossip ${own(1)} r1`, `b gossip ${own(1)} r1`]);
    expect(bench.delivered()).toEqual([]);
    expect(bench.pass(25)).toEqual([`c ihave ${own(1)}`]);
  });

  test("a new message is delivered, passed on to all but its sender, and its sender confirmed and eager", () => {
    const bench = new Bench({}, b);
    bench.join(a, false);
    bench.join(c, false);
    bench.gossip(a, theirs(1), 3);
    expect(bench.delivered()).toEqual([`${theirs(1)} from a, 3 hops`]);
    expect(bench.said()).toEqual([`b gossip ${theirs(1)} r4`]);
    expect(bench.core.stats().eager).toBe(2);
    expect(bench.pass(25).sort()).toEqual([`a seen ${theirs(1)}`, `c ihave ${theirs(1)}`]);
  });

  test("a message that comes from another peer as well cuts that link from the tree", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, theirs(1));
    bench.gossip(b, theirs(1));
    expect(bench.said()).toEqual([`b prune ${theirs(1)}`]);
    expect(bench.delivered()).toEqual([]);
    bench.broadcast(own(1));
    expect(bench.said()).toEqual([`a gossip ${own(1)} r1`]);
    expect(bench.core.stats()).toMatchObject({ delivered: 1, duplicates: 1, redundancy: 1, prunes: 1 });
  });

  test("one's own message that comes back cuts that link", () => {
    const bench = new Bench({}, a, b);
    bench.broadcast(own(1));
    bench.gossip(b, own(1), 2);
    expect(bench.said()).toEqual([`b prune ${own(1)}`]);
  });

  test("a message that the same peer sends twice cuts nothing: links may double frames", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, theirs(1));
    bench.gossip(a, theirs(1));
    expect([bench.said(), bench.delivered(), bench.core.stats().eager]).toEqual([[], [], 2]);
  });

  test("PRUNE makes its sender lazy", () => {
    const bench = new Bench({}, a, b);
    bench.broadcast(own(1));
    bench.from(a, { type: "prune", ids: [own(1)] });
    bench.broadcast(own(2));
    expect(bench.said()).toEqual([`b gossip ${own(2)} r1`]);
    expect(bench.pass(25)).toEqual([`a ihave ${own(2)}`]);
  });
});

describe("Algorithm 2", () => {
  test("an announced message that does not come is asked for, from one peer after the other", () => {
    const bench = new Bench({ graftMs: 300, graftRetryMs: 150 }, a);
    bench.join(b, false);
    bench.join(c, false);
    bench.from(b, { type: "ihave", ids: [theirs(1)] });
    bench.from(c, { type: "ihave", ids: [theirs(1)] });
    expect(bench.pass(299)).toEqual([]);
    expect(bench.pass(1)).toEqual([`b graft ${theirs(1)}`]);
    expect(bench.core.stats().eager).toBe(2);
    expect(bench.pass(149)).toEqual([]);
    expect(bench.pass(1)).toEqual([`c graft ${theirs(1)}`]);
    expect(bench.core.stats().missing).toBe(1);
    expect(bench.pass(1_000)).toEqual([]);
    expect(bench.core.stats().missing).toBe(0);
    bench.from(b, { type: "ihave", ids: [theirs(1)] });
    expect(bench.pass(300)).toEqual([`b graft ${theirs(1)}`]);
  });

  test("a message that comes in time is not asked for", () => {
    const bench = new Bench({}, a, b);
    bench.from(b, { type: "ihave", ids: [theirs(1)] });
    bench.gossip(a, theirs(1));
    expect(bench.pass(900).filter((said) => said.includes("graft"))).toEqual([]);
  });

  test("GRAFT makes its sender eager and gets what is kept", () => {
    const bench = new Bench({ cacheMs: 5_000 }, a);
    bench.join(b, false);
    bench.gossip(a, theirs(1), 2);
    bench.from(b, { type: "graft", ids: [theirs(1), theirs(9)] });
    expect(bench.said()).toEqual([`b gossip ${theirs(1)} r3`]);
    expect(bench.core.stats()).toMatchObject({ eager: 2, unservable: 1 });
    bench.pass(5_000);
    bench.from(b, { type: "graft", ids: [theirs(1)] });
    expect(bench.said()).toEqual([]);
  });

  test("what a peer that is gone has announced is asked for elsewhere", () => {
    const bench = new Bench({}, a);
    bench.join(b, false);
    bench.join(c, false);
    bench.from(b, { type: "ihave", ids: [theirs(1)] });
    bench.from(c, { type: "ihave", ids: [theirs(1)] });
    bench.step({ type: "link", peer: b, state: "down" });
    expect(bench.pass(300)).toEqual([`c graft ${theirs(1)}`]);
  });
});

describe("links that lose", () => {
  test("a message is announced ever more rarely until the peer is known to have it", () => {
    const bench = new Bench({ repairMs: 1_000, cacheMs: 60_000 }, a);
    bench.broadcast(own(1));
    const at = [1_000, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000];
    for (const pause of at) {
      expect(bench.pass(pause - 1)).toEqual([]);
      expect(bench.pass(1)).toEqual([`a ihave ${own(1)}`]);
    }
    bench.from(a, { type: "seen", ids: [own(1)] });
    expect(bench.pass(20_000)).toEqual([]);
  });

  test.each(["gossip", "ihave", "seen", "prune"] as const)("%s of a message says that the peer has it", (type) => {
    const bench = new Bench({}, a);
    bench.broadcast(own(1));
    bench.from(a, type === "gossip" ? { type, id: own(1), round: 2, ageMs: 0, payload } : { type, ids: [own(1)] });
    expect(bench.pass(20_000).filter((said) => said.includes("ihave"))).toEqual([]);
  });

  test("an announcement of what is here is confirmed", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, theirs(1));
    bench.pass(100);
    bench.from(b, { type: "ihave", ids: [theirs(1)] });
    expect(bench.pass(20)).toEqual([`b seen ${theirs(1)}`]);
  });

  test("what nobody confirms is forgotten with its message, and then all is quiet", () => {
    const bench = new Bench({ cacheMs: 3_000 }, a);
    bench.broadcast(own(1));
    bench.pass(8_000);
    expect(bench.core.stats()).toMatchObject({ cached: 0, cachedBytes: 0, seen: 1 });
    bench.pass(2_000);
    expect([bench.core.stats().seen, bench.pass(1e9)]).toEqual([0, []]);
  });
});

describe("neighbours", () => {
  test("a broadcast before any peer is there is announced to those that come while it is kept", () => {
    const bench = new Bench({ cacheMs: 5_000 });
    bench.broadcast(own(1));
    bench.pass(4_000);
    bench.join(a);
    expect(bench.pass(100)).toContain(`a ihave ${own(1)}`);
    bench.from(a, { type: "graft", ids: [own(1)] });
    const sent = bench.outputs.find((output) => output.type === "send");
    expect(sent?.message).toMatchObject({ type: "gossip", ageMs: 4_100 });
    bench.pass(4_000);
    bench.join(b);
    expect(bench.pass(100)).toEqual([]);
  });

  test("a peer is greeted until it is heard, and one that greets is a neighbour from then on", () => {
    const bench = new Bench();
    bench.step({ type: "link", peer: a, state: "up" });
    expect(bench.core.stats().neighbours).toBe(0);
    bench.step({ type: "request", request: { type: "add-peer", peer: a, eager: true } });
    expect([bench.pass(500), bench.pass(1_000), bench.pass(2_000)]).toEqual([["a hello"], ["a hello"], ["a hello"]]);
    bench.from(a, { type: "hello", answer: false });
    expect(bench.pass(60_000)).toEqual([]);

    bench.step({ type: "link", peer: b, state: "up" });
    bench.from(b, { type: "hello", answer: true });
    expect([bench.said(), bench.core.stats().neighbours]).toEqual([["b hello"], 2]);
    expect(bench.pass(60_000)).toEqual([]);
  });

  test("a link that comes up anew begins anew", () => {
    const bench = new Bench({}, a);
    bench.from(a, { type: "prune", ids: [theirs(1)] });
    expect(bench.core.stats().eager).toBe(0);
    bench.step({ type: "link", peer: a, state: "down" });
    expect(bench.core.stats().neighbours).toBe(0);
    bench.broadcast(own(1));
    expect(bench.said()).toEqual([]);
    bench.step({ type: "link", peer: a, state: "up" });
    expect(bench.core.stats().eager).toBe(1);
    expect(bench.pass(20)).toEqual(["a hello", `a ihave ${own(1)}`]);
    bench.from(a, { type: "seen", ids: [own(1)] });
    bench.step({ type: "link", peer: a, state: "up" }); // without a `down` in between
    expect(bench.pass(20)).toEqual(["a hello", `a ihave ${own(1)}`]);
  });

  test("nothing is had to do with a peer that was removed, or that has no link", () => {
    const bench = new Bench({}, a);
    bench.step({ type: "request", request: { type: "remove-peer", peer: a } });
    bench.gossip(a, theirs(1));
    bench.gossip(c, theirs(2));
    expect([bench.outputs, bench.core.stats().delivered]).toEqual([[], 0]);
    bench.step({ type: "request", request: { type: "add-peer", peer: a, eager: true } });
    bench.gossip(a, theirs(1));
    expect(bench.core.stats().delivered).toBe(1);
  });
});

describe("bounds and liars", () => {
  test("the cache is bounded in messages and bytes; what had to go is not delivered again", () => {
    const bench = new Bench({ cacheMessages: 3, seenIds: 5, cacheBytes: 7 }, a);
    for (let counter = 1; counter <= 4; counter++) bench.gossip(a, theirs(counter));
    expect(bench.core.stats()).toMatchObject({ cached: 2, cachedBytes: 6, evicted: 2, seen: 4, delivered: 4 });
    bench.gossip(a, theirs(1));
    expect(bench.core.stats()).toMatchObject({ delivered: 4, duplicates: 1 });
  });

  test("a message that is too old is neither delivered nor passed on; ages add up", () => {
    const bench = new Bench({ cacheMs: 5_000 }, a);
    bench.join(b, false);
    bench.gossip(a, theirs(1), 1, 5_000);
    expect([bench.delivered(), bench.core.stats().expired]).toEqual([[], 1]);
    bench.gossip(a, theirs(2), 1, 4_000);
    bench.pass(900);
    bench.from(b, { type: "graft", ids: [theirs(2)] });
    expect(bench.outputs.find((output) => output.type === "send")?.message).toMatchObject({ ageMs: 4_900 });
    bench.pass(100);
    bench.from(b, { type: "graft", ids: [theirs(2)] });
    expect(bench.said()).toEqual([]);
  });

  test("nobody can use this node's names before it does", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, own(1));
    bench.from(a, { type: "ihave", ids: [own(1)] });
    expect([bench.delivered(), bench.core.stats().forged, bench.core.stats().missing]).toEqual([[], 2, 0]);
    bench.broadcast(own(1));
    expect(bench.said()).toHaveLength(2);
    bench.broadcast(own(1));
    bench.broadcast(theirs(1));
    expect([bench.said(), bench.core.stats().broadcast]).toEqual([[], 1]);
  });

  test("what this node broadcast in an earlier life is passed on, and not delivered", () => {
    const bench = new Bench({}, a, b);
    const old = messageId(me, EPOCH + 1, 1);
    bench.gossip(a, old);
    expect([bench.delivered(), bench.said()]).toEqual([[], [`b gossip ${old} r2`]]);
  });

  test("a peer that announces without end is ignored", () => {
    const bench = new Bench({}, a);
    for (let frame = 0; frame < 40; frame++) {
      bench.from(a, { type: "ihave", ids: Array.from({ length: 256 }, (_, index) => theirs(frame * 256 + index)) });
    }
    expect(bench.core.stats()).toMatchObject({ missing: 8_192, ignored: 40 * 256 - 8_192 });
    expect(bench.pass(5_000)).toHaveLength(8_192 / 256);
    expect(bench.core.stats().missing).toBe(0);
  });

  test.each(["given up", "arrived"])("a peer may announce again once what it announced has %s", (how) => {
    const bench = new Bench({}, a, b);
    for (let counter = 0; counter < 9_000; counter++) {
      bench.from(a, { type: "ihave", ids: [theirs(counter)] });
      if (how === "arrived") bench.gossip(b, theirs(counter));
      else if (counter % 1_000 === 0) bench.pass(1_000);
    }
    expect(bench.core.stats().ignored).toBe(0);
  });

  test("limits that cannot work are refused", () => {
    for (const limits of [{ lazyMs: 0 }, { cacheMs: Number.NaN }, { cacheMessages: 10, seenIds: 9 }]) {
      expect(() => new PlumtreeCore({ self: me, epoch: 1, limits })).toThrow(InvalidOptionError);
    }
  });

  test("an input that is none of its business changes nothing", () => {
    const bench = new Bench({}, a);
    bench.step({ type: "checkpointed", upTo: lsn(1) });
    expect(bench.outputs).toEqual([]);
  });
});
