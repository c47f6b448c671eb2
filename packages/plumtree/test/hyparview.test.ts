import { type LinkState, type Output, type PeerId, peerId, SeededRandom } from "@void-system/effects";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DIALS_MAX, HyParView } from "../src/membership/hyparview.ts";
import { JOINS_BUDGET, SHUFFLES_BUDGET } from "../src/limits.ts";
import type { Contact, ReadRecord, ViewLimits } from "../src/membership/member.ts";
import { Step } from "../src/protocol/step.ts";
import { FULL_VIEW, type MembershipMessage, PARTIAL_VIEW, type PlumtreeDelivery, type PlumtreeMessage } from "../src/index.ts";

const EXPIRES_MS = 1_000_000;
const record = (name: string, expiresMs = EXPIRES_MS) => new TextEncoder().encode(`${name} ${expiresMs}`);
const readRecord: ReadRecord = (bytes, wallMs) => {
  const [name = "", expires = ""] = new TextDecoder().decode(bytes).split(" ");
  return name !== "forged" && Number(expires) > wallMs ? { name: peerId(name), address: `at ${name}`, expiresMs: Number(expires) } : undefined;
};
const nameOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes).split(" ")[0];

/** The views of one node "me", the time, and what the last call has put out. */
class Bench {
  readonly step = new Step();
  readonly up = new Set<PeerId>();
  readonly views: HyParView;
  readonly changes: string[] = [];
  nowMs = 1_000;
  outputs: readonly Output<PlumtreeMessage, never, PlumtreeDelivery>[] = [];

  constructor({ contacts = [], seed = 1, ...limits }: Partial<ViewLimits> & { contacts?: readonly Contact[]; seed?: number } = {}) {
    this.views = new HyParView({
      self: peerId("me"), step: this.step, up: this.up, random: new SeededRandom(seed), limits: { ...PARTIAL_VIEW, ...limits },
      record: record("me"), readRecord, contacts,
      entered: (peer) => void this.changes.push(`+${peer}`),
      left: (peer) => void this.changes.push(`-${peer}`),
    });
    this.do(() => this.views.start());
  }

  do(act: () => void): void {
    this.step.begin({ wallMs: this.nowMs, monotonicMs: this.nowMs });
    act();
    this.outputs = this.step.end();
  }

  link(peer: string, state: LinkState): this {
    if (state === "up") this.up.add(peerId(peer));
    if (state === "down") this.up.delete(peerId(peer));
    this.do(() => this.views.link(peerId(peer), state));
    return this;
  }

  from(peer: string, message: MembershipMessage): this {
    this.do(() => {
      this.views.heard(peerId(peer));
      this.views.receive(peerId(peer), message);
    });
    return this;
  }

  /** Lets a peer link and ask for a place. */
  ask(peer: string, isHigh = true): this {
    return this.link(peer, "up").from(peer, { type: "neighbor", isHigh, record: record(peer) });
  }

  /** Remembers peers, by a SHUFFLE of an active one. */
  tell(by: string, ...names: string[]): this {
    return this.from(by, { type: "shuffle", links: 0, path: [peerId(by)], records: names.map((name) => record(name)) });
  }

  pass(ms: number): this {
    this.nowMs += ms;
    this.do(() => {
      this.step.fired();
      this.views.due();
    });
    return this;
  }

  /** Messages, dials and hang-ups of the last call. */
  get said(): string[] {
    return this.outputs.flatMap((output) => {
      if (output.type === "dial") return [`dial ${output.peer} ${output.address}`];
      if (output.type === "hang-up") return [`hang up ${output.peer}`];
      return output.type === "send" ? [`${output.to} ${shown(output.message)}`] : [];
    });
  }
}

function shown(message: PlumtreeMessage): string {
  switch (message.type) {
    case "neighbor":
      return `neighbor ${message.isHigh ? "high" : "low"}`;
    case "neighbor-reply":
      return message.isAccepted ? "accepted" : "refused";
    case "forward-join":
      return `forward ${nameOf(message.record)} ${message.links}`;
    case "shuffle":
    case "shuffle-reply":
      return `${message.type} [${message.path.join()}]`;
    default:
      return message.type;
  }
}

