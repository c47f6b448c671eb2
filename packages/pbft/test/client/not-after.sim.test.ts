/** Requests that are executed in their time, or never: whoever repeats them, and whatever their client was told. */
import { peerId, verified, type Input } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { configuration, HintReason, ReplicaCore, type Message, type Request } from "../../src/index.ts";
import { TestCluster, testPorts } from "../support/cluster.ts";
import { signedRequest } from "../support/messages.ts";
import { seeds } from "../support/seeds.ts";
import { torment } from "../support/torment.ts";

const MINUTE_MS = 60_000;
const t0 = 1_700_000_000_000;

/** A cluster of one, driven by hand. */
class Alone {
  readonly executed: string[] = [];
  readonly hints: HintReason[] = [];
  readonly cluster = configuration({ replicas: ["r0"] });
  readonly #core: ReplicaCore;
  #monotonicMs = 0;

  constructor() {
    const machine = {
      apply: (batch: readonly { readonly operation: Uint8Array }[]) =>
        batch.map(({ operation }) => (this.executed.push(new TextDecoder().decode(operation)), operation)),
      root: () => new Uint8Array(32),
      snapshot: () => ({ chunks: 0, chunk: () => new Uint8Array(0), release: () => undefined }),
      restore: () => undefined,
    };
    this.#core = new ReplicaCore({ cluster: this.cluster, self: peerId("r0"), ports: testPorts("r0"), machine });
    this.#core.start(true, { wallMs: t0, monotonicMs: 0 });
  }

  request(number: number, notAfterMs: number): Request {
    return signedRequest({ client: "c", number, operation: new TextEncoder().encode("pay Bob"), notAfterMs }, this.cluster);
  }

  hear(from: string, request: Request, wallMs: number): void {
    const queue: Input<Message, Request>[] = [{ type: "message", from: peerId(from), message: verified(request) }];
    for (let input = queue.shift(); input !== undefined; input = queue.shift()) {
      this.#monotonicMs += 1;
      for (const output of this.#core.step(input, { wallMs, monotonicMs: this.#monotonicMs })) {
        if (output.type !== "send") continue;
        const { message } = output;
        if (message.type === "hint") this.hints.push(message.reason);
        if ([output.to].flat().includes(peerId("r0"))) queue.push({ type: "message", from: peerId("r0"), message: verified(message) });
      }
    }
  }
}

describe("a request that was not executed in its time", () => {
  test("is not executed later, whoever repeats it", () => {
    const alone = new Alone();
    const late = alone.request(t0 * 1_000, t0 + 10_000);
    alone.hear("liar", late, t0 + 61 * MINUTE_MS);
    expect(alone.executed).toEqual([]);
    // Ordered and judged at its batch's time; then, the time being known, refused at once.
    alone.hear("liar", late, t0 + 62 * MINUTE_MS);
    expect(alone.executed).toEqual([]);
    expect(alone.hints).toEqual([HintReason.expired, HintReason.expired]);
  });

  test("a request that runs ahead is not refused for good: its client is told that it may be executed until its time is over", () => {
    const alone = new Alone();
    const aheadMs = t0 + 120 * MINUTE_MS;
    const ahead = alone.request(aheadMs * 1_000, aheadMs + 10_000);
    alone.hear("c", ahead, t0);
    expect(alone.hints).toEqual([HintReason.ahead]);
    alone.hear("liar", ahead, aheadMs + 10_001);
    expect(alone.executed).toEqual([]);
    const other = new Alone();
    other.hear("liar", other.request(aheadMs * 1_000, aheadMs + 10_000), t0 + 61 * MINUTE_MS);
    expect(other.executed).toEqual(["pay Bob"]);
  });
});

describe("an outcome that was unknown ends by question", () => {
  const clientTuning = { timeoutMs: 1_000, questionMs: 4_000, retryMs: 150 };
  const started = (): TestCluster => {
    const run = new TestCluster({ seed: 11, clients: 1, configuration: { viewTimeoutMs: 200 }, clientTuning });
    run.startAll();
    run.simulation.run({ untilMs: 30 });
    return run;
  };

  test("as refused for good, in a cluster that was idle, when it never reached the replicas", () => {
    const run = started();
    run.simulation.partition([["c0"]]);
    const lost = run.submit("c0", { op: "write", key: "k", value: 1 });
    run.simulation.run({ forMs: 1_500 });
    run.simulation.heal();
    run.simulation.runUntil(() => run.settled(), { deadlineMs: 2_000 });
    expect(lost).toMatchObject({ refused: true });
    expect(run.check()).toEqual([]);
  });

  test("with its result, when only the replies were lost", () => {
    const run = started();
    for (const id of run.ids) run.simulation.block(id, "c0");
    const lost = run.submit("c0", { op: "write", key: "k", value: 1 });
    run.simulation.run({ forMs: 1_200 });
    run.simulation.heal();
    run.simulation.runUntil(() => run.settled(), { deadlineMs: 2_000 });
    expect(lost).toMatchObject({ result: { op: "write" } });
    expect(run.check()).toEqual([]);
  });

  test("as unknown, when nobody answers", () => {
    const run = started();
    run.simulation.partition([["c0"]]);
    const lost = run.submit("c0", { op: "write", key: "k", value: 1 });
    run.simulation.run({ forMs: 4_900 });
    expect(run.settled()).toBe(false);
    run.simulation.run({ forMs: 200 });
    expect(lost).toMatchObject({ unknown: true });
  });

  test.each(seeds(10))("and what was refused for good is executed by nobody, seed %i", (seed) => {
    const { cluster, violations } = torment(seed, { configuration: { viewTimeoutMs: 100 }, clientTuning: { timeoutMs: 450, questionMs: 20_000, retryMs: 50 } });
    expect(violations).toEqual([]);
    expect(cluster.attempts.some(({ result }) => result !== undefined)).toBe(true);
  });
});
