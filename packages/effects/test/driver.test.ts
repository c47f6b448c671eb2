import { describe, expect, test } from "vitest";
import {
  CoreContractError,
  CoreFailedError,
  DeliverFailedError,
  LogFailedError,
  lsn,
  peerId,
  RecordError,
} from "../src/index.ts";
import { append, deliver, type Out, ScriptedWorld, send } from "./scripted.ts";

const me = peerId("me");
const [b, c] = [peerId("b"), peerId("c")];
const timer = (name: string, delayMs: number | "cancel"): Out => ({ type: "timer", name, delayMs });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("the rule: no output leaves before the log position it names is durable", () => {
  test("sends and deliveries with `after` wait for the sync; those without leave at once", () => {
    const world = new ScriptedWorld().host().onRequest({
      go: [send("early"), append(1), send("bound", 1), deliver("done", 1), send("also early")],
    });
    world.request("go");
    expect(world.network.sent).toEqual(["b:early", "b:also early"]);
    expect(world.delivered).toEqual([]);
    expect(world.running.stats()).toMatchObject({ held: 2, appended: 1, durable: 0, syncs: 1 });
    world.synced();
    expect(world.network.sent).toEqual(["b:early", "b:also early", "b:bound"]);
    expect(world.delivered).toEqual(["done"]);
    expect(world.running.stats()).toMatchObject({ held: 0, durable: 1 });
  });

  test("dials and hang-ups take their place among the sends", () => {
    const world = new ScriptedWorld().host().onRequest({
      go: [{ type: "dial", peer: peerId("c"), address: "there" }, send("hello"), { type: "hang-up", peer: peerId("c") }],
    });
    world.request("go");
    expect(world.network.sent).toEqual(["dial c at there", "b:hello", "hang up c"]);
  });

  test("a sync covers only the records that were appended before it began", () => {
    const world = new ScriptedWorld().host().onRequest({
      one: [append(1), send("one", 1)],
      two: [append(2), send("two", 2)],
      three: [append(3), send("three", 3)],
    });
    for (const request of ["one", "two", "three"]) world.request(request);
    expect(world.log.syncs.length).toBe(1);
    world.synced();
    expect(world.network.sent).toEqual(["b:one"]);
    expect(world.log.syncs.length, "one sync for all that came meanwhile").toBe(1);
    world.synced();
    expect(world.network.sent).toEqual(["b:one", "b:two", "b:three"]);
    expect(world.running.stats()["syncs"]).toBe(2);
  });

  test("held outputs keep their order, also when a later one could leave sooner", () => {
    const world = new ScriptedWorld().host().onRequest({
      one: [append(1)],
      two: [append(2), send("second", 2), send("first", 1), send("zeroth", 0)],
    });
    world.request("one");
    world.request("two");
    expect(world.network.sent).toEqual([]);
    world.synced();
    expect(world.network.sent).toEqual(["b:second", "b:first", "b:zeroth"]);
  });

  test("deliveries are in sequence, whether they wait or not", () => {
    const world = new ScriptedWorld()
      .host()
      .onRequest({ go: [append(1), deliver("1", 1), deliver("2")], next: [deliver("3")] });
    world.request("go");
    world.request("next");
    expect(world.delivered).toEqual([]);
    world.synced();
    expect(world.delivered).toEqual(["1", "2", "3"]);
  });

  test("what is durable already does not wait", () => {
    const world = new ScriptedWorld().host().onRequest({ go: [append(1), send("one", 1)], again: [send("two", 1)] });
    world.request("go");
    world.synced();
    world.request("again");
    expect(world.network.sent).toEqual(["b:one", "b:two"]);
    expect(world.log.syncs).toEqual([]);
  });

  test("a record alone begins no sync, until it has lain for a while or there are many bytes", () => {
    const world = new ScriptedWorld()
      .host({ limits: { unsyncedBytes: 10, syncIdleMs: 50 } })
      .onRequest({ one: [append(1)], two: [append(2, "many bytes")], three: [append(3)] });
    world.request("one");
    expect(world.log.syncs.length).toBe(0);
    world.tick(50);
    expect(world.log.syncs.length).toBe(1);
    world.request("two");
    world.synced();
    expect(world.log.syncs.length, "enough bytes").toBe(1);
    world.request("three");
    world.synced();
    expect(world.log.syncs.length).toBe(0);
    world.tick(50);
    expect(world.log.syncs.length, "a record that came during a sync is not forgotten").toBe(1);
  });

  test("a checkpoint is as good as the records that it replaces", () => {
    const world = new ScriptedWorld().host().onRequest({
      go: [append(1), send("one", 1), { type: "checkpoint", upTo: lsn(1), chunks: [] }],
    });
    world.request("go");
    world.log.checkpoints.shift()!();
    expect(world.network.sent).toEqual(["b:one"]);
    expect(world.inputs.at(-1)).toEqual({ type: "checkpointed", upTo: 1 });
  });
});