const accept = (...names: string[]): MembershipMessage => ({ type: "neighbor-reply", isAccepted: true, records: names.map((name) => record(name)) });
const refuse = (...names: string[]): MembershipMessage => ({ type: "neighbor-reply", isAccepted: false, records: names.map((name) => record(name)) });
const c = { name: peerId("c"), address: "at c" };

describe("joining", () => {
  test("dials a contact, and takes it in only after its answer", () => {
    const bench = new Bench({ contacts: [c] });
    expect(bench.said).toEqual(["dial c at c"]);
    expect(bench.link("c", "up").said).toEqual(["c join"]);
    expect(bench.views.active).toEqual([]);
    bench.from("c", accept("c", "x", "y"));
    expect([bench.views.active, bench.changes]).toEqual([["c"], ["+c"]]);
    // Others come that have heard of it. Only then it looks for more.
    expect(bench.said).toEqual([]);
    expect(bench.pass(1_000).said.filter((text) => text.startsWith("dial")).toSorted()).toEqual(["dial x at x", "dial y at y"]);
  });

  test("tries contacts again while it is alone", () => {
    const bench = new Bench({ contacts: [c] });
    expect(bench.link("c", "failed").said).toEqual([]);
    expect(bench.pass(PARTIAL_VIEW.repairMs).said).toEqual(["dial c at c"]);
  });

  test("a new node gets a place, and its record walks from two others, or in full view from all", () => {
    const bench = new Bench().ask("a").ask("b").ask("d");
    bench.link("n", "up").from("n", { type: "join", record: record("n") });
    expect([bench.said, bench.views.active]).toEqual([["n accepted", "a forward n 6", "b forward n 6"], ["a", "b", "d", "n"]]);
    const full = new Bench(FULL_VIEW).ask("a").ask("b").ask("d");
    full.link("n", "up").from("n", { type: "join", record: record("n") });
    expect(full.said).toEqual(["n accepted", "a forward n 0", "b forward n 0", "d forward n 0"]);
  });

  test("a walking record is remembered on its way, and its end dials", () => {
    const bench = new Bench().ask("a").ask("b");
    bench.from("a", { type: "forward-join", links: 6, record: record("n") });
    expect([bench.said, bench.views.passive]).toEqual([["b forward n 5"], []]);
    bench.from("a", { type: "forward-join", links: 3, record: record("n") });
    expect([bench.said, bench.views.passive]).toEqual([["b forward n 2"], ["n"]]);
    bench.from("a", { type: "forward-join", links: 0, record: record("m") });
    expect(bench.said).toEqual(["dial m at m"]);
    expect(bench.link("m", "up").said).toEqual(["m neighbor high"]);
    bench.from("stranger", { type: "forward-join", links: 0, record: record("o") });
    expect(bench.said).toEqual([]);
  });
});

