/** The age of a request counts from when the primary was given it over a link that was up. */
import { peerId, type LinkState } from "@void-system/effects";
import { expect, test } from "vitest";
import { DEADLINE_TIMEOUTS, type Message } from "../../src/index.ts";
import { signStatus } from "../../src/codec/signed.ts";
import { RequestPool } from "../../src/protocol/request-pool.ts";
import { batch, cluster, committed, replicaOf, request } from "../support/messages.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

const T = cluster.viewTimeoutMs;

/** A backup at which other requests are executed, one each half of a view timeout, so that only the age of one counts. */
class Backup {
  readonly desk = new ReplicaDesk(1);
  #executed = 0;
  /** Others say that they have executed so many batches more. The primary lies. */
  lead = 0;

  link(state: LinkState): void {
    this.desk.core.step({ type: "link", peer: peerId("r0"), state }, this.desk.now);
  }

  /** Runs until a time, ticking as the driver would; returns when it complained, if it did. */
  until(ms: number): number | undefined {
    while (this.desk.ms < ms) {
      this.desk.timer("status", this.desk.ms + T / 4);
      if (this.lead > 0) for (const [sender, lead] of [[0, 1_000], [2, this.lead]] as const) this.desk.receive(this.#status(sender, lead), `r${sender}`);
      this.desk.timer("request", this.desk.ms);
      if (this.desk.sent("complaint").length > 0) return this.desk.ms;
      if (this.desk.ms % (T / 2) === 0) this.#execute();
    }
    return undefined;
  }

  #status(sender: number, lead: number): Message {
    const lastExecuted = this.#executed + lead;
    return signStatus(replicaOf(sender), { view: 0, changing: false, complaining: false, stable: 0, lastExecuted, slots: [] });
  }

  #execute(): void {
    this.#executed += 1;
    const of = batch(5_000 + this.#executed, 1_000 + this.#executed);
    const slots: Message = { type: "slots", slots: [{ certificate: committed(0, this.#executed, of), batch: of }] };
    this.desk.receive(slots, "r2");
  }
}

test("a primary that was given a request is complained of when the request has waited for the deadline, whatever else is executed", () => {
  const backup = new Backup();
  backup.link("up");
  backup.desk.receive(request(7_000), "c0");
  expect(backup.until(9 * T)).toBe(DEADLINE_TIMEOUTS * T);
});

test("a primary that nobody could give it is not, until its link is up again and it has had its time", () => {
  const backup = new Backup();
  backup.desk.receive(request(7_000), "c0");
  expect(backup.until(5 * T)).toBeUndefined();
  backup.link("up");
  // It is passed on with the next status.
  expect(backup.until(20 * T)).toBe(5 * T + T / 4 + DEADLINE_TIMEOUTS * T);
});

test("a link that is lost after that sets nothing back, else a primary would drop its links to stay", () => {
  const backup = new Backup();
  backup.link("up");
  backup.desk.receive(request(7_000), "c0");
  for (const [state, ms] of [["down", T], ["up", 2 * T], ["down", 2.5 * T]] as const) {
    expect(backup.until(ms)).toBeUndefined();
    backup.link(state);
  }
  expect(backup.until(9 * T)).toBe(DEADLINE_TIMEOUTS * T);
});

test("a primary that keeps a backup a step behind the others is complained of, once the backup has executed what they then had", () => {
  const backup = new Backup();
  backup.lead = 2;
  backup.link("up");
  backup.desk.receive(request(7_000), "c0");
  // Two more batches, at the deadline and half a timeout later; by then the others are two ahead again. The next tick sees it.
  expect(backup.until(12 * T)).toBe((DEADLINE_TIMEOUTS + 0.75) * T);
});

test("a backup that is behind does not blame the primary for what it has yet to execute", () => {
  const backup = new Backup();
  backup.lead = 20;
  backup.link("up");
  backup.desk.receive(request(7_000), "c0");
  expect(backup.until(10 * T)).toBeUndefined();
});

test("a new view counts the age of each request again, from when its primary is given it", () => {
  const pool = new RequestPool();
  const [first, second] = [request(7_000), request(7_001)];
  for (const one of [first, second]) pool.add(one, 0);
  pool.markPassed(first, 10);
  pool.markPassed(second, 20);
  pool.restart(30);
  expect(pool.oldestPassed()).toBeUndefined();
  pool.markPassed(second, 40);
  expect(pool.oldestPassed()?.passedAtMs).toBe(40);
  pool.markPassed(first, 50);
  pool.delete(second.client, second.number);
  expect(pool.oldestPassed()?.passedAtMs).toBe(50);
});
