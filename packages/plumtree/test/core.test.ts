import { type Input, lsn, type Output, type PeerId, peerId, verified } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import {
  EPOCH_AHEAD_MS_MAX,
  InvalidOptionError,
  NEIGHBOURS_MAX,
  PlumtreeCore,
  type PlumtreeCoreParts,
  type PlumtreeDelivery,
  type PlumtreeMessage,
  type PlumtreeRequest,
  type StreamDigest,
  WINDOW_COUNTERS,
} from "../src/index.ts";

const [me, a, b, c] = ["me", "a", "b", "c"].map(peerId) as [PeerId, PeerId, PeerId, PeerId];
const EPOCH = 7 * 1024;
const payload = Uint8Array.of(1, 2, 3);
const ids = (origin: PeerId, from: number, length = 1, epoch = 1, round = 1) => ({ origin, epoch, from, length, round });
const digest = (origin: PeerId, low: number, keptFrom = 1, epoch = 1): StreamDigest => ({ origin, epoch, low, keptFrom, runs: [] });

type Parts = Partial<Omit<PlumtreeCoreParts, "self">>;

/** A core, the time, and the outputs of its last step. */
class Bench {
  readonly core: PlumtreeCore;
  nowMs = 1_000;
  wallMs = 1_000;
  outputs: readonly Output<PlumtreeMessage, never, PlumtreeDelivery>[] = [];
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(parts: Parts = {}, ...peers: PeerId[]) {
    this.core = new PlumtreeCore({ self: me, epoch: EPOCH, ...parts });
    this.core.start(true, { wallMs: this.wallMs, monotonicMs: this.nowMs });
    for (const peer of peers) this.join(peer);
  }

  step(input: Input<PlumtreeMessage, PlumtreeRequest>): void {
    this.outputs = this.core.step(input, { wallMs: this.wallMs, monotonicMs: this.nowMs });
    for (const output of this.outputs) {
      if (output.type === "timer") this.#timerMs = this.nowMs + Number(output.delayMs);
    }
  }

  /** Links a peer, which has answered. */
  join(peer: PeerId, eager = true, streams: readonly StreamDigest[] = []): void {
    this.step({ type: "request", request: { type: "add-peer", peer, eager } });
    this.step({ type: "link", peer, state: "up" });
    this.from(peer, { type: "sync", answer: false, last: true, streams });
  }

  from(from: PeerId, message: PlumtreeMessage): void {
    this.step({ type: "message", from, message: verified(message) });
  }

  gossip(from: PeerId, origin: PeerId, counter: number, { round = 1, epoch = 1, ageMs = 0 } = {}): void {
    this.from(from, { type: "gossip", origin, epoch, counter, round, ageMs, payload });
  }

  ihave(from: PeerId, ...runs: ReturnType<typeof ids>[]): void {
    this.from(from, { type: "ihave", sentMs: 0, echoMs: 0, heldMs: 0, runs });
  }

  broadcast(counter: number, epoch = EPOCH): void {
    this.step({ type: "request", request: { type: "broadcast", epoch, counter, payload } });
  }

  /** Lets time pass, timers included. Returns the messages and deliveries of the timers' steps. */
  pass(ms: number): string[] {
    const until = this.nowMs + ms;
    const said: string[] = [];
    while (this.#timerMs <= until) {
      this.nowMs = this.#timerMs;
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.step({ type: "timer", name: "plumtree" });
      said.push(...this.said(), ...this.delivered());
    }
    this.nowMs = until;
    return said;
  }

  said(): string[] {
    return this.outputs.flatMap((output) => {
      if (output.type !== "send") return [];
      const { message } = output;
      let what = "";
      if (message.type === "gossip") what = ` ${message.origin}${message.counter} r${message.round}`;
      else if ("runs" in message) {
        what = message.runs.map(({ origin, from, length }) => ` ${origin}${from}${length > 1 ? `+${length - 1}` : ""}`).join(",");
        if (message.type === "graft" && message.link) what += " link";
      }
      return [output.to].flat().map((to) => `${to} ${message.type}${what}`);
    });
  }

