/** Bytes that others can make a replica hold, or send, are bounded. */
import { digest } from "@void-system/crypto";
import { peerId, verified } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { makeBatch, type Request } from "../../src/codec/batch.ts";
import type { PrePrepare } from "../../src/codec/message.ts";
import { signProposal, signStatus } from "../../src/codec/signed.ts";
import { OLD_SLOTS_BYTES_MAX, PROPOSALS_BYTES_MAX } from "../../src/limits.ts";
import { Log } from "../../src/protocol/log.ts";
import { ReplicaCore } from "../../src/protocol/replica-core.ts";
import { TIME_ZERO } from "../../src/protocol/agreed-time.ts";
import { testPorts } from "../support/cluster.ts";
import { cluster, committed, replicaOf, signedRequest, stableAt } from "../support/messages.ts";
import { KeyValueMachine, keyValueOperations, type KeyValueOperation } from "../support/key-value-machine.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";
import { configuration } from "../../src/configuration.ts";

const MB = 1_000_000;

function requestOf(number: number, operation: Uint8Array): Request {
  return signedRequest({ client: "c0", number, operation });
}

const made = new Map<number, PrePrepare>();

/** A proposal of the primary of view 0 with one request of a megabyte. */
function heavy(sequence: number): PrePrepare {
  const known = made.get(sequence);
  if (known !== undefined) return known;
  const time = { physicalMs: 1_000 + sequence, logical: 0, proposer: 0 };
  const operation = new Uint8Array(MB);
  const request = signedRequest({ client: "c0", number: sequence, operation });
  const batch = makeBatch(time, [request], digest);
  const { signature } = signProposal(replicaOf(0), 0, sequence, batch.digest);
  const message: PrePrepare = { type: "pre-prepare", view: 0, sequence, batch, signature };
  made.set(sequence, message);
  return message;
}


describe("proposals", () => {
  const window = configuration({ replicas: cluster.replicas, checkpointInterval: 64 });

  test("behind one that is withheld are kept up to their budget, and taken up again when they are repeated", () => {
    const log = new Log(window, { lastExecuted: 0, lastTime: TIME_ZERO });
    for (let sequence = 2; sequence <= 60; sequence += 1) {
      const message = heavy(sequence);
      if (log.hasRoom(sequence, message.batch.bytes.length)) log.slot(sequence).hold(message);
    }
    // Within one proposal of the budget, and never beyond.
    expect(log.bytes).toBeGreaterThan(PROPOSALS_BYTES_MAX - 3 * MB);
    expect(log.bytes).toBeLessThanOrEqual(PROPOSALS_BYTES_MAX);
    expect(log.hasRoom(1, MB)).toBe(true);
  });

  test("beyond the budget are not even verified", () => {
    const desk = new ReplicaDesk(1);
    const matters = (sequence: number): boolean => desk.core.matters(peerId("r0"), heavy(sequence));
    let kept = 0;
    for (let sequence = 2; sequence <= 48; sequence += 1) {
      if (!matters(sequence)) continue;
      kept += 1;
      desk.receive(heavy(sequence), "r0");
    }
    expect(kept).toBe(Math.floor(PROPOSALS_BYTES_MAX / (2 * heavy(2).batch.bytes.length)));
    expect([matters(1), matters(48)]).toEqual([true, false]);
    desk.receive(heavy(1), "r0");
    expect(desk.sent("prepare").map(({ sequence }) => sequence)).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
  });

  test("of a primary are no more than backups may keep", () => {
    const self = peerId("r0");
    const core = new ReplicaCore({
      cluster: window,
      self,
      ports: testPorts(self),
      machine: new KeyValueMachine(),
      tuning: { pipeline: 100, batchRequestsMax: 1 },
    });
    const now = { wallMs: 1_000, monotonicMs: 0 };
    core.start(true, now);
    let proposed = 0;
    for (let number = 1; number <= 60; number += 1) {
      const client = peerId(`c${number % 6}`);
      const request = signedRequest({ client, number, operation: new Uint8Array(MB) });
      for (const output of core.step({ type: "message", from: client, message: verified(request) }, now))
        if (output.type === "send" && output.message.type === "pre-prepare") proposed += 1;
    }
    expect(proposed).toBeGreaterThan(PROPOSALS_BYTES_MAX / (2 * MB) - 3);
    expect(proposed).toBeLessThanOrEqual(PROPOSALS_BYTES_MAX / (2 * MB));
  });

  test("below the stable checkpoint are kept for who lags, the newest, up to their budget", () => {
    const log = new Log(window, { lastExecuted: 64, lastTime: TIME_ZERO });
    for (let sequence = 1; sequence <= 64; sequence += 1) {
      log.slot(sequence).keep(heavy(sequence).batch);
    }
    log.stabilize(stableAt(64, new Uint8Array(32)));
    log.collectGarbage();
    expect(log.bytes).toBeLessThanOrEqual(OLD_SLOTS_BYTES_MAX);
    expect(log.bytes).toBeGreaterThan(OLD_SLOTS_BYTES_MAX - 3 * MB);
    expect([log.at(1), log.at(64)?.sequence]).toEqual([undefined, 64]);
  });
});

describe("a disk that hangs", () => {
  const lacks = signStatus(replicaOf(3), { view: 0, changing: false, complaining: false, stable: 0, lastExecuted: 0, slots: [] });

  test("holds one copy of what waits for it, however often others ask", () => {
    const desk = new ReplicaDesk(0, { pipeline: 8 });
    for (let number = 1; number <= 8; number += 1) desk.receive(requestOf(number, new Uint8Array(MB)), "c0");
    const waits = (): number => desk.outputs.filter((output) => output.type === "send" && output.after !== undefined).length;
    expect(waits()).toBe(8);
    for (desk.ms = 1_000; desk.ms < 6_000; desk.ms += 26) desk.receive(lacks, "r3");
    expect(waits()).toBe(8);
    desk.loop();
    desk.receive(lacks, "r3");
    expect(desk.sent("pre-prepare")).toHaveLength(8);
    expect(waits()).toBe(0);
  });
});

describe("a request that was executed", () => {
  const request = (number: number, operation: KeyValueOperation): Request => requestOf(number, keyValueOperations.encode(operation));
  const read = request(1_002, { op: "read", key: "x" });
  const answers = (desk: ReplicaDesk): number => desk.sent("reply").length;

  function executed(): ReplicaDesk {
    const write = request(1_001, { op: "write", key: "x", value: new Uint8Array(900_000) });
    const batch = makeBatch({ physicalMs: 1_000, logical: 0, proposer: 0 }, [write, read], digest);
    const desk = new ReplicaDesk(1);
    return desk.receive({ type: "slots", slots: [{ certificate: committed(0, 1, batch), batch }] }, "r0").clear();
  }

  test("is answered once a tick when others replay it", () => {
    const desk = executed();
    for (let count = 0; count < 100; count += 1) desk.receive(read, count % 2 === 0 ? "r3" : "stranger");
    expect(answers(desk)).toBe(1);
    desk.timer("status", 50);
    for (let count = 0; count < 100; count += 1) desk.receive(read, "r3");
    expect(answers(desk)).toBe(2);
  });

  test("is answered each time that its client asks", () => {
    const desk = executed();
    desk.receive(read, "r3");
    for (let count = 0; count < 3; count += 1) desk.receive(read, "c0");
    expect(answers(desk)).toBe(4);
  });
});