describe("messages to oneself", () => {
  test("come back after the step, verified, and bound by the same rule", () => {
    const seen: string[] = [];
    const world = new ScriptedWorld().host();
    world.script = (input) => {
      seen.push(input.type === "message" ? `${input.from}: ${input.message}` : input.type);
      return input.type === "request"
        ? [send("now", undefined, me), append(1), send("vote", 1, [b, me, c]), send("last")]
        : [];
    };
    world.request("go");
    expect(seen).toEqual(["request", "me: now"]);
    expect(world.network.sent).toEqual(["b:last"]);
    world.synced();
    expect(seen).toEqual(["request", "me: now", "me: vote"]);
    expect(world.network.sent).toEqual(["b:last", "b:vote", "c:vote"]);
  });

  test("the core is never re-entered", () => {
    let depth = 0;
    let steps = 0;
    const world = new ScriptedWorld().host();
    world.script = (input) => {
      expect(depth).toBe(0);
      depth += 1;
      steps += 1;
      // A network that breaks its contract, and a receiver that submits from inside `deliver`.
      if (input.type === "request") world.frame("inside");
      depth -= 1;
      return input.type === "request" ? [deliver("x"), send("again", undefined, me)] : [];
    };
    world.onDeliver = () => {
      if (steps < 5) world.running.submit("more");
    };
    world.request("go");
    expect(steps).toBe(3);
    world.tick();
    expect(steps).toBe(6);
  });
});

describe("a world that breaks its contract", () => {
  test("a network that hands over a frame inside of `send` does not overtake what is let out", () => {
    const world = new ScriptedWorld().host();
    world.script = (input) => {
      if (input.type === "message") return [send(`echo of ${input.message}`)];
      return input.type === "request" ? [append(1), send("one", 1), send("two", 1)] : [];
    };
    world.request("go");
    const { network } = world;
    const sent = network.send.bind(network);
    network.send = (to, frame) => {
      const fate = sent(to, frame);
      if (network.sent.length === 1) world.frame("x");
      return fate;
    };
    world.synced();
    expect(network.sent).toEqual(["b:one", "b:two", "b:echo of x"]);
  });

  test("a log that answers inside of its call is heard after the step", () => {
    const world = new ScriptedWorld().host();
    world.script = (input) => {
      if (input.type === "checkpointed") return [send("next")];
      if (input.type !== "request") return [];
      return [append(1), send("vote", 1), { type: "checkpoint", upTo: lsn(1), chunks: [] }, send("last")];
    };
    world.log.checkpoint = (_upTo, _chunks, done) => done();
    world.log.sync = (done) => done();
    world.request("go");
    expect(world.fatal).toEqual([]);
    expect(world.network.sent).toEqual(["b:vote", "b:last", "b:next"]);
  });

  test("a wire that rejects with no text makes way, and no input of its reason", () => {
    const world = new ScriptedWorld().host();
    const open = world.wire.open.bind(world.wire);
    world.wire.open = (from, frame, accept, reject) =>
      frame.length < 2 ? reject((frame[0] ? new Error("x") : undefined) as unknown as string) : open(from, frame, accept, reject);
    for (const frame of ["", "1", "next"]) world.frame(frame);
    expect(world.inputs).toHaveLength(1);
    expect(world.running.stats()).toMatchObject({ rejected: 2, pendingOpens: 0 });
  });
});