  delivered(): string[] {
    return this.outputs.flatMap((output) => {
      if (output.type !== "deliver") return [];
      const { value } = output;
      if (value.type === "message") return [`${value.id.replace(/\/.*\//, "")}, ${value.hops} hops`];
      return value.type === "gap" ? [`gap ${value.origin} ${value.from ?? "?"} to ${value.to}`] : [`epoch ${value.epoch}`];
    });
  }
}

describe("eager push", () => {
  test("a broadcast goes to eager peers, is announced to lazy ones, and is not delivered here", () => {
    const bench = new Bench({}, a, b);
    bench.join(c, false);
    bench.broadcast(1);
    expect(bench.said()).toEqual(["a gossip me1 r1", "b gossip me1 r1"]);
    expect(bench.delivered()).toEqual([]);
    expect(bench.pass(25)).toEqual(["c ihave me1"]);
  });

  test("a new message is delivered and passed on to all but its sender, which becomes eager", () => {
    const bench = new Bench({}, b);
    bench.join(a, false);
    bench.join(c, false);
    bench.gossip(a, a, 1, { round: 3 });
    expect(bench.delivered()).toEqual(["a1, 3 hops"]);
    expect(bench.said()).toEqual(["b gossip a1 r4"]);
    expect(bench.core.stats().eager).toBe(2);
    expect(bench.pass(25)).toEqual(["c ihave a1"]);
  });

  test("a message that comes from another peer as well takes that link out of the tree", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, a, 1);
    bench.gossip(b, a, 1);
    expect([bench.said(), bench.delivered()]).toEqual([["b prune"], []]);
    bench.broadcast(1);
    expect(bench.said()).toEqual(["a gossip me1 r1"]);
    expect(bench.core.stats()).toMatchObject({ delivered: 1, duplicates: 1, redundancy: 1, prunes: 1 });
  });

  test("the messages of the least origin alone shape the tree, until it is silent", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(b, b, 1);
    bench.gossip(a, c, 1);
    bench.gossip(b, c, 1);
    expect([bench.said(), bench.core.stats().eager]).toEqual([[], 2]);
    bench.gossip(a, a, 1);
    bench.gossip(b, a, 1);
    expect(bench.said()).toEqual(["b prune"]);
    bench.gossip(b, b, 2);
    bench.gossip(a, b, 2);
    expect(bench.said()).toEqual([]);
    bench.pass(30_001);
    bench.gossip(b, b, 3);
    bench.gossip(a, b, 3);
    expect(bench.said()).toEqual(["a prune"]);
  });

  test("a message that the same peer sends twice takes no link out of the tree", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, a, 1);
    bench.gossip(a, a, 1);
    expect([bench.said(), bench.delivered(), bench.core.stats().eager]).toEqual([[], [], 2]);
  });

  test("PRUNE makes its sender lazy, and GRAFT eager", () => {
    const bench = new Bench({}, a, b);
    bench.from(a, { type: "prune" });
    bench.broadcast(1);
    expect([bench.said(), bench.pass(25)]).toEqual([["b gossip me1 r1"], ["a ihave me1"]]);
    bench.from(a, { type: "graft", link: true, runs: [ids(me, 1, 1, EPOCH)] });
    expect(bench.said()).toEqual(["a gossip me1 r1"]);
    bench.broadcast(2);
    expect(bench.said()).toEqual(["a gossip me2 r1", "b gossip me2 r1"]);
  });
});