describe("the active view", () => {
  test("is bounded: a low question is refused, and a high one takes the place of another", () => {
    const bench = new Bench({ activeMax: 2 }).ask("a").ask("b");
    expect([bench.ask("x", false).said, bench.views.active]).toEqual([["x refused"], ["a", "b"]]);
    bench.ask("y");
    const victim = bench.views.active.includes(peerId("a")) ? "b" : "a";
    expect(bench.said).toEqual([`${victim} disconnect`, "y accepted"]);
    expect(bench.changes).toEqual(["+a", "+b", `-${victim}`, "+y"]);
    expect(bench.views.passive.toSorted()).toEqual([victim, "x"]);
  });

  test("a peer that has to go hears who has come instead, and asks that one for a place", () => {
    const bench = new Bench().ask("a").ask("b").ask("d");
    bench.from("a", { type: "disconnect", records: [record("n")] });
    expect(bench.said).toEqual(["hang up a", "dial n at n"]);
    expect(bench.link("n", "up").said).toEqual(["n neighbor low"]);
    bench.from("stranger", { type: "disconnect", records: [record("x")] });
    expect(bench.said).toEqual(["hang up stranger"]);
  });

  test("the peer that was let go hangs up; this node does after 5 s", () => {
    const bench = new Bench({ activeMax: 1 }).ask("a");
    expect(bench.from("a", { type: "disconnect", records: [] }).said).toEqual(["hang up a"]);
    const other = new Bench({ activeMax: 1 }).ask("a").ask("b");
    expect(other.pass(4_999).said).not.toContain("hang up a");
    expect(other.pass(1).said).toContain("hang up a");
  });

  test("what is lost is replaced from the passive view, two dials for a place, and a failure brings the next", () => {
    const bench = new Bench({ activeMax: 3 }).ask("a").ask("b").ask("d").tell("a", "p", "q", "r");
    expect(bench.said).toEqual(["a shuffle-reply []"]);
    bench.link("b", "down");
    const dialed = bench.said;
    expect(dialed).toHaveLength(2);
    const [first = "", second = ""] = dialed.map((text) => text.split(" ")[1]);
    bench.link(first, "failed");
    expect(bench.said).toHaveLength(1);
    expect(bench.link(second, "up").said).toEqual([`${second} neighbor low`]);
    bench.from(second, accept(second));
    expect(bench.views.active.toSorted()).toEqual(["a", "d", second].toSorted());
    // The link that came up too late is given back.
    const third = ["p", "q", "r"].find((name) => name !== first && name !== second)!;
    expect(bench.link(third, "up").said).toEqual([`hang up ${third}`]);
  });

  test("a node that has few neighbours asks with high priority, and dials five at a time", () => {
    const bench = new Bench().ask("a").tell("a", ..."pqrstu");
    const dialed = bench.said.filter((text) => text.startsWith("dial"));
    expect(dialed).toHaveLength(DIALS_MAX);
    const first = dialed[0]!.split(" ")[1]!;
    expect(bench.link(first, "up").said).toEqual([`${first} neighbor high`]);
  });

  test("one that refuses is not asked again before a pause, and its records are taken", () => {
    const bench = new Bench({ activeMax: 3 }).ask("a").ask("b").tell("a", "p");
    bench.link("p", "up").from("p", refuse("p", "q"));
    expect(bench.said.toSorted()).toEqual(["dial q at q", "hang up p"]);
    bench.link("p", "down").link("q", "failed");
    expect(bench.said).toEqual([]);
    expect(bench.pass(PARTIAL_VIEW.repairMs).said).toEqual(["dial p at p"]);
  });

  test("a peer that answers no more is asked, then dropped, then dialed again", () => {
    const bench = new Bench({ activeMax: 1 }).ask("a");
    bench.pass(15_000);
    expect(bench.said).toContain("a neighbor low");
    bench.pass(15_000);
    expect(bench.said.filter((text) => !text.includes("shuffle"))).toEqual(["hang up a"]);
    expect([bench.views.active, bench.changes]).toEqual([[], ["+a", "-a"]]);
    expect(bench.link("a", "down").said).toEqual(["dial a at a"]);
    bench.link("a", "failed");
    expect(bench.pass(PARTIAL_VIEW.repairMs).said).toEqual(["dial a at a"]);
  });

  test("a peer that answers stays", () => {
    const bench = new Bench({ activeMax: 1 }).ask("a");
    for (let count = 0; count < 10; count += 1) bench.pass(15_000).from("a", accept("a"));
    expect(bench.views.active).toEqual(["a"]);
  });

  test("a lost peer is dialed again also by a node that has enough neighbours, so that a partition heals", () => {
    const bench = new Bench({ activeMax: 2 }).ask("a").ask("b").link("a", "down").ask("x", false);
    expect(bench.views.active).toEqual(["b", "x"]);
    bench.pass(15_000);
    expect(bench.said).toContain("dial a at a");
    expect(bench.link("a", "up").said).toEqual(["a neighbor high"]);
  });
});

