import { digest, ed25519, generateKey, requestStatement, verifyCommitProof } from "@void-system/crypto";
import { peerId, verified, type Output } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import {
  ClientCore,
  configuration,
  HintReason,
  ReplyStatus,
  SESSION_WINDOW,
  type ClientDelivery,
  type ClientTuning,
  type Hint,
  type Message,
  type Ports,
  type Request,
} from "../../src/index.ts";
import { encodeQuestion, Fate } from "../../src/codec/question.ts";
import { signExecuted } from "../../src/codec/signed.ts";
import { testPorts } from "../support/cluster.ts";
import { cluster, replicaOf, reply, results } from "../support/messages.ts";

type Given = Parameters<typeof results>[1][number];

type Out = Output<Message, never, ClientDelivery>;
const self = peerId("c0");

/** A client and the clock that it is told. */
class Desk {
  readonly core: ClientCore;
  readonly outputs: Out[] = [];
  readonly requests = new Map<number, Request>();
  ms = 0;

  constructor(tuning: Partial<ClientTuning> = {}, name = "c0", ports: Pick<Ports, "sign" | "digest"> = testPorts(name)) {
    this.core = new ClientCore({ cluster, self: peerId(name), ports, tuning });
    this.core.start(true, this.now);
  }

  get now(): { wallMs: number; monotonicMs: number } {
    return { wallMs: 1_000 + this.ms, monotonicMs: this.ms };
  }

  take(outputs: readonly Out[]): readonly Out[] {
    this.outputs.push(...outputs);
    for (const output of outputs)
      if (output.type === "send" && output.message.type === "request") this.requests.set(output.message.number, output.message);
    return outputs;
  }

  submit(ticket: number, isProven = false): { number: number; to: readonly string[] } {
    const outputs = this.take(
      this.core.step({ type: "request", request: { ticket, operation: Uint8Array.of(ticket), isProven } }, this.now),
    );
    return sent(outputs)[0]!;
  }

  /** A replica answers what this client has asked under the number, or what it was told was asked. */
  reply(replica: number, given: Given | Hint, view = 0, client = self): readonly Out[] {
    if ("type" in given) return this.hear(replica, given);
    const asked = this.requests.get(given.number);
    const of = asked === undefined ? {} : { request: digest(requestStatement(cluster, asked)) };
    return this.hear(replica, reply(replica, client, [{ ...of, ...given }], view));
  }

  hear(replica: number, message: Message): readonly Out[] {
    return this.take(this.core.step({ type: "message", from: peerId(`r${replica}`), message: verified(message) }, this.now));
  }

  timer(ms: number): readonly Out[] {
    this.ms = ms;
    return this.take(this.core.step({ type: "timer", name: "retry" }, this.now));
  }
}

const sent = (outputs: readonly Out[]): { number: number; to: readonly string[] }[] =>
  outputs.flatMap((output) =>
    output.type === "send" && output.message.type === "request"
      ? [{ number: output.message.number, to: typeof output.to === "string" ? [output.to] : output.to }]
      : [],
  );
const outcomes = (outputs: readonly Out[]): unknown[] =>
  outputs.flatMap((output) => (output.type === "deliver" && output.value.type === "outcome" ? [output.value] : []));
const ok = (number: number, ...bytes: number[]): Given => ({
  number,
  status: ReplyStatus.ok,
  result: Uint8Array.from(bytes),
});
const hint = (reason: HintReason, number: number, highest: number, agreedMs = 1_000): Hint => ({
  type: "hint",
  view: 0,
  client: self,
  number,
  reason,
  agreedMs,
  highest,
});
const stale = (number: number, highest: number): Hint => hint(HintReason.stale, number, highest);