describe("recovery", () => {
  test("restore, then each record, then start; positions go on", () => {
    const world = new ScriptedWorld();
    world.found.fresh = false;
    world.found.checkpoint = { upTo: lsn(4), chunks: [bytes("state")] };
    world.found.records = [bytes("five"), bytes("six")];
    world.host().onRequest({ go: [append(7), send("seven", 7)] });
    expect(world.recovered).toEqual(["restore 4 state", "5 five", "6 six"]);
    expect(world.started).toBe(false);
    world.request("go");
    world.synced();
    expect(world.network.sent).toEqual(["b:seven"]);
    expect(world.running.stats()["durable"]).toBe(7);
  });

  test("frames before the start are dropped and counted; requests wait", () => {
    const world = new ScriptedWorld().host({ opening: true });
    world.frame("too early");
    expect(world.running.submit("patient")).toBe("accepted");
    world.tick();
    expect(world.inputs).toEqual([]);
    world.answerOpen({ log: world.log, fresh: true, records: [] });
    world.tick();
    expect(world.inputs).toEqual([{ type: "request", request: "patient" }]);
    expect(world.running.stats()["early"]).toBe(1);
  });

  test("a record that does not decode is fatal, with its position", () => {
    const world = new ScriptedWorld();
    world.found.records = [bytes("one"), Uint8Array.of(0)];
    world.host();
    expect(world.fatal).toHaveLength(1);
    expect(world.fatal[0]).toBeInstanceOf(RecordError);
    expect(String(world.fatal[0])).toContain('record 2 of the log "x"');
    expect(world.started).toBe(undefined);
  });

  test("without records no disk is opened, and the core is fresh", () => {
    const world = new ScriptedWorld().host({ noLog: true }).onRequest({ go: [send("hello"), deliver("x")] });
    expect(world.started).toBe(undefined);
    world.tick();
    expect(world.started).toBe(true);
    world.request("go");
    expect([world.network.sent, world.delivered, world.opens]).toEqual([["b:hello"], ["x"], 0]);
    world.onRequest({ bad: [append(1)] }).request("bad");
    expect(world.fatal[0]).toBeInstanceOf(CoreContractError);
  });

  test("ready is called once, after the start", () => {
    const started: boolean[] = [];
    const world = new ScriptedWorld();
    world.host({ ready: () => started.push(world.started!) });
    expect(started).toEqual([true]);
  });
});

describe("frames", () => {
  test("each peer's messages keep their order, however late they open", () => {
    const world = new ScriptedWorld().host();
    world.frame("late 1");
    world.frame("2");
    world.frame("late 3");
    world.frame("other", "c");
    const messages = (): unknown[] => world.inputs.map((input) => input.type === "message" && input.message);
    expect(messages()).toEqual(["other"]);
    world.wire.late[1]!.accept();
    expect(messages()).toEqual(["other"]);
    world.wire.late[0]!.accept();
    world.wire.late[0]!.accept();
    world.wire.late[0]!.reject();
    expect(messages()).toEqual(["other", "late 1", "2", "late 3"]);
    world.frame("4");
    expect(messages().at(-1)).toBe("4");
    expect(world.running.stats()).toMatchObject({ pendingOpens: 0, received: 5, rejected: 0 });
  });

  test("a rejected one makes way; a wire that throws rejects", () => {
    const world = new ScriptedWorld().host();
    for (const frame of ["late 1", "2", "bad", "throw", "3"]) world.frame(frame);
    world.wire.late[0]!.reject();
    expect(world.inputs.map((input) => input.type === "message" && input.message)).toEqual(["2", "3"]);
    expect(world.running.stats()).toMatchObject({ rejected: 3, pendingOpens: 0 });
    expect(world.fatal).toEqual([]);
  });

  test("a peer that sends only malformed frames does not fill the log", () => {
    const world = new ScriptedWorld().host();
    for (let sent = 0; sent < 1_000; sent += 1) world.frame("bad");
    world.frame("bad", "c");
    expect(world.running.stats()).toMatchObject({ rejected: 1_001 });
    expect(world.reported.filter((event) => event === "frame-rejected")).toHaveLength(11);
  });

  test("pending ones are bounded for each peer", () => {
    const world = new ScriptedWorld().host({ limits: { pendingOpens: 2 } });
    for (const frame of ["late 1", "late 2", "3"]) world.frame(frame);
    world.frame("from c", "c");
    expect(world.running.stats()).toMatchObject({ overrun: 1, pendingOpens: 2 });
    expect(world.inputs).toHaveLength(1);
  });

  test("losses are counted by cause; link states are inputs", () => {
    const world = new ScriptedWorld().host().onRequest({ go: [send("x", undefined, [b, c])] });
    world.network.fate = "full";
    world.request("go");
    world.network.fate = "down";
    world.request("go");
    expect(world.running.stats()).toMatchObject({ lostFull: 2, lostDown: 2, sends: 0 });
    world.network.link!(b, "writable");
    expect(world.inputs.at(-1)).toEqual({ type: "link", peer: "b", state: "writable" });
  });
});

