import { inPlaceCompute, type Job, peerId } from "@void-system/effects";
import { onExit, spawn } from "@void-system/effects/fibers";
import { boots, Clock, Disk, Log, Net, Random } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import { Simulation } from "../src/index.ts";

describe("a fiber in a simulated world", () => {
  /** Three nodes. Each greets the others at random times, keeps the greetings on disk, and logs them. */
  function greetings(seed: number): { readonly lines: readonly string[]; readonly hash: string } {
    const lines: string[] = [];
    const simulation = new Simulation({
      seed,
      network: { loss: 0.1 },
      log: ({ atMs, node, event, fields }) => void lines.push(`${atMs} ${node} ${event} ${JSON.stringify(fields)}`),
    });
    const names = ["a", "b", "c"].map(peerId);
    for (const name of names) {
      simulation.node(
        name,
        boots(function* () {
          const { log: heard, records } = yield* Disk.open("heard");
          yield* Log.info("remembers", { frames: [...records].length });
          yield* spawn(function* () {
            for (;;) {
              const { from, frame } = yield* Net.receive();
              heard.append(frame);
              yield* Disk.sync(heard);
              yield* Log.info("heard", { from, byte: frame[0] });
            }
          });
          for (let turn = 0; turn < 20; turn += 1) {
            yield* Clock.sleep(50 + 50 * (yield* Random.next()));
            for (const other of names) if (other !== name) yield* Net.send(other, Uint8Array.of(turn));
          }
          yield* Clock.sleep(60_000);
        }),
      );
      simulation.start(name);
    }
    simulation.at(700, () => simulation.restart("b"));
    simulation.run({ untilMs: 5_000 });
    return { lines, hash: simulation.traceHash() };
  }

  test("runs on virtual time, as its seed decides", () => {
    const first = greetings(1);
    expect(greetings(1)).toEqual(first);
    expect(greetings(2).hash).not.toBe(first.hash);
    const remembered = first.lines.filter((line) => line.includes(" b remembers "));
    expect(remembered).toHaveLength(2);
    expect(remembered[1]).toMatch(/"frames":[1-9]/);
  });

  test("is cancelled by stop, which waits for finalizers; a crash runs none; an error is a finding with its stack", () => {
    const order: string[] = [];
    const simulation = new Simulation({ seed: 3 });
    const program = boots(function* () {
      yield* onExit(function* () {
        yield* Clock.sleep(10);
        order.push(`closed at ${yield* Clock.monotonic()}`);
      });
      yield* Clock.sleep(1_000_000);
    });
    simulation.node("a", program);
    simulation.node("b", program);
    simulation.start("a");
    simulation.start("b");
    simulation.at(100, () => simulation.stop("a"));
    simulation.at(100, () => simulation.crash("b"));
    simulation.run({ untilMs: 1_000 });
    expect(order).toEqual(["closed at 110"]);
    expect(simulation.isRunning("a")).toBe(false);
    simulation.node(
      "c",
      boots(function* failing() {
        yield* Clock.sleep(5);
        throw new Error("a bug");
      }),
    );
    simulation.start("c");
    let thrown: unknown;
    try {
      simulation.run();
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain("a bug");
    expect(((thrown as Error).cause as Error).stack).toMatch(/^Error: a bug\n {4}at failing .*simulated-world\.test\.ts:\d+:\d+\)$/);
  });
});

test("a job is answered after a drawn time, and never after the end of its life", () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  const doubled: Job = { name: "doubled", module: "file:///jobs.js", run: (input) => input.map((byte) => byte * 2) };
  const simulation = new Simulation({ seed: 4, compute: { minMs: 2, maxMs: 3 } });
  const answers: unknown[] = [];
  simulation.node("a", ({ compute }) => {
    compute.run(doubled, bytes(1), (output) => answers.push(simulation.now >= 2, output));
    compute.run(doubled, bytes(1), () => answers.push("cancelled"))();
  });
  simulation.start("a");
  simulation.run();
  simulation.restart("a");
  simulation.step();
  simulation.crash("a");
  simulation.run();
  expect(answers).toEqual([true, bytes(2)]);
});

test("a record is copied, even from a Buffer of Node.js, whose slice is a view", () => {
  const simulation = new Simulation({ seed: 1 });
  const found: string[] = [];
  simulation.node("a", ({ disk }) => {
    disk.open("log", (opened) => {
      if (opened instanceof Error) throw opened;
      for (const kept of opened.records) found.push(Buffer.from(kept).toString());
      const record = Buffer.from("kept");
      opened.log.append(record);
      record.fill(0);
      opened.log.sync(() => undefined);
    });
  });
  simulation.start("a");
  simulation.run({ untilMs: 100 });
  simulation.restart("a");
  simulation.run({ untilMs: 200 });
  expect(found).toEqual(["kept"]);
});

test("the input of a job is copied", () => {
  const input = Buffer.from("kept");
  let output: Uint8Array | Error | undefined;
  let later: () => void = () => undefined;
  const compute = inPlaceCompute({ schedule: (_ms, wake) => ((later = wake), () => undefined) });
  compute.run({ name: "same", module: "", run: (bytes) => bytes }, input, (answer) => (output = answer));
  input.fill(0);
  later();
  expect(output).toEqual(new Uint8Array(Buffer.from("kept")));
});