describe("the client", () => {
  test("believes a result that f+1 replicas have signed, and no sooner", () => {
    const desk = new Desk();
    const { number, to } = desk.submit(7);
    expect(to).toEqual(["r0"]);
    expect(outcomes(desk.reply(3, ok(number, 66)))).toEqual([]);
    expect(outcomes(desk.reply(3, ok(number, 66)))).toEqual([]);
    expect(outcomes(desk.reply(1, ok(number, 1)))).toEqual([]);
    expect(outcomes(desk.reply(2, ok(number, 1)))).toEqual([
      { type: "outcome", ticket: 7, outcome: { type: "ok", result: Uint8Array.of(1) } },
    ]);
    expect(outcomes(desk.reply(0, ok(number, 1)))).toEqual([]);
  });

  test("believes f+1 only if they name one batch: its place, its time and its digest, whatever root they have", () => {
    for (const other of [
      { sequence: 2 },
      { time: { physicalMs: 1_001, logical: 0, proposer: 0 } },
      { time: { physicalMs: 1_000, logical: 1, proposer: 0 } },
      { time: { physicalMs: 1_000, logical: 0, proposer: 1 } },
      { batch: digest(Uint8Array.of(9)) },
    ]) {
      const desk = new Desk();
      const { number } = desk.submit(1);
      const request = digest(requestStatement(cluster, desk.requests.get(number)!));
      const honest = reply(0, self, [{ request, ...ok(number, 1) }]);
      const executed = { ...honest.executed, ...other };
      desk.hear(0, honest);
      expect(outcomes(desk.hear(1, { ...honest, sender: 1, executed, signature: signExecuted(replicaOf(1), executed) }))).toEqual([]);
      expect(outcomes(desk.hear(2, { ...reply(2, self, [{ request, ...ok(number, 1) }]) }))).toHaveLength(1);
    }
  });

  test("takes no hint from anybody but the replicas", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    const forgotten = hint(HintReason.forgotten, number, number);
    desk.take(desk.core.step({ type: "message", from: peerId("c9"), message: verified(forgotten) }, desk.now));
    expect(outcomes(desk.hear(1, forgotten))).toEqual([]);
    expect(outcomes(desk.hear(2, forgotten))).toHaveLength(1);
  });

  test("numbers a request again within the time that it was first given", () => {
    const desk = new Desk({ timeoutMs: 1_000 });
    const { number } = desk.submit(1);
    const { notAfterMs } = desk.requests.get(number)!;
    desk.ms = 400;
    for (const replica of [0, 1, 2]) desk.hear(replica, hint(HintReason.stale, number, number + 5, 1_400));
    expect(desk.requests.get(number + 6)?.notAfterMs).toBe(notAfterMs);
  });

  test("does not count the same status with another result, nor a reply to somebody else", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    desk.reply(0, ok(number, 1));
    expect(outcomes(desk.reply(1, { number, status: ReplyStatus.failed, result: Uint8Array.of(1) }))).toEqual([]);
    expect(outcomes(desk.reply(2, ok(number, 1), 0, peerId("c1")))).toEqual([]);
  });

  test("tries the primary, then all, ever more slowly, then asks what came of it, and gives up as unknown", () => {
    const desk = new Desk({ retryMs: 100, timeoutMs: 1_000 });
    const { number } = desk.submit(1);
    expect(sent(desk.timer(100))).toEqual([{ number, to: ["r0", "r1", "r2", "r3"] }]);
    expect(sent(desk.timer(200))).toEqual([]);
    expect(sent(desk.timer(300))).toHaveLength(1);
    desk.reply(1, ok(number, 1));
    expect(outcomes(desk.timer(1_000))).toEqual([]);
    expect(outcomes(desk.timer(2_000))).toEqual([
      { type: "outcome", ticket: 1, outcome: { type: "unknown", code: "no-quorum", replies: 1, notAfterMs: 2_000 } },
    ]);
    expect(outcomes(desk.reply(2, ok(number, 1)))).toEqual([]);
  });

  test("follows the primary when f+1 replicas tell of a later view, not when one does", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    desk.reply(3, ok(number, 1), 1_000_000);
    expect(desk.core.primary).toBe("r0");
    desk.reply(1, ok(number, 1), 2);
    expect(desk.core.primary).toBe("r2");
  });

  test("counts a view for the peer of its link, for nobody signs it", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    // One replica hands over the replies of two others, with a view of its own.
    for (const sender of [0, 1]) {
      const replayed = reply(sender, self, [ok(number, sender)], 2);
      desk.take(desk.core.step({ type: "message", from: peerId("r3"), message: verified(replayed) }, desk.now));
    }
    expect(desk.core.primary).toBe("r0");
  });

  test("a client whose clock went back numbers again, once a quorum refuses its number", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    desk.reply(0, stale(number, number + 5_000));
    expect(sent(desk.reply(1, stale(number, number + 6_000)))).toEqual([]);
    const [again] = sent(desk.reply(2, stale(number, number + 7_000)));
    expect(again!.number).toBe(number + 6_001);
    desk.reply(0, ok(again!.number, 9));
    expect(outcomes(desk.reply(1, ok(again!.number, 9)))).toHaveLength(1);
  });

  test("does not repeat what may have been executed before its own numbers jumped", () => {
    const desk = new Desk();
    const first = desk.submit(1);
    const second = desk.submit(2);
    for (const replica of [0, 1]) desk.reply(replica, stale(first.number, first.number + 5_000));
    expect(sent(desk.reply(2, stale(first.number, first.number + 5_000)))).toHaveLength(1);
    // The second was within the window when it came; the renumbered first has moved the window past it.
    for (const replica of [0, 1]) desk.reply(replica, stale(second.number, first.number + 5_001));
    const outputs = desk.reply(2, stale(second.number, first.number + 5_001));
    expect(sent(outputs)).toEqual([]);
    expect(outcomes(outputs)).toEqual([{ type: "outcome", ticket: 2, outcome: { type: "unknown", code: "no-quorum", replies: 3, notAfterMs: 11_000 } }]);
  });

  test("a liar cannot drive its numbers up, nor hold them down", () => {
    for (const [liar, told] of [[3, 2 ** 53 - 1], [3, 0]] as const) {
      const desk = new Desk();
      const { number } = desk.submit(1);
      desk.reply(liar, stale(number, told));
      desk.reply(1, stale(number, number + 10));
      const [again] = sent(desk.reply(2, stale(number, number + 10)));
      expect(again!.number).toBe(number + 11);
    }
  });

  test("a number far above this machine's clock is followed: the clock may have been set back by hours", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    const hours = 5 * 3_600_000_000;
    for (const replica of [0, 1]) desk.reply(replica, stale(number, number + hours));
    expect(sent(desk.reply(2, stale(number, number + hours)))[0]!.number).toBe(number + hours + 1);
  });

  test("a request that is ahead is not numbered again, but the next one goes on from the cluster's time", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    const ahead = (agreedMs: number, highest: number): Hint => hint(HintReason.ahead, number, highest, agreedMs);
    desk.reply(3, ahead(2 ** 53 - 1, 2 ** 53 - 1));
    desk.reply(1, ahead(700, 12));
    const outputs = desk.reply(2, ahead(700, 12));
    expect(sent(outputs)).toEqual([]);
    expect(outcomes(outputs)).toMatchObject([{ outcome: { type: "unknown", code: "ahead" } }]);
    expect(desk.submit(2).number).toBe(700_001);
  });

  test("keeps its numbers within the session window, whatever finishes first", () => {
    const desk = new Desk({ windowMax: 2 });
    const first = desk.submit(1).number;
    let last = first;
    for (let ticket = 2; ticket < 514; ticket += 1) {
      const found = desk.submit(ticket);
      if (found === undefined) break;
      last = found.number;
      desk.reply(0, ok(last));
      desk.reply(1, ok(last));
    }
    expect(last).toBe(first + 511);
    const waited = desk.reply(0, ok(first)).concat(desk.reply(1, ok(first)));
    expect(sent(waited)).toHaveLength(1);
  });

  test("hands what is for the replica on its own node to the program", () => {
    const desk = new Desk({ retryMs: 10 }, "r0");
    desk.submit(1);
    expect(desk.outputs.some((output) => output.type === "deliver" && output.value.type === "request")).toBe(true);
    desk.outputs.length = 0;
    desk.timer(10);
    expect(sent(desk.outputs)[0]!.to).toEqual(["r1", "r2", "r3"]);
  });

  test("a result that is forgotten is said to be so by f+1, and a hint counts for its link's peer alone", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    expect(outcomes(desk.reply(3, hint(HintReason.forgotten, number, number)))).toEqual([]);
    expect(outcomes(desk.reply(3, hint(HintReason.forgotten, number, number)))).toEqual([]);
    expect(outcomes(desk.reply(1, { ...hint(HintReason.forgotten, number, number), client: peerId("c1") }))).toEqual([]);
    expect(outcomes(desk.reply(1, hint(HintReason.forgotten, number, number)))).toMatchObject([{ outcome: { type: "forgotten" } }]);
  });

  test("another life's result under its number is not taken for its own: it asks again, above what that life has used", () => {
    const desk = new Desk();
    const { number } = desk.submit(1);
    const ann = { ...ok(number, 65), request: digest(new TextEncoder().encode("pay Ann")) };
    desk.reply(0, ann);
    const outputs = desk.reply(1, ann);
    expect(outcomes(outputs)).toEqual([]);
    const [again] = sent(outputs);
    expect(again!.number).toBe(number + SESSION_WINDOW + 1);
    desk.reply(0, ok(again!.number, 66));
    expect(outcomes(desk.reply(1, ok(again!.number, 66)))).toMatchObject([{ outcome: { type: "ok", result: Uint8Array.of(66) } }]);
  });

  test("a client whose numbers are always taken is refused", () => {
    const desk = new Desk();
    let { number } = desk.submit(1);
    const taken = (): readonly Out[] => {
      const other = { ...ok(number, 65), request: new Uint8Array(32) };
      return desk.reply(0, other).concat(desk.reply(1, other));
    };
    for (let round = 0; round < 3; round += 1) number = sent(taken())[0]!.number;
    expect(outcomes(taken())).toMatchObject([{ outcome: { type: "refused", code: "number-taken" } }]);
  });

  test("a proof of f+1 real signatures holds for anyone, of a result and of a failure", () => {
    const signers = cluster.replicas.map(() => ed25519.signer(generateKey("ed25519")));
    const known = { ...cluster, replicas: signers.map(({ publicKey }) => ed25519.loadPublicKey(publicKey)) };
    for (const status of [ReplyStatus.ok, ReplyStatus.failed]) {
      const desk = new Desk();
      const { number } = desk.submit(7, true);
      const request = digest(requestStatement(cluster, desk.requests.get(number)!));
      // Two others have requests in the batch, too.
      const others = [1, 2].map((other) => ({ number: number + other, status, result: Uint8Array.of(other) }));
      const answered = results(self, [others[0]!, { number, status, result: Uint8Array.of(79, 75), request }, others[1]!], 9);
      const say = (sender: number) => {
        const signature = signExecuted({ cluster, index: sender, ports: signers[sender]! }, answered.executed);
        return desk.hear(sender, { type: "reply", view: 0, client: self, ...answered, sender, signature });
      };
      expect(outcomes(say(3))).toEqual([]);
      const [delivered] = outcomes(say(1)) as { outcome: { type: string; proof: Uint8Array } }[];
      expect(delivered?.outcome.type).toBe(status === ReplyStatus.ok ? "ok" : "failed");
      expect(verifyCommitProof(delivered!.outcome.proof, known)).toMatchObject({
        valid: true, client: self, number, operation: Uint8Array.of(7), status, result: Uint8Array.of(79, 75), sequence: 9, timeMs: 1_000,
      });
    }
  });
});