describe("lazy push", () => {
  test("messages are gathered under load, and consecutive ones announced as a run", () => {
    const bench = new Bench({ limits: { lazyMs: 20, gatherMs: 200 } });
    bench.join(a, false);
    bench.broadcast(1);
    expect(bench.pass(20)).toEqual(["a ihave me1"]);
    for (let counter = 2; counter <= 11; counter += 1) {
      bench.broadcast(counter);
      if (counter < 11) expect(bench.pass(20)).toEqual([]);
    }
    expect(bench.pass(20)).toEqual(["a ihave me2+9"]);
  });

  test("a peer that has announced a message needs no announcement", () => {
    const bench = new Bench({}, a);
    bench.join(b, false);
    bench.join(c, false);
    bench.ihave(b, ids(a, 1));
    bench.gossip(a, a, 1);
    bench.ihave(c, ids(a, 1));
    expect(bench.pass(250)).toEqual([]);
  });

  test("the exchange of links saves hops: the announcer comes into the tree, and the parent goes", () => {
    const bench = new Bench({}, a);
    bench.join(b, false);
    bench.gossip(a, c, 1, { round: 9 });
    bench.ihave(b, ids(c, 1, 1, 1, 7));
    expect(bench.said()).toEqual([]);
    bench.ihave(b, ids(c, 1, 1, 1, 6));
    expect([bench.said(), bench.core.stats()]).toMatchObject([["b graft link", "a prune"], { eager: 1, optimized: 1 }]);
  });
});

describe("repair", () => {
  /** `a` is eager; `b` and `c` are lazy. Nothing is measured, so the wait is `graftMs`. */
  const broken = (): Bench => {
    const bench = new Bench({ limits: { graftMs: 300 } }, a);
    bench.join(b, false);
    bench.join(c, false);
    return bench;
  };

  test("an announced message that does not come is asked for, from one peer after the other", () => {
    const bench = broken();
    bench.ihave(b, ids(a, 1));
    bench.ihave(c, ids(a, 1));
    expect(bench.pass(299)).toEqual([]);
    expect(bench.pass(1)).toEqual(["b graft a1"]);
    expect(bench.pass(300)).toEqual(["c graft a1"]);
    expect(bench.pass(4_000)).toEqual([]);
    bench.ihave(b, ids(a, 1));
    expect(bench.pass(300)).toEqual(["b graft a1"]);
  });

  test("an announced message that no peer sends, or that all say is gone, is a gap in time", () => {
    const silent = broken();
    silent.ihave(b, ids(a, 3));
    expect(silent.pass(300)).toEqual(["b graft a3"]);
    expect(silent.pass(300 + 4_999)).toEqual([]);
    expect(silent.pass(1)).toContain("gap a ? to 3");

    const gone = broken();
    gone.ihave(b, ids(a, 3));
    gone.pass(300);
    gone.from(b, { type: "gone", runs: [ids(a, 3)] });
    expect(gone.pass(4_999)).toEqual([]);
    expect(gone.pass(1)).toContain("gap a ? to 3");
  });

  test("a message is announced to the others, also if one peer has announced it twice, or has been away since", () => {
    const twice = broken();
    twice.from(b, { type: "sync", answer: false, last: true, streams: [digest(a, 1)] });
    expect(twice.pass(0)).toEqual(["b graft a1"]);
    twice.from(b, { type: "sync", answer: false, last: true, streams: [digest(a, 1)] });
    expect(twice.pass(0)).toEqual([]);
    twice.gossip(b, a, 1);
    expect(twice.pass(200)).toContain("c ihave a1");

    const away = broken();
    away.ihave(b, ids(a, 1));
    away.step({ type: "link", peer: b, state: "down" });
    away.join(b, false);
    away.gossip(c, a, 1);
    expect(away.pass(200)).toContain("b ihave a1");
  });

  test("a message that comes in time is not asked for", () => {
    const bench = broken();
    bench.ihave(b, ids(a, 1));
    bench.gossip(a, a, 1);
    expect(bench.pass(900)).toEqual(["c ihave a1"]);
  });

  test("the link that brought a message is put into the tree if the tree does not bring it", () => {
    const bench = broken();
    bench.ihave(b, ids(a, 1));
    expect(bench.pass(300)).toEqual(["b graft a1"]);
    bench.gossip(b, a, 1, { round: 2 });
    expect([bench.said(), bench.delivered()]).toEqual([["a gossip a1 r3"], ["a1, 2 hops"]]);
    expect(bench.pass(5_000)).toEqual(["b graft link", "c ihave a1"]);
    expect(bench.core.stats()).toMatchObject({ repaired: 1, eager: 2 });
  });

  test("a tree that is late is left as it is", () => {
    const bench = broken();
    bench.ihave(b, ids(a, 1));
    bench.pass(300);
    bench.gossip(b, a, 1, { round: 2 });
    bench.gossip(a, a, 1, { round: 4 });
    expect([bench.said(), bench.delivered()]).toEqual([[], []]);
    expect(bench.pass(5_000)).toEqual(["c ihave a1"]);
    expect(bench.core.stats()).toMatchObject({ repaired: 0, prunes: 0, eager: 1 });
  });

  test("the wait follows the delay of payloads behind their announcements, and the round trip of links", () => {
    const bench = broken();
    bench.ihave(b, ids(a, 1));
    bench.pass(2_000);
    bench.gossip(a, a, 1);
    bench.pass(5_000);
    bench.ihave(b, ids(a, 2));
    expect(bench.pass(2_999).filter((said) => said.includes("graft"))).toEqual([]);
    expect(bench.pass(1)).toEqual(["b graft a2"]);

    const slow = broken();
    slow.from(b, { type: "ihave", sentMs: 5, echoMs: 100, heldMs: 100, runs: [ids(a, 1)] }); // round trip of 800 ms
    expect(slow.pass(3_999)).toEqual([]);
    expect(slow.pass(1)).toEqual(["b graft a1"]);
  });

  test("a peer that keeps a message no longer says so, and the next one is asked at once", () => {
    const bench = broken();
    bench.from(b, { type: "graft", link: false, runs: [ids(a, 5)] });
    expect([bench.said(), bench.core.stats().unservable]).toEqual([["b gone a5"], 1]);
    bench.ihave(b, ids(a, 1));
    bench.ihave(c, ids(a, 1));
    bench.pass(300);
    bench.from(b, { type: "gone", runs: [ids(a, 1)] });
    expect(bench.pass(0)).toEqual(["c graft a1"]);
  });

  test("a message announced by a peer that is gone is asked for elsewhere", () => {
    const bench = broken();
    bench.ihave(b, ids(a, 1));
    bench.ihave(c, ids(a, 1));
    bench.step({ type: "link", peer: b, state: "down" });
    expect(bench.pass(300)).toEqual(["c graft a1"]);
  });
});

