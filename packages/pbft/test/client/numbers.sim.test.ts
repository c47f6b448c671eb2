/** A client's numbers and clocks. */
import { digest, requestStatement } from "@void-system/crypto";
import { peerId, verified, type PeerId } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { ClientCore, type ClientOutput } from "../../src/client/client-core.ts";
import { ReplyStatus, type Message } from "../../src/codec/message.ts";
import { signExecuted } from "../../src/codec/signed.ts";
import { Sessions } from "../../src/protocol/sessions.ts";
import { TestCluster, testPorts } from "../support/cluster.ts";
import { cluster, replicaOf, reply, results } from "../support/messages.ts";

test.each([-25, -35, -60, -600])("a client that restarts %i minutes back goes on above its old numbers", (minutes) => {
  const run = new TestCluster({ seed: 7 });
  run.startAll();
  run.simulation.run({ untilMs: 30 });
  run.submit("c0", { op: "write", key: "a", value: 1 });
  run.simulation.runUntil(() => run.settled(), { deadlineMs: 5_000 });
  run.simulation.jumpClock("c0", minutes * 60_000);
  run.simulation.crash("c0");
  run.simulation.start("c0");
  run.simulation.run({ forMs: 300 });
  const again = run.submit("c0", { op: "write", key: "a", value: 2 });
  run.simulation.run({ forMs: 2_000 });
  expect(again.result).toEqual({ op: "write" });
  expect(run.check()).toEqual([]);
});

describe("one client that numbers almost an hour ahead, and whose session is dropped", () => {
  const CLIENTS_MAX = 8;
  const agreedMs = 1_700_000_000_000;
  const ok = { status: ReplyStatus.ok, result: new Uint8Array(1) };

  function record(made: Sessions, client: PeerId, number: number): void {
    const { executed, results: [result] } = results(client, [{ number, ...ok }]);
    made.record(client, executed, result!, number);
  }

  function sessions(): Sessions {
    const made = new Sessions(CLIENTS_MAX);
    const liar = peerId("liar");
    const ahead = agreedMs * 1_000 + 59 * 60_000_000;
    expect(made.refuseAt(agreedMs, { client: liar, number: ahead, notAfterMs: Infinity })).toBeUndefined();
    record(made, liar, ahead);
    for (let index = 0; index < CLIENTS_MAX; index += 1)
      record(made, peerId(`c${index}`), agreedMs * 1_000 + index);
    return made;
  }

  test.each([0, 10, 30, 59, 61])("locks out no new client with a correct clock, %i minutes later", (minutes) => {
    const state = sessions();
    const self = peerId("new");
    const core = new ClientCore({ cluster, self, ports: testPorts(self) });
    const now = { wallMs: agreedMs + minutes * 60_000, monotonicMs: 0 };
    core.start(true, now);
    let outputs: readonly ClientOutput[] = core.step({ type: "request", request: { ticket: 1, operation: new Uint8Array(1) } }, now);
    for (let round = 0; round < 3; round += 1) {
      const request = outputs.flatMap((output) => (output.type === "send" && output.message.type === "request" ? [output.message] : []))[0];
      if (request === undefined) break;
      const { number } = request;
      const answer = state.answer(self, number) ?? state.refuseAt(now.wallMs, request);
      const asked = digest(requestStatement(cluster, request));
      const all: ClientOutput[] = [];
      for (const index of [0, 1, 2]) {
        const message: Message =
          answer?.type === "hint"
            ? { view: 0, client: self, agreedMs: now.wallMs, ...answer }
            : reply(index, self, [{ number, request: asked, ...ok }]);
        all.push(...core.step({ type: "message", from: cluster.replicas[index]!, message: verified(message) }, now));
      }
      outputs = all;
    }
    expect(outputs.filter(({ type }) => type === "deliver")).toMatchObject([{ value: { outcome: { type: "ok" } } }]);
  });
});

test("a client whose clock repeats itself is not told what came of another request under its number", () => {
  const state = new Sessions(8);
  const self = peerId("c0");
  const now = { wallMs: 1_000_000, monotonicMs: 0 };
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  const executed: string[] = [];
  /** One life of the client, with the same clock and salt each time. Returns what it was told. */
  const life = (operation: string): string => {
    const core = new ClientCore({ cluster, self, ports: testPorts(self), salt: 5 });
    core.start(true, now);
    const queue = [...core.step({ type: "request", request: { ticket: 1, operation: new TextEncoder().encode(operation) } }, now)];
    for (let output = queue.shift(); output !== undefined; output = queue.shift()) {
      if (output.type === "deliver" && output.value.type === "outcome" && output.value.outcome.type === "ok") return text(output.value.outcome.result);
      if (output.type !== "send" || output.message.type !== "request") continue;
      const { message } = output;
      if (state.answer(self, message.number) === undefined) {
        executed.push(text(message.operation));
        const result = new TextEncoder().encode(`did ${text(message.operation)}`);
        const request = digest(requestStatement(cluster, message));
        const made = results(self, [{ number: message.number, request, status: ReplyStatus.ok, result }], executed.length);
        state.record(self, made.executed, made.results[0]!, message.lowest);
      }
      const answer = state.answer(self, message.number);
      if (answer?.type !== "result") return "nothing";
      for (const sender of [0, 1]) {
        const signature = signExecuted(replicaOf(sender), answer.executed);
        const reply: Message = { type: "reply", view: 0, client: self, executed: answer.executed, results: [answer.result], sender, signature };
        queue.push(...core.step({ type: "message", from: cluster.replicas[sender]!, message: verified(reply) }, now));
      }
    }
    return "nothing";
  };
  expect(life("pay Ann")).toBe("did pay Ann");
  expect(life("pay Bob")).toBe("did pay Bob");
  expect(executed).toEqual(["pay Ann", "pay Bob"]);
});