describe("a request whose time is over", () => {
  const fate = (desk: Desk, question: number, said: Fate, atMs: number): readonly Out[] => {
    const request = digest(requestStatement(cluster, desk.requests.get(question)!));
    const given = results(self, [{ number: question, status: ReplyStatus.ok, result: Uint8Array.of(said), request }], 7);
    const answered = { ...given, executed: { ...given.executed, time: { physicalMs: atMs, logical: 0, proposer: 0 } } };
    return [0, 2].flatMap((sender) => {
      const signature = signExecuted(replicaOf(sender), answered.executed);
      return desk.hear(sender, { type: "reply", view: 0, client: self, ...answered, sender, signature });
    });
  };
  /** A client with a request that nobody has answered in its time, and the number of its question. */
  const overdue = (): { desk: Desk; number: number; question: number } => {
    const desk = new Desk({ retryMs: 100, timeoutMs: 1_000 });
    const { number } = desk.submit(1);
    const question = sent(desk.timer(1_000)).find((request) => request.number !== number)!.number;
    return { desk, number, question };
  };

  test("says until when it may be executed, which numbers are settled, and whether a proof is wanted", () => {
    const desk = new Desk({ timeoutMs: 1_000 });
    const first = desk.submit(1);
    desk.ms = 10;
    const second = desk.submit(2, true);
    expect(desk.requests.get(first.number)).toMatchObject({ machine: 0, isProven: false, notAfterMs: 2_000, lowest: first.number });
    expect(desk.requests.get(second.number)).toMatchObject({ isProven: true, notAfterMs: 2_010, lowest: first.number });
    for (const replica of [0, 1]) desk.reply(replica, ok(first.number, 1));
    expect(desk.requests.get(desk.submit(3).number)).toMatchObject({ lowest: second.number });
  });

  test("is asked about by an empty request of its session, which keeps its own result wanted", () => {
    const { desk, number, question } = overdue();
    expect(desk.requests.get(question)).toMatchObject({ machine: 255, operation: encodeQuestion(number), lowest: number, notAfterMs: 3_000 });
  });

  test("was never executed, if f+1 say so of a time behind it, and is asked about again if it is an earlier time", () => {
    const { desk, question } = overdue();
    expect(outcomes(fate(desk, question, Fate.never, 2_000))).toEqual([]);
    const again = sent(desk.timer(1_200))[0]!.number;
    expect(desk.requests.get(again)).toMatchObject({ machine: 255 });
    expect(outcomes(fate(desk, again, Fate.never, 2_001))).toMatchObject([{ ticket: 1, outcome: { type: "refused", code: "expired" } }]);
    expect(outcomes(desk.timer(10_000))).toEqual([]);
  });

  test("is asked for its result if it was executed", () => {
    const { desk, number, question } = overdue();
    const outputs = fate(desk, question, Fate.executed, 1_500);
    expect(outcomes(outputs)).toEqual([]);
    expect(sent(outputs)).toEqual([{ number, to: ["r0", "r1", "r2", "r3"] }]);
    desk.reply(0, ok(number, 5));
    expect(outcomes(desk.reply(1, ok(number, 5)))).toMatchObject([{ ticket: 1, outcome: { type: "ok" } }]);
  });

  test("stays unknown when the sessions no longer know, or when nobody answers", () => {
    const { desk, question } = overdue();
    expect(outcomes(fate(desk, question, Fate.gone, 2_001))).toMatchObject([{ outcome: { type: "unknown", notAfterMs: 2_000 } }]);
    const silent = overdue().desk;
    expect(outcomes(silent.timer(2_000))).toMatchObject([{ outcome: { type: "unknown", code: "no-quorum", notAfterMs: 2_000 } }]);
    expect(silent.outputs.filter(({ type }) => type === "timer").length).toBeLessThan(10);
  });

  test("one replica's word about a fate, or about its time, ends nothing", () => {
    const { desk, number, question } = overdue();
    const request = digest(requestStatement(cluster, desk.requests.get(question)!));
    expect(outcomes(desk.reply(3, { number: question, status: ReplyStatus.ok, result: Uint8Array.of(Fate.never), request }))).toEqual([]);
    expect(outcomes(desk.reply(3, hint(HintReason.expired, number, 0, 2_001)))).toEqual([]);
    expect(outcomes(desk.reply(1, hint(HintReason.expired, number, 0, 2_001)))).toMatchObject([{ outcome: { type: "refused", code: "expired" } }]);
  });

  test("a client whose clock is behind goes on with the agreed time that f+1 tell", () => {
    const desk = new Desk({ timeoutMs: 1_000 });
    const { number } = desk.submit(1);
    desk.reply(3, hint(HintReason.expired, number, 0, 2 ** 50));
    const [again] = sent(desk.reply(1, hint(HintReason.expired, number, 0, 90_000)));
    expect(desk.requests.get(again!.number)).toMatchObject({ notAfterMs: 91_000 });
    desk.ms = 500;
    expect(desk.requests.get(desk.submit(2).number)).toMatchObject({ notAfterMs: 91_500 });
  });
});