describe("anti-entropy", () => {
  test("a new link compares digests, and what is missing is asked for at once", () => {
    const bench = new Bench({}, a);
    bench.gossip(a, a, 1);
    bench.gossip(a, a, 2);
    bench.join(b, true, [{ ...digest(a, 4, 2), runs: [{ from: 6, to: 6 }] }]);
    expect(bench.pass(0)).toEqual(["b graft a3+1, a6"]);
    bench.from(b, { type: "sync", answer: true, last: true, streams: [] });
    expect(bench.outputs.find((output) => output.type === "send")?.message).toEqual({
      type: "sync", answer: true, last: true, streams: [{ origin: a, epoch: 1, low: 2, keptFrom: 1, runs: [] }],
    });
  });

  test("a peer that does not answer gets the digest again, ever more rarely", () => {
    const bench = new Bench({ limits: { syncMs: 1_000 } });
    bench.step({ type: "link", peer: a, state: "up" });
    expect(bench.core.stats().neighbours).toBe(0);
    bench.step({ type: "request", request: { type: "add-peer", peer: a, eager: true } });
    expect([bench.pass(0), bench.pass(1_000), bench.pass(2_000)]).toEqual([["a sync"], ["a sync"], ["a sync"]]);
    bench.from(a, { type: "sync", answer: false, last: true, streams: [] });
    expect(bench.pass(60_000)).toEqual([]);
  });

  test("a link that was full compares digests when it is writable", () => {
    const bench = new Bench({}, a);
    bench.step({ type: "link", peer: a, state: "writable" });
    expect(bench.said()).toEqual(["a sync"]);
    bench.step({ type: "link", peer: b, state: "writable" });
    expect(bench.said()).toEqual([]);
  });

  test("nothing is acknowledged on links that lose visibly; on others digests go on until both are equal", () => {
    for (const lossy of [false, true]) {
      const bench = new Bench({ lossy }, a);
      bench.broadcast(1);
      expect(bench.pass(3_500).filter((said) => said === "a sync")).toHaveLength(lossy ? 2 : 0);
      bench.from(a, { type: "sync", answer: false, last: true, streams: [digest(me, 1, 1, EPOCH)] });
      expect(bench.pass(60_000)).toEqual([]);
    }
  });

  test("a hole that no peer can fill is a gap at once if all say so", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, c, 1);
    bench.from(a, { type: "sync", answer: false, last: true, streams: [digest(c, 9, 8)] });
    expect(bench.delivered()).toEqual([]);
    bench.from(b, { type: "sync", answer: false, last: true, streams: [digest(c, 9, 6)] });
    expect(bench.delivered()).toEqual(["gap c 2 to 5"]);
    expect(bench.pass(0)).toEqual(["a graft c8+1", "b graft c6+1"]);
    expect(bench.core.stats().lost).toBe(4);
  });

  test("a hole below a message that came is a gap after a time without progress", () => {
    const bench = new Bench({ limits: { gapMs: 5_000 } }, a);
    bench.gossip(a, c, 1);
    bench.gossip(a, c, 4);
    bench.pass(4_000);
    bench.gossip(a, c, 2);
    expect(bench.pass(4_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(["gap c 3 to 3"]);
    bench.gossip(a, c, 3);
    expect([bench.delivered(), bench.core.stats().delivered]).toEqual([[], 3]);
  });

  test("what one peer says is gone is a gap in time, unless another one sends it, and peers hear of it", () => {
    const bench = new Bench({ limits: { gapMs: 5_000 } }, a, b);
    bench.gossip(a, c, 1);
    bench.from(b, { type: "sync", answer: false, last: true, streams: [digest(c, 3, 4)] });
    expect(bench.pass(4_999)).toEqual([]);
    bench.gossip(a, c, 2);
    expect(bench.delivered()).toEqual(["c2, 1 hops"]);
    expect(bench.pass(4_999).filter((said) => said !== "b ihave c2")).toEqual([]);
    expect(bench.pass(1)).toEqual(["a sync", "gap c 3 to 3"]);
  });

  test("a peer that has some messages above a hole, and can send none of them, is enough to make them a gap", () => {
    const bench = new Bench({ limits: { gapMs: 5_000 } }, a, b);
    bench.from(b, { type: "sync", answer: false, last: true, streams: [{ ...digest(c, 0, 7), runs: [{ from: 5, to: 6 }] }] });
    expect(bench.pass(5_000)).toContain("gap c ? to 6");
  });

  test("a node that does not know the beginning of an origin says so", () => {
    const bench = new Bench();
    bench.join(a, true, [digest(c, 9, 8)]);
    expect(bench.delivered()).toEqual(["gap c ? to 7"]);
    bench.gossip(a, c, 8);
    bench.gossip(a, c, 2, { epoch: 2 });
    bench.from(a, { type: "sync", answer: false, last: true, streams: [digest(c, 2, 2, 2)] });
    expect(bench.delivered()).toEqual(["gap c 1 to 1"]);
  });

  test("messages are kept for a time and in a number of bytes, and digests say from where on", () => {
    const bench = new Bench({ limits: { cacheBytes: 3 * 259, cacheMs: 5_000 } }, a);
    for (let counter = 1; counter <= 5; counter += 1) bench.broadcast(counter);
    expect(bench.core.stats()).toMatchObject({ cached: 3, cachedBytes: 3 * 259, evicted: 2 });
    bench.from(b, { type: "sync", answer: true, last: true, streams: [] });
    bench.step({ type: "link", peer: b, state: "up" });
    bench.from(b, { type: "sync", answer: true, last: true, streams: [] });
    expect(bench.outputs.find((output) => output.type === "send")?.message).toMatchObject({ streams: [{ low: 5, keptFrom: 3 }] });
    bench.pass(11_000);
    expect(bench.core.stats()).toMatchObject({ cached: 0, cachedBytes: 0 });
    expect(bench.pass(1e9)).toEqual([]);
  });

  test("ages add up, and a message that is too old is not sent any longer", () => {
    const bench = new Bench({ limits: { cacheMs: 5_000 } }, a);
    bench.gossip(a, c, 1, { ageMs: 4_000 });
    bench.pass(900);
    bench.from(a, { type: "graft", link: false, runs: [ids(c, 1)] });
    expect(bench.outputs.find((output) => output.type === "send")?.message).toMatchObject({ ageMs: 4_900 });
    bench.pass(100);
    bench.from(a, { type: "graft", link: false, runs: [ids(c, 1)] });
    expect(bench.said()).toEqual(["a gone c1"]);
  });
});