describe("records", () => {
  test("of another name, expired, or refused by the reader: the link is hung up, and it is counted", () => {
    const bench = new Bench().link("a", "up");
    for (const bad of [record("b"), record("a", 1), record("forged")])
      expect(bench.from("a", { type: "neighbor", isHigh: true, record: bad }).said).toEqual(["hang up a"]);
    expect(bench.views.stats()).toMatchObject({ active: 0, refusedRecords: 3 });
  });

  test("that expire leave both views", () => {
    const bench = new Bench({ activeMax: 1 });
    bench.link("a", "up").from("a", { type: "neighbor", isHigh: true, record: record("a", 2_000) }).tell("a", "p");
    expect(bench.pass(15_000).said).toContain("a disconnect");
    expect([bench.views.active, bench.views.passive]).toEqual([[], ["p"]]);
  });

  test("this node's own is sent to its neighbours when it is renewed", () => {
    const bench = new Bench().ask("a");
    bench.do(() => bench.views.renew(record("me", 2_000_000)));
    expect(bench.said).toEqual(["a neighbor low"]);
  });
});

describe("SHUFFLE", () => {
  test("walks, and its answer takes the way back", () => {
    const [x] = [peerId("x")];
    const bench = new Bench({ activeMax: 2 }).ask("a").ask("b");
    bench.from("a", { type: "shuffle", links: 5, path: [x, peerId("a")], records: [record("x")] });
    expect(bench.said).toEqual(["b shuffle [x,a,me]"]);
    bench.from("b", { type: "shuffle-reply", path: [x, peerId("a")], records: [record("p")] });
    expect([bench.said, bench.views.passive]).toEqual([["a shuffle-reply [x]"], []]);
    bench.from("a", { type: "shuffle", links: 0, path: [x, peerId("a")], records: [record("x")] });
    expect([bench.said, bench.views.passive]).toEqual([["a shuffle-reply [x]"], ["x"]]);
    // An answer is taken once, and only from where the SHUFFLE went, for the way that it has come.
    for (const path of [[x, peerId("a")], [x], []])
      expect(bench.from("b", { type: "shuffle-reply", path, records: [record("q")] }).said).toEqual([]);
    expect(bench.views.passive).toEqual(["x"]);
    for (const path of [[x], [peerId("me"), peerId("a")]])
      expect(bench.from("a", { type: "shuffle", links: 0, path, records: [record("y")] }).said).toEqual([]);
    expect(bench.from("x", { type: "shuffle", links: 0, path: [x], records: [record("y")] }).said).toEqual([]);
  });

  test("begins a second after the start, and later every 5 to 15 s", () => {
    const bench = new Bench({ activeMax: 1 }).ask("a");
    let shuffles = 0;
    for (let second = 0; second < 1_000; second += 1) {
      if (bench.pass(1_000).said.includes("a shuffle [me]")) shuffles += 1;
      bench.from("a", accept("a"));
    }
    expect(shuffles).toBeGreaterThan(80);
    expect(shuffles).toBeLessThan(120);
  });
});

test("a neighbour that sends records without end is not read for long, and others are still let in", () => {
  const bench = new Bench().ask("a");
  for (let count = 0; count < 3_000; count += 1) bench.from("a", { type: "forward-join", links: 0, record: record("p") });
  expect(bench.views.stats().refusedRecords).toBe(3_000 - 2_048);
  expect(bench.ask("b").said).toContain("b accepted");
  bench.pass(1_000).tell("a", "s");
  expect(bench.views.passive).toContain("s");
});