describe("requests", () => {
  test("are stepped from the event loop, and bounded", () => {
    const world = new ScriptedWorld().host({ limits: { pendingRequests: 2 } });
    expect(["1", "2", "3"].map((request) => world.running.submit(request))).toEqual(["accepted", "accepted", "busy"]);
    expect(world.inputs).toEqual([]);
    world.tick();
    expect(world.inputs).toHaveLength(2);
    expect(world.running.submit("4")).toBe("accepted");
  });
});

describe("timers", () => {
  test("fire once, are replaced by name, and do not fire once cancelled", () => {
    const world = new ScriptedWorld().host().onRequest({
      set: [timer("t", 10), timer("u", 10), timer("v", 10)],
      replace: [timer("t", 20)],
      cancel: [timer("u", "cancel"), timer("w", "cancel")],
    });
    for (const request of ["set", "replace", "cancel"]) world.request(request);
    world.inputs.length = 0;
    world.tick(10);
    expect(world.inputs).toEqual([{ type: "timer", name: "v" }]);
    world.tick(20);
    expect(world.inputs).toEqual([
      { type: "timer", name: "v" },
      { type: "timer", name: "t" },
    ]);
  });

  test("one that was due already does not fire when a step before it cancels it", () => {
    const world = new ScriptedWorld().host().onRequest({ set: [timer("t", 10)] });
    world.request("set");
    const due = world.timers.find((one) => one.delayMs === 10)!;
    // The clock fires the timer during the step that cancels it, which is the worst case.
    world.script = () => {
      due.wake();
      return [timer("t", "cancel")];
    };
    world.inputs.length = 0;
    world.frame("x");
    expect(world.inputs.map((input) => input.type)).toEqual(["message"]);
  });
});

describe("fatal errors are reported once, and nothing runs afterwards", () => {
  const cases: [string, (world: ScriptedWorld) => void, new (...given: never[]) => Error][] = [
    ["an open that fails", (world) => world.host({ opening: true }).answerOpen(new Error("no disk")), LogFailedError],
    [
      "a sync that fails",
      (world) => {
        world
          .host()
          .onRequest({ go: [append(1), send("never", 1)] })
          .request("go");
        world.synced(new Error("EIO"));
      },
      LogFailedError,
    ],
    [
      "an append that throws",
      (world) => {
        world.log.append = () => {
          throw new Error("too large");
        };
        world
          .host()
          .onRequest({ go: [append(1)] })
          .request("go");
      },
      LogFailedError,
    ],
    [
      "a checkpoint that fails",
      (world) => {
        world
          .host()
          .onRequest({ go: [append(1), { type: "checkpoint", upTo: lsn(1), chunks: [] }] })
          .request("go");
        world.log.checkpoints[0]!(new Error("ENOSPC"));
      },
      LogFailedError,
    ],
    [
      "a core that throws",
      (world) => {
        world.host().script = () => {
          throw new Error("bug");
        };
        world.request("go");
      },
      CoreFailedError,
    ],
    [
      "a start that throws",
      (world) => {
        world.onStart = () => {
          throw new Error("bug");
        };
        world.host();
      },
      CoreFailedError,
    ],
    [
      "a delivery that throws",
      (world) => {
        world.onDeliver = () => {
          throw new Error("bug");
        };
        world
          .host()
          .onRequest({ go: [deliver("x")] })
          .request("go");
      },
      DeliverFailedError,
    ],
    [
      "a held delivery that throws",
      (world) => {
        world.onDeliver = () => {
          throw new Error("bug");
        };
        world
          .host()
          .onRequest({ go: [append(1), deliver("x", 1)] })
          .request("go");
        world.synced();
      },
      DeliverFailedError,
    ],
    [
      "a gap in the log",
      (world) =>
        world
          .host()
          .onRequest({ go: [append(2)] })
          .request("go"),
      CoreContractError,
    ],
    [
      "a position used twice",
      (world) =>
        world
          .host()
          .onRequest({ go: [append(1), append(1)] })
          .request("go"),
      CoreContractError,
    ],
    [
      "waiting for what was never appended",
      (world) =>
        world
          .host()
          .onRequest({ go: [send("x", 1)] })
          .request("go"),
      CoreContractError,
    ],
    [
      "two checkpoints at a time",
      (world) => {
        const checkpoint = { type: "checkpoint", upTo: lsn(0), chunks: [] } as const;
        world
          .host()
          .onRequest({ go: [checkpoint, checkpoint] })
          .request("go");
      },
      CoreContractError,
    ],
    [
      "too many held outputs",
      (world) =>
        world
          .host({ limits: { heldOutputs: 1 } })
          .onRequest({ go: [append(1), send("x", 1), send("y", 1)] })
          .request("go"),
      CoreContractError,
    ],
    [
      "a timer of no length",
      (world) =>
        world
          .host()
          .onRequest({ go: [{ type: "timer", name: "t", delayMs: Number.NaN }] })
          .request("go"),
      CoreContractError,
    ],
  ];
  test.each(cases)("%s", (_name, cause, kind) => {
    const world = new ScriptedWorld();
    cause(world);
    expect(world.fatal).toHaveLength(1);
    expect(world.fatal[0]).toBeInstanceOf(kind);
    const { length } = world.inputs;
    const sent = [...world.network.sent];
    world.frame("x");
    world.network.link?.(b, "up");
    for (const delayMs of [0, 10, 50]) world.tick(delayMs);
    for (const done of [...world.log.syncs, ...world.log.checkpoints]) done();
    expect(world.running.submit("x")).toBe("stopped");
    expect([world.inputs.length, world.network.sent, world.fatal.length]).toEqual([length, sent, 1]);
  });

  test("`after` may name a record that the same step appends later", () => {
    const world = new ScriptedWorld().host().onRequest({ go: [send("x", 1), append(1)] });
    world.request("go");
    world.synced();
    expect(world.network.sent).toEqual(["b:x"]);
  });
});