describe("ordered delivery", () => {
  test("later messages of an origin wait for the missing one, those of others do not", () => {
    const bench = new Bench({ ordered: true }, a);
    bench.gossip(a, c, 1);
    bench.gossip(a, c, 3);
    expect(bench.delivered()).toEqual([]);
    bench.gossip(a, b, 1);
    expect(bench.delivered()).toEqual(["b1, 1 hops"]);
    bench.gossip(a, c, 5);
    bench.gossip(a, c, 2);
    expect(bench.delivered()).toEqual(["c2, 1 hops", "c3, 1 hops"]);
    expect(bench.pass(6_000)).toEqual(["gap c 4 to 4", "c5, 1 hops"]);
    expect(bench.core.stats().heldBytes).toBe(0);
  });

  test("what waits is bounded: the hole before it becomes a gap", () => {
    const bench = new Bench({ ordered: true, limits: { cacheBytes: 10 } }, a);
    bench.gossip(a, c, 1);
    for (const counter of [3, 5, 6]) bench.gossip(a, c, counter);
    expect(bench.delivered()).toEqual([]);
    bench.gossip(a, c, 8);
    expect(bench.delivered()).toEqual(["gap c 2 to 2", "c3, 1 hops"]);
  });
});

describe("origins and epochs", () => {
  test("no replay is delivered, however late", () => {
    const bench = new Bench({ limits: { cacheMs: 1_000 } }, a);
    bench.gossip(a, c, 1);
    bench.gossip(a, c, 2, { epoch: 2 });
    bench.gossip(a, c, 2, { epoch: 3 });
    bench.pass(1e7);
    bench.gossip(a, c, 1);
    bench.gossip(a, c, 2, { epoch: 2 });
    expect([bench.outputs, bench.core.stats()]).toMatchObject([[], { stale: 1, duplicates: 1, delivered: 3 }]);
  });

  test("a counter beyond the window slides it, and what falls below is a gap", () => {
    const bench = new Bench({}, a);
    bench.gossip(a, c, 1);
    bench.gossip(a, c, WINDOW_COUNTERS + 11);
    expect(bench.delivered()).toEqual([`c${WINDOW_COUNTERS + 11}, 1 hops`, "gap c 2 to 11"]);
  });

  test("an epoch too far ahead of the clock is refused", () => {
    const bench = new Bench({}, a);
    bench.gossip(a, c, 1, { epoch: (bench.wallMs + EPOCH_AHEAD_MS_MAX) * 1_024 + 1 });
    expect([bench.delivered(), bench.core.stats().ahead]).toEqual([[], 1]);
    bench.gossip(a, c, 1, { epoch: (bench.wallMs + EPOCH_AHEAD_MS_MAX) * 1_024 });
    expect(bench.delivered()).toEqual(["c1, 1 hops"]);
  });

  test("a node that hears of a later epoch of its own takes one above it", () => {
    const bench = new Bench({}, a);
    bench.broadcast(1);
    bench.from(a, { type: "sync", answer: false, last: true, streams: [digest(me, 5, 1, EPOCH + 9)] });
    expect(bench.delivered()).toEqual([`epoch ${EPOCH + 10}`]);
    bench.broadcast(2);
    bench.broadcast(1, EPOCH + 10);
    expect(bench.said()).toEqual(["a gossip me1 r1"]);
  });

  test("nobody else can number this node's broadcasts: it takes another epoch, at most one a second", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, me, 1, { epoch: EPOCH });
    expect(bench.delivered()).toEqual([`epoch ${EPOCH + 1}`]);
    bench.ihave(a, ids(me, 4, 1, EPOCH + 1));
    expect([bench.delivered(), bench.core.stats()]).toMatchObject([[], { forged: 2, missing: 0 }]);
    bench.broadcast(2, EPOCH + 1);
    bench.broadcast(1, EPOCH + 5);
    expect([bench.said(), bench.core.stats().broadcast]).toEqual([[], 0]);
    bench.broadcast(1, EPOCH + 1);
    bench.broadcast(1, EPOCH + 1);
    expect(bench.core.stats().broadcast).toBe(1);
  });

  test("broadcasts of an earlier life are passed on, and not delivered", () => {
    const bench = new Bench({}, a, b);
    bench.gossip(a, me, 1, { epoch: EPOCH - 1 });
    expect([bench.delivered(), bench.said()]).toEqual([[], ["b gossip me1 r2"]]);
  });

  test("origins are bounded: the quietest goes with its holes, and comes back as unknown; the node itself stays", () => {
    const bench = new Bench({ limits: { originsMax: 3 } }, a);
    bench.broadcast(1);
    bench.gossip(a, peerId("o1"), 1);
    bench.gossip(a, peerId("o1"), 3);
    bench.nowMs += 1;
    bench.gossip(a, peerId("o2"), 1);
    bench.gossip(a, peerId("o3"), 1);
    expect([bench.delivered(), bench.core.stats().origins]).toEqual([["gap o1 2 to 2", "o31, 1 hops"], 3]);
    bench.gossip(a, peerId("o1"), 4);
    expect(bench.pass(6_000)).toContain("gap o1 ? to 3");
    for (let index = 4; index < 9; index += 1) bench.gossip(a, peerId(`o${index}`), 1);
    bench.broadcast(2);
    expect(bench.said()).toEqual(["a gossip me2 r1"]);
  });
});