test("busy replicas slow a client down; busy is no outcome", () => {
  const desk = new Desk({ windowMax: 8 });
  const first = [1, 2, 3, 4].map((ticket) => desk.submit(ticket).number);
  for (const number of first) expect(outcomes(desk.reply(3, hint(HintReason.busy, number, 0)))).toEqual([]);
  expect(desk.submit(5)).toBeDefined();
  for (const replica of [1, 2, 0]) expect(outcomes(desk.reply(replica, hint(HintReason.busy, first[0]!, 0)))).toEqual([]);
  // Four may be under way now: the sixth waits, and goes when two of the five are done.
  expect(desk.submit(6)).toBeUndefined();
  const settle = (number: number): readonly Out[] => desk.reply(0, ok(number, 1)).concat(desk.reply(1, ok(number, 1)));
  const settled = settle(first[0]!).concat(settle(first[1]!));
  expect(settled.filter(({ type }) => type === "send")).toHaveLength(1);
  expect(outcomes(settled)).toMatchObject([{ outcome: { type: "ok" } }, { outcome: { type: "ok" } }]);
});

test("a client beside a replica takes its replies without a frame, and hands out a copy of what the sessions keep", () => {
  const desk = new Desk({}, "r1");
  const name = peerId("r1");
  const { number } = desk.submit(1);
  expect(outcomes(desk.reply(0, ok(number, 7), 0, name))).toEqual([]);
  const asked = digest(requestStatement(cluster, desk.requests.get(number)!));
  const own = reply(1, name, [{ ...ok(number, 7), request: asked }]);
  const [delivered] = outcomes(desk.take(desk.core.step({ type: "request", request: { type: "reply", reply: own } }, desk.now)));
  expect(delivered).toMatchObject({ outcome: { type: "ok", result: Uint8Array.of(7) } });
  own.results[0]!.result[0] = 8;
  expect(delivered).toMatchObject({ outcome: { result: Uint8Array.of(7) } });
});