describe("stop", () => {
  test("releases held outputs, syncs the rest, and calls back when it is done", () => {
    let stopped = 0;
    const world = new ScriptedWorld()
      .host()
      .onRequest({ go: [append(1), send("bound", 1), { type: "timer", name: "t", delayMs: 10 }], more: [append(2)] });
    world.request("go");
    world.request("more");
    world.running.stop(1_000, () => (stopped += 1));
    expect(world.running.submit("late")).toBe("stopped");
    world.tick();
    world.frame("late");
    world.tick(10);
    expect(stopped).toBe(0);
    world.synced();
    expect(world.network.sent).toEqual(["b:bound"]);
    world.tick();
    expect(stopped).toBe(0);
    world.synced();
    world.tick();
    expect(stopped).toBe(1);
    world.running.stop(1_000, () => (stopped += 1));
    world.tick();
    expect(stopped).toBe(2);
    expect(world.inputs.map((input) => input.type)).toEqual(["request", "request"]);
  });

  test("steps nothing afterwards, not even held messages to oneself", () => {
    const world = new ScriptedWorld()
      .host()
      .onRequest({ go: [append(1), send("vote", 1, [b, me]), { type: "timer", name: "t", delayMs: 10 }] });
    world.request("go");
    world.running.submit("waits");
    world.running.stop(1_000, () => undefined);
    world.tick();
    world.tick(10);
    world.synced();
    expect(world.network.sent).toEqual(["b:vote"]);
    expect(world.running.stats()).toMatchObject({ loopbacks: 1, steps: 2 });
    expect(world.inputs.map((input) => input.type)).toEqual(["request"]);
  });

  test("syncs a record that no output waited for", () => {
    let stopped = false;
    const world = new ScriptedWorld().host().onRequest({ go: [append(1)] });
    world.request("go");
    world.running.stop(1_000, () => (stopped = true));
    world.tick();
    world.synced();
    world.tick();
    expect(stopped).toBe(true);
  });

  test("stops as in a crash after its deadline", () => {
    let stopped = false;
    const world = new ScriptedWorld().host().onRequest({ go: [append(1), send("never", 1)] });
    world.request("go");
    world.running.stop(1_000, () => (stopped = true));
    world.tick(1_000);
    world.tick();
    expect(stopped).toBe(true);
    world.synced();
    expect(world.network.sent).toEqual([]);
    expect(world.fatal).toEqual([]);
  });

  test("before the start, and with nothing to do, it is done at once, from the event loop", () => {
    for (const opening of [true, false]) {
      let stopped = false;
      const world = new ScriptedWorld().host({ opening });
      world.running.stop(1_000, () => (stopped = true));
      expect(stopped).toBe(false);
      world.tick();
      world.tick();
      expect(stopped).toBe(true);
      world.answerOpen({ log: world.log, fresh: true, records: [] });
      expect(world.started).toBe(opening ? undefined : true);
    }
  });
});
