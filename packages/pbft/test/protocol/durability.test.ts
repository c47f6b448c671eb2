/**
 * The rule that a restart hangs on: nothing that binds a replica leaves before the record that binds it is durable,
 * also when it is said again because somebody lacks it.
 */
import { digest } from "@void-system/crypto";
import { peerId, verified, type Output, type PeerId } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { makeBatch } from "../../src/codec/batch.ts";
import { configuration } from "../../src/configuration.ts";
import type { ReplicaDelivery } from "../../src/protocol/delivery.ts";
import type { Message, Status } from "../../src/codec/message.ts";
import type { ReplicaRecord } from "../../src/codec/record.ts";
import { ReplicaCore } from "../../src/protocol/replica-core.ts";
import { signComplaint, signNewView, signProposal, signStatus, signViewChange, signVote } from "../../src/codec/signed.ts";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { testPorts } from "../support/cluster.ts";
import { signedRequest } from "../support/messages.ts";

type Out = Output<Message, ReplicaRecord, ReplicaDelivery>;

const names = ["a", "b", "c", "d"];
const cluster = configuration({ replicas: names, checkpointInterval: 4 });
const by = (name: string) => ({ cluster, index: names.indexOf(name), ports: testPorts(name) });
const wallMs = 1_000_000;

const BINDING = new Set<Message["type"]>(["pre-prepare", "prepare", "commit", "checkpoint", "view-change", "new-view"]);

/** A message by what it is about. */
function kindAndPlace(message: Message): string {
  const { view = 0, sequence = 0 } = { view: 0, sequence: 0, ...message };
  return `${message.type} ${view} ${sequence}`;
}

/** One replica, of which the test is the driver: it decides when a record is durable. */
class Bench {
  readonly core: ReplicaCore;
  readonly self: PeerId;
  nowMs = 0;
  appended = 0;
  readonly #held: Message[] = [];
  readonly #left = new Set<string>();

  constructor(self: string) {
    this.self = peerId(self);
    const machine = {
      apply: (batch: readonly unknown[]) => batch.map(() => new Uint8Array(0)),
      root: () => new Uint8Array(32),
      snapshot: () => ({ chunks: 0, chunk: () => new Uint8Array(0), release: () => undefined }),
      restore: () => undefined,
    };
    this.core = new ReplicaCore({ cluster, self: this.self, ports: testPorts(self), machine });
    this.core.start(true, this.#now);
  }

  get #now() {
    return { wallMs: wallMs + this.nowMs, monotonicMs: this.nowMs };
  }

  #seen(outputs: readonly Out[]): readonly Out[] {
    for (const output of outputs) {
      if (output.type === "append") this.appended = output.lsn;
      if (output.type !== "send") continue;
      // A binding message goes to all, and waits for all records before it. The others have left before.
      if (typeof output.to !== "string" && output.to.includes(this.self)) {
        expect(output.after).toBe(this.appended);
        this.#held.push(output.message);
      } else {
        expect(output.after).toBeUndefined();
        if (BINDING.has(output.message.type)) expect(this.#left.has(kindAndPlace(output.message))).toBe(true);
      }
    }
    return outputs;
  }

  /** Notes what another replica has sent before. */
  left(place: string): void {
    this.#left.add(place);
  }

  /** The disk has synced: what was held leaves, and comes back. */
  sync(): void {
    for (const message of this.#held.splice(0)) {
      this.#left.add(kindAndPlace(message));
      this.hear(this.self, message);
    }
  }

  hear(from: string, message: Message): readonly Out[] {
    return this.#seen(this.core.step({ type: "message", from: peerId(from), message: verified(message) }, this.#now));
  }