describe("the configuration", () => {
  const other = configuration({ replicas: cluster.replicas, cluster: "test", checkpointInterval: 16, viewTimeoutMs: 100 });
  const third = configuration({ replicas: cluster.replicas, cluster: "test", checkpointInterval: 32, viewTimeoutMs: 100 });
  const shown = (of: typeof cluster): Message => ({ type: "hello", configuration: of.record });

  test("is shown to each replica whose link comes up, and to nobody else", () => {
    const desk = new Desk();
    const linked = (peer: string, state: "up" | "down"): readonly Out[] => desk.core.step({ type: "link", peer: peerId(peer), state }, desk.now);
    expect(linked("r2", "up")).toEqual([{ type: "send", to: "r2", message: shown(cluster) }]);
    expect([...linked("r2", "down"), ...linked("c1", "up")]).toEqual([]);
    const replicasOwn = new Desk({}, "r1");
    expect(replicasOwn.core.step({ type: "link", peer: peerId("r2"), state: "up" }, desk.now)).toEqual([]);
  });

  test("that f+1 replicas show alike, and the client has not, ends what was sent as unknown and refuses the rest", () => {
    const desk = new Desk();
    desk.submit(1);
    const difference = 'checkpointInterval is "8" here and "16" there';
    for (const [replica, of] of [[0, other], [1, third], [2, cluster]] as const) expect(outcomes(desk.hear(replica, shown(of)))).toEqual([]);
    expect(outcomes(desk.hear(3, shown(other)))).toMatchObject([{ outcome: { type: "unknown", code: "other-configuration", difference } }]);
    const refused = { type: "refused", code: "other-configuration", reason: expect.stringContaining(difference) };
    const next = desk.core.step({ type: "request", request: { ticket: 2, operation: Uint8Array.of(2) } }, desk.now);
    expect(outcomes(next)).toMatchObject([{ outcome: refused }]);
    expect(next.filter(({ type }) => type === "send")).toEqual([]);
    // One of them is no longer of that configuration: a liar, or restarted since.
    desk.hear(3, shown(cluster));
    expect(sent(desk.core.step({ type: "request", request: { ticket: 3, operation: Uint8Array.of(3) } }, desk.now))).toHaveLength(1);
  });

  test("sets the shortest timeout: a primary that ignores the client must be replaced before", () => {
    expect(() => new Desk({ timeoutMs: 499 })).toThrow(/timeoutMs of at least 500 ms .* got 499/);
    expect(() => new Desk({ timeoutMs: 600, retryMs: 201 })).toThrow(/timeoutMs of at least 601 ms/);
    expect(new Desk({ timeoutMs: 500 }).core.primary).toBe("r0");
    // Its default follows a cluster that is slow.
    const slow = configuration({ replicas: cluster.replicas, viewTimeoutMs: 60_000 });
    expect(new ClientCore({ cluster: slow, self, ports: testPorts("c0") }).primary).toBe("r0");
  });
});