describe("neighbours and bounds", () => {
  test("a link that comes up again begins again", () => {
    const bench = new Bench({}, a);
    bench.from(a, { type: "prune" });
    expect(bench.core.stats().eager).toBe(0);
    bench.step({ type: "link", peer: a, state: "down" });
    expect(bench.core.stats().neighbours).toBe(0);
    bench.broadcast(1);
    expect(bench.said()).toEqual([]);
    bench.step({ type: "link", peer: a, state: "up" });
    expect([bench.core.stats().eager, bench.pass(20)]).toEqual([1, ["a sync"]]);
    bench.step({ type: "link", peer: a, state: "up" }); // without a `down` in between
    expect(bench.pass(20)).toEqual(["a sync"]);
  });

  test("a peer that was removed, or that has no link, is ignored", () => {
    const bench = new Bench({}, a);
    bench.step({ type: "request", request: { type: "remove-peer", peer: a } });
    bench.gossip(a, a, 1);
    bench.gossip(c, a, 2);
    expect([bench.outputs, bench.core.stats().delivered]).toEqual([[], 0]);
    bench.step({ type: "request", request: { type: "add-peer", peer: a, eager: true } });
    bench.gossip(a, a, 1);
    expect(bench.core.stats().delivered).toBe(1);
  });

  test("strangers that speak become neighbours, up to a bound", () => {
    const bench = new Bench();
    for (let index = 0; index < NEIGHBOURS_MAX + 10; index += 1) {
      bench.step({ type: "link", peer: peerId(`s${index}`), state: "up" });
      bench.from(peerId(`s${index}`), { type: "prune" });
    }
    expect(bench.core.stats().neighbours).toBe(NEIGHBOURS_MAX);
  });

  test("announcements without end are ignored, and a peer is asked for 256 at a time", () => {
    const bench = new Bench({}, a);
    for (let frame = 0; frame < 3; frame += 1) bench.ihave(a, ids(c, 1 + frame * 8_192, 8_192));
    expect(bench.core.stats()).toMatchObject({ missing: 8_192, ignored: 2 * 8_192 });
    expect(bench.pass(300)).toEqual(["a graft c1+255"]);
    for (let counter = 1; counter <= 128; counter += 1) bench.gossip(a, c, counter);
    expect(bench.pass(0)).toEqual(["a graft c257+127"]);
  });

  test("limits that cannot work are refused, and names that are none", () => {
    for (const limits of [{ lazyMs: 0 }, { cacheMs: Number.NaN }, { cacheMs: "5" as unknown as number }]) {
      expect(() => new PlumtreeCore({ self: me, epoch: 1, limits })).toThrow(InvalidOptionError);
    }
    const misspelt = { graftMS: 5 } as object;
    expect(() => new PlumtreeCore({ self: me, epoch: 1, limits: misspelt })).toThrow(/graftMS.*graftMs/);
  });

  test("an input that does not concern it changes nothing", () => {
    const bench = new Bench({}, a);
    bench.step({ type: "checkpointed", upTo: lsn(1) });
    expect(bench.outputs).toEqual([]);
  });
});