  /** Resigns, while all others are linked and the next primary, c, has been heard. */
  resign(): readonly Out[] {
    for (const name of ["a", "b", "c", "d"]) this.core.step({ type: "link", peer: peerId(name), state: "up" }, this.#now);
    this.hear("c", statusOf("c", { view: 1 }));
    return this.#seen(this.core.step({ type: "request", request: { type: "resign" } }, this.#now));
  }

  timer(name: string): readonly Out[] {
    return this.#seen(this.core.step({ type: "timer", name }, this.#now));
  }
}

function sent(outputs: readonly Out[], type: Message["type"]): readonly Message[] {
  return outputs.flatMap((output) => (output.type === "send" && output.message.type === type ? [output.message] : []));
}

function statusOf(name: string, standing: Partial<Status> = {}): Status {
  return signStatus(by(name), { view: 0, changing: false, complaining: false, stable: 0, lastExecuted: 0, slots: [], ...standing });
}

const request = signedRequest({ client: "client", number: 1, operation: new Uint8Array(1) }, cluster);
const batch = makeBatch({ physicalMs: wallMs, logical: 0, proposer: 0 }, [request], digest);

function proposed(bench: Bench): void {
  const { signature } = signProposal(by("a"), 0, 1, batch.digest);
  bench.hear("a", { type: "pre-prepare", view: 0, sequence: 1, batch, signature });
}

/** The others prove that a view is left. */
function left(bench: Bench, view: number): void {
  const complaints = ["c", "d"].map((name) => ({ sender: names.indexOf(name), signature: signComplaint(by(name), view).signature }));
  bench.hear("c", { type: "departure", certificate: { view, ground: "complaint", votes: complaints } });
}

describe("what binds is not said again before it has left, however slow the disk", () => {
  /** The messages of a kind in what follows an event, before the disk has synced, and after it. */
  function around(bench: Bench, type: Message["type"], event: () => readonly Out[]): readonly number[] {
    bench.nowMs += 10_000;
    const before = sent(event(), type).length;
    bench.sync();
    bench.nowMs += 10_000;
    return [before, sent(event(), type).length];
  }

  test("PREPARE and COMMIT of a backup", () => {
    for (const type of ["prepare", "commit"] as const) {
      const bench = new Bench("b");
      proposed(bench);
      for (const name of ["c", "d"]) bench.hear(name, signVote(by(name), "prepare", 0, 1, batch.digest));
      expect(around(bench, type, () => bench.hear("c", statusOf("c")))).toEqual([0, 1]);
    }
  });

  test("PRE-PREPARE of the primary", () => {
    const bench = new Bench("a");
    bench.hear("client", request);
    expect(around(bench, "pre-prepare", () => bench.hear("c", statusOf("c")))).toEqual([0, 1]);
  });

  test("VIEW-CHANGE: until it is durable, a restart would go on in the view that it left", () => {
    const bench = new Bench("b");
    left(bench, 1);
    for (const name of ["c", "d"]) bench.hear(name, signViewChange(by(name), 2, BEGINNING, []));
    expect(bench.core.standing().inViewChange).toBe(true);
    expect(around(bench, "view-change", () => bench.timer("status"))).toEqual([0, 1]);
  });

  test("NEW-VIEW: a restarted primary may make another one", () => {
    const bench = new Bench("b");
    left(bench, 0);
    for (const name of ["c", "d"]) bench.hear(name, signViewChange(by(name), 1, BEGINNING, []));
    bench.hear("b", signViewChange(by("b"), 1, BEGINNING, []));
    expect(bench.core.standing()).toMatchObject({ view: 1, inViewChange: false });
    expect(around(bench, "new-view", () => bench.hear("a", statusOf("a")))).toEqual([0, 1]);
  });

  test("NEW-VIEW of a primary that has resigned since", () => {
    const bench = new Bench("b");
    left(bench, 0);
    for (const name of ["c", "d"]) bench.hear(name, signViewChange(by(name), 1, BEGINNING, []));
    bench.hear("b", signViewChange(by("b"), 1, BEGINNING, []));
    bench.resign();
    expect(bench.core.standing()).toMatchObject({ view: 2, inViewChange: true });
    expect(around(bench, "new-view", () => bench.hear("a", statusOf("a")))).toEqual([0, 1]);
  });

  test("NEW-VIEW of another primary may be handed on", () => {
    const bench = new Bench("c");
    const viewChanges = ["b", "c", "d"].map((name) => signViewChange(by(name), 1, BEGINNING, []));
    bench.hear("b", signNewView(by("b"), 1, viewChanges, []));
    bench.left("new-view 1 0");
    expect(sent(bench.hear("a", statusOf("a")), "new-view")).toHaveLength(1);
  });

  test("CHECKPOINT: a quorum of them lets the others drop their logs", () => {
    const bench = new Bench("b");
    for (let sequence = 1; sequence <= 4; sequence += 1) {
      const requests = [{ ...request, number: sequence }];
      const made = makeBatch({ physicalMs: wallMs, logical: sequence, proposer: 0 }, requests, digest);
      const { signature } = signProposal(by("a"), 0, sequence, made.digest);
      bench.hear("a", { type: "pre-prepare", view: 0, sequence, batch: made, signature });
      for (const name of ["c", "d"]) bench.hear(name, signVote(by(name), "prepare", 0, sequence, made.digest));
      for (const name of ["a", "c", "d"]) bench.hear(name, signVote(by(name), "commit", 0, sequence, made.digest));
    }
    expect(bench.core.standing().lastExecuted).toBe(4);
    expect(around(bench, "checkpoint", () => bench.hear("c", statusOf("c", { lastExecuted: 4 })))).toEqual([0, 1]);
  });
});