test("a neighbour that sends SHUFFLEs without end is answered few times, and those of others still are", () => {
  const bench = new Bench().ask("a").ask("b");
  let answered = 0;
  for (let count = 0; count < 1_000; count += 1) answered += bench.tell("a", "p").said.filter((text) => text === "a shuffle-reply []").length;
  expect(answered).toBe(SHUFFLES_BUDGET.burst);
  expect(bench.tell("b", "q").said).toContain("b shuffle-reply []");
  expect(bench.pass(1_000).tell("a", "p").said).toContain("a shuffle-reply []");
});

test("a neighbour that ends walks here without end gets few dials, also where they fail at once", () => {
  const bench = new Bench().ask("a");
  for (let count = 0; count < 1_000; count += 1)
    bench.from("a", { type: "forward-join", links: 0, record: record("p") }).link("p", "failed");
  expect(bench.views.stats().dials).toBe(JOINS_BUDGET.burst);
});

test("links that nobody has asked for are hung up after 10 s, or at once if there are too many", () => {
  const bench = new Bench();
  for (let index = 0; index < 64; index += 1) expect(bench.link(`s${index}`, "up").said).toEqual([]);
  expect(bench.link("s64", "up").said).toEqual(["hang up s64"]);
  expect(bench.pass(10_000).said.filter((text) => text.startsWith("hang up"))).toHaveLength(64);
});

test("whatever happens, the views are bounded and disjoint, this node is in neither, and each change is reported", () => {
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  const name = fc.constantFrom("me", ...names);
  const records = fc.array(name.map((one) => record(one)), { minLength: 1, maxLength: 8 });
  const path = fc.array(name.map(peerId), { minLength: 1, maxLength: 6 });
  const links = fc.nat({ max: 6 });
  const own = fc.option(name, { nil: undefined });
  const message: fc.Arbitrary<(from: string) => MembershipMessage> = fc.oneof(
    own.map((other) => (from: string) => ({ type: "join" as const, record: record(other ?? from) })),
    fc.tuple(own, fc.boolean()).map(([other, isHigh]) => (from: string) => ({ type: "neighbor" as const, isHigh, record: record(other ?? from) })),
    fc.tuple(records, fc.boolean()).map(([all, isAccepted]) => (from: string) => ({ type: "neighbor-reply" as const, isAccepted, records: [record(from), ...all] })),
    fc.tuple(name, links).map(([other, left]) => () => ({ type: "forward-join" as const, links: left, record: record(other) })),
    fc.array(name.map((one) => record(one)), { maxLength: 1 }).map((all) => () => ({ type: "disconnect" as const, records: all })),
    fc.tuple(path, links, records).map(([way, left, all]) => (from: string) => ({ type: "shuffle" as const, links: left, path: [...way, peerId(from)], records: all })),
    fc.tuple(path, records).map(([way, all]) => () => ({ type: "shuffle-reply" as const, path: way, records: all })),
  );
  const event = fc.oneof(
    fc.tuple(fc.constantFrom(...names), message),
    fc.tuple(fc.constantFrom(...names), fc.constantFrom<LinkState>("up", "down", "failed", "writable")),
    fc.nat({ max: 20_000 }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (events, activeMax) => {
      const bench = new Bench({ activeMax, passiveMax: 4, contacts: [{ name: peerId("n0"), address: "at n0" }] });
      for (const one of events) {
        if (typeof one === "number") bench.pass(one);
        else if (typeof one[1] === "string") bench.link(one[0], one[1]);
        else if (bench.up.has(peerId(one[0]))) bench.from(one[0], one[1](one[0]));
        const { active, passive } = bench.views;
        expect(active.length).toBeLessThanOrEqual(activeMax);
        expect(passive.length).toBeLessThanOrEqual(4);
        expect(active.filter((peer) => passive.includes(peer) || peer === "me" || !bench.up.has(peer))).toEqual([]);
        expect(passive).not.toContain("me");
        const reported = new Set<string>();
        for (const change of bench.changes) reported[change.startsWith("+") ? "add" : "delete"](change.slice(1));
        expect([...reported].toSorted()).toEqual(active.toSorted());
      }
    }),
    { numRuns: 300 },
  );
});