describe("hostile neighbours", () => {
  /** Bytes of payloads that the last step sent. */
  const sentBytes = (bench: Bench): number =>
    bench.outputs.reduce((sum, output) => sum + (output.type === "send" && output.message.type === "gossip" ? output.message.payload.length : 0), 0);

  test("GRAFT is served within a budget of bytes, and everything is served in time", () => {
    const bench = new Bench({}, a, b);
    const large = new Uint8Array(65_536);
    for (let counter = 1; counter <= 200; counter += 1)
      bench.from(a, { type: "gossip", origin: c, epoch: 1, counter, round: 1, ageMs: 0, payload: large });
    for (let frame = 0; frame < 10; frame += 1) {
      bench.from(b, { type: "graft", link: false, runs: [ids(c, 1, 200)] });
      expect(sentBytes(bench)).toBeLessThanOrEqual(frame === 0 ? 4 * 1024 * 1024 : 0);
    }
    expect(bench.core.stats().dropped).toBeGreaterThan(900);
    const served = bench.pass(30_000).filter((said) => said.startsWith("b gossip"));
    expect(served.length).toBeGreaterThan(1_000 - 64);
    // The peer learns by digest of the questions that were dropped.
    expect(new Set(bench.pass(60_000))).toEqual(new Set(["b sync"]));
  });

  test("messages beyond a peer's budget are dropped, and its digest is asked for", () => {
    const bench = new Bench({}, a);
    const large = new Uint8Array(65_536);
    for (let counter = 1; counter <= 300; counter += 1)
      bench.from(a, { type: "gossip", origin: c, epoch: 1, counter, round: 1, ageMs: 0, payload: large });
    const { dropped, delivered } = bench.core.stats();
    expect([dropped + delivered, dropped > 40]).toEqual([300, true]);
    expect(bench.pass(1_000)).toEqual(["a sync"]);
  });

  test("announcements beyond a peer's budget are ignored", () => {
    const bench = new Bench({}, a);
    for (let frame = 0; frame < 9; frame += 1) bench.ihave(a, ids(c, 1, 8_192));
    expect(bench.core.stats().ignored).toBe(8_192);
    expect(bench.pass(1_000).at(-1)).toBe("a sync");
  });

  test("a peer that announces and does not deliver is asked last", () => {
    const bench = new Bench({}, a, b);
    for (let counter = 1; counter <= 16; counter += 1) {
      bench.ihave(a, ids(c, counter));
      bench.pass(30_000);
      bench.gossip(b, c, counter);
    }
    expect(bench.core.stats().struck).toBe(1);
    bench.ihave(a, ids(c, 17));
    bench.ihave(b, ids(c, 17));
    expect(bench.pass(20_000)[0]).toBe("b graft c17");
  });
});
