import { peerId } from "@void-system/effects";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { executionTime, isAfter, mayPrepare, proposeTime, TIME_ZERO } from "../../src/protocol/agreed-time.ts";
import { configuration, ConfigurationError, ReplicaCore } from "../../src/index.ts";
import { LOGICAL_MAX, PENDING_BYTES_MAX, SESSION_WINDOW } from "../../src/limits.ts";
import { RequestPool } from "../../src/protocol/request-pool.ts";
import { Slot } from "../../src/protocol/slot.ts";
import { signProposal, signVote } from "../../src/codec/signed.ts";
import { testPorts } from "../support/cluster.ts";
import { batch, replicaOf, request } from "../support/messages.ts";
import { KeyValueMachine } from "../support/key-value-machine.ts";

describe("configuration", () => {
  test("quorums of any two meet in a correct replica, and the correct ones suffice", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), (n) => {
        const made = configuration({
          replicas: Array.from({ length: n }, (_, index) => `r${index}`),
          checkpointInterval: 16,
        });
        expect(2 * made.quorum - n).toBeGreaterThanOrEqual(made.f + 1);
        expect(n - made.f).toBeGreaterThanOrEqual(made.quorum);
      }),
    );
    const five = configuration({ replicas: ["a", "b", "c", "d", "e"], f: 1 });
    expect(five.quorum).toBe(4);
  });

  test("refuses what cannot work, and says why", () => {
    const ids = ["a", "b", "c", "d"];
    expect(() => configuration({ replicas: ids.slice(1), f: 1 })).toThrow(/3f\+1/);
    expect(() => configuration({ replicas: ["a", "a", "b", "c"] })).toThrow(/distinct/);
    expect(() => configuration({ replicas: ids, checkpointInterval: 0 })).toThrow(ConfigurationError);
    expect(() => configuration({ replicas: ids, checkpointInterval: 100_000 })).toThrow(/lower checkpointInterval/);
    expect(() => configuration({ replicas: [] })).toThrow(ConfigurationError);
    const options = {
      cluster: configuration({ replicas: ids }),
      self: peerId("x"),
      ports: testPorts("x"),
      machine: new KeyValueMachine(),
    };
    expect(() => new ReplicaCore(options)).toThrow(/one of the replicas/);
    expect(() => new ReplicaCore({ ...options, self: peerId("a"), tuning: { pipeline: 0 } })).toThrow(/pipeline/);
  });
});

describe("agreed time", () => {
  const at = (physicalMs: number, logical = 0): typeof TIME_ZERO => ({ physicalMs, logical, proposer: 0 });

  test("a primary proposes its clock, or the least time after the last", () => {
    expect(proposeTime(at(10), 12.7, 1)).toEqual({ physicalMs: 12, logical: 0, proposer: 1 });
    expect(proposeTime(at(10, 4), 9, 1)).toEqual({ physicalMs: 10, logical: 5, proposer: 1 });
    expect(proposeTime(at(10, LOGICAL_MAX), 9, 1)).toEqual({ physicalMs: 11, logical: 0, proposer: 1 });
  });

  test("executed times increase strictly, whatever was proposed", () => {
    const proposed = fc.record({
      physicalMs: fc.nat(5),
      logical: fc.integer({ min: 0, max: LOGICAL_MAX }),
      proposer: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(proposed), (times) => {
        let last = TIME_ZERO;
        for (const time of times) {
          const next = executionTime(last, time);
          expect(isAfter(next, last)).toBe(true);
          last = next;
        }
      }),
    );
  });

  test("a backup votes for a time after the previous one and near its clock; one that follows by the least step is always fine", () => {
    expect(mayPrepare(at(1_000), at(900), 1_000, 50)).toBe(true);
    expect(mayPrepare(at(900), at(900), 900, 50)).toBe(false);
    expect(mayPrepare(at(1_051), at(900), 1_000, 50)).toBe(false);
    expect(mayPrepare(at(949), at(900), 1_000, 50)).toBe(false);
    expect(mayPrepare(at(5_000, 1), at(5_000), 1_000, 50)).toBe(true);
  });
});

describe("the request pool", () => {
  test("proposes in order of arrival, up to count and bytes, each once a view", () => {
    const pool = new RequestPool();
    for (const number of [1, 2, 3]) expect(pool.add(request(number), number)).toBe(true);
    expect(pool.add(request(2, "another operation"), 9)).toBe(false);
    expect(pool.take(2, 10_000).map(({ number }) => number)).toEqual([1, 2]);
    pool.delete(peerId("c0"), 3);
    expect(pool.take(2, 10_000)).toEqual([]);
    pool.restart(50);
    expect(pool.take(9, 1).map(({ number }) => number)).toEqual([1]);
    expect(pool.take(9, 10_000).map(({ number }) => number)).toEqual([2]);
    expect(pool.oldestSinceMs()).toBe(50);
  });

  test("serves clients in turn, and first what was passed on", () => {
    const pool = new RequestPool();
    const of = (client: string, number: number) => ({ ...request(number), client: peerId(client) });
    for (const number of [1, 2, 3]) pool.add(of("greedy", number), 0);
    pool.add(of("modest", 1), 0);
    for (const number of [8, 9]) pool.addOverdue(of("greedy", number), 0);
    const taken = pool.take(9, 10_000).map(({ client, number }) => `${client} ${number}`);
    expect(taken).toEqual(["greedy 8", "modest 1", "greedy 9", "greedy 1", "greedy 2", "greedy 3"]);
  });

  test("is bounded, in all and for each client", () => {
    const pool = new RequestPool();
    for (let number = 0; number < SESSION_WINDOW; number += 1)
      expect(pool.add({ ...request(1), number }, 0)).toBe(true);
    expect(pool.add({ ...request(1), number: 5_000 }, 0)).toBe(false);
    expect(pool.add({ ...request(1), client: peerId("c1"), operation: new Uint8Array(PENDING_BYTES_MAX) }, 0)).toBe(
      false,
    );
    expect(pool.add({ ...request(1), client: peerId("c1") }, 0)).toBe(true);
  });
});

describe("a slot", () => {
  const [a, b] = [batch(1), batch(2)];
  const prepare = (sender: number, of = a): ReturnType<typeof signVote> =>
    signVote(replicaOf(sender), "prepare", 0, 1, of.digest);

  test("counts votes for the proposed digest alone, also those that came before it, and never the primary's", () => {
    const slot = new Slot(1);
    slot.count(prepare(0));
    slot.count(prepare(1, b));
    slot.count(prepare(2));
    expect(slot.prepareQuorum(0, 0, 2)).toBeUndefined();
    slot.propose(signProposal(replicaOf(0), 0, 1, a.digest));
    expect(slot.prepareQuorum(0, 0, 2)).toBeUndefined();
    slot.count(prepare(3));
    expect(slot.prepareQuorum(0, 0, 2)?.prepares.map(({ sender }) => sender)).toEqual([2, 3]);
  });

  test("keeps what was prepared and its batch across views, and few other batches", () => {
    const slot = new Slot(1);
    slot.keep(a);
    slot.prepare({ view: 0, ...signProposal(replicaOf(0), 0, 1, a.digest), prepares: [] }, true);
    for (let number = 10; number < 20; number += 1) slot.keep(batch(number));
    slot.leaveView();
    expect(slot.prepared?.digest).toEqual(a.digest);
    expect(slot.batch(a.digest)).toBe(a);
    expect(slot.batch(batch(10).digest)).toBeUndefined();
    expect(slot.batch(batch(19).digest)).toBeDefined();
  });
});
