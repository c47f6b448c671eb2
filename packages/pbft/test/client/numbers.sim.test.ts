/** A client's numbers and clocks. */
import { peerId, verified } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { ClientCore, type ClientOutput } from "../../src/client/client-core.ts";
import { ReplyStatus } from "../../src/codec/message.ts";
import { signReply } from "../../src/codec/signed.ts";
import { Sessions } from "../../src/protocol/sessions.ts";
import { TestCluster } from "../support/cluster.ts";
import { cluster, replicaOf } from "../support/messages.ts";

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

  function sessions(): Sessions {
    const made = new Sessions(CLIENTS_MAX);
    const liar = peerId("liar");
    const ahead = agreedMs * 1_000 + 59 * 60_000_000;
    expect(made.refuseAhead(liar, ahead, agreedMs)).toBeUndefined();
    made.record(liar, { number: ahead, ...ok });
    for (let index = 0; index < CLIENTS_MAX; index += 1)
      made.record(peerId(`c${index}`), { number: agreedMs * 1_000 + index, ...ok });
    return made;
  }

  test.each([0, 10, 30, 59, 61])("locks out no new client with a correct clock, %i minutes later", (minutes) => {
    const state = sessions();
    const self = peerId("new");
    const core = new ClientCore({ cluster, self, sign: () => new Uint8Array(64) });
    const now = { wallMs: agreedMs + minutes * 60_000, monotonicMs: 0 };
    core.start(true, now);
    let outputs: readonly ClientOutput[] = core.step({ type: "request", request: { ticket: 1, operation: new Uint8Array(1) } }, now);
    for (let round = 0; round < 3; round += 1) {
      const request = outputs.flatMap((output) => (output.type === "send" && output.message.type === "request" ? [output.message] : []))[0];
      if (request === undefined) break;
      const answer = state.answer(self, request.number) ?? state.refuseAhead(self, request.number, now.wallMs) ?? { number: request.number, ...ok };
      const all: ClientOutput[] = [];
      for (const index of [0, 1, 2]) {
        const reply = signReply(replicaOf(index), 0, self, [answer]);
        all.push(...core.step({ type: "message", from: cluster.replicas[index]!, message: verified(reply) }, now));
      }
      outputs = all;
    }
    expect(outputs.filter(({ type }) => type === "deliver")).toMatchObject([{ value: { outcome: { type: "ok" } } }]);
  });
});
