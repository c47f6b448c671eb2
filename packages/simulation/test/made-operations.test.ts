import { all, effect, race } from "@void-system/effects/fibers";
import { boots, Clock, Net, Random, type WorldNeeds } from "@void-system/effects/world";
import { describe, expect, test } from "vitest";
import { type ClientProgram, NeverPerformedError, simulate, type SimulateOptions, type SimulationResult } from "../src/index.ts";

const Dice = effect<{ roll(sides: number): number }>()("test/made-dice");

function run(body: () => Generator<WorldNeeds, unknown>, more: Partial<SimulateOptions> = {}): SimulationResult {
  return simulate({ seed: 1, until: 100, nodes: { a: boots(body) }, ...more });
}

function forgotten(operation: string, node = "a"): object {
  return { ok: false, failure: { kind: "unperformed", name: operation, node, message: expect.stringContaining(`write \`yield* ${operation}(…)\``) } };
}

describe("an operation that is never performed", () => {
  test("fails the run, whatever effect it belongs to", () => {
    expect(run(function* () { yield* Clock.sleep(1); Clock.sleep(5); })).toMatchObject(forgotten("Clock.sleep"));
    expect(run(function* () { Random.next(); })).toMatchObject(forgotten("Random.next"));
    expect(run(function* () { yield* Dice.handle({ roll: () => 4 }, function* () { Dice.roll(6); }); })).toMatchObject(
      forgotten("test/made-dice.roll")
    );
    const failed = run(function* () { Random.next(); yield* Random.next(); });
    expect(failed).toMatchObject(forgotten("Random.next"));
    expect(failed.ok || failed.failure.error).toBeInstanceOf(NeverPerformedError);
  });

  test("ends an endless loop", () => {
    expect(run(function* () { for (;;) Net.receive(); })).toMatchObject(forgotten("Net.receive"));
  });

  test("of a client fails the run too", () => {
    const client = (program: ClientProgram): SimulationResult =>
      run(function* () { yield* Clock.sleep(1); }, { workload: { clients: ["ann"], program } });
    expect(client(function* ({ operation }) { operation({ op: "x" }, () => Clock.sleep(1)); })).toMatchObject(forgotten("client.operation", "ann"));
    expect(client(function* ({ call }) { call("a", () => Clock.sleep(1)); })).toMatchObject(forgotten("client.call", "ann"));
  });

  test("is no matter once its node has crashed", () => {
    const body = function* (): Generator<WorldNeeds, void> { Clock.sleep(1); };
    expect(run(body, { faults: [{ kind: "crash", atMs: 50, node: "a" }] })).toMatchObject({ ok: true });
  });
});

describe("an operation that is kept across a wait", () => {
  test("is forgotten when its fiber is cancelled meanwhile", () => {
    const late = function* (): Generator<WorldNeeds, void> {
      yield* Random.next();
      const next = Random.next();
      yield* Clock.sleep(50);
      yield* next;
    };
    expect(run(() => race([late, () => Clock.sleep(1)]) as Generator<WorldNeeds, unknown>)).toMatchObject({ ok: true });
    const waiting = function* (): Generator<WorldNeeds, void> { const next = Net.receive(); yield* Clock.sleep(50); yield* next; };
    expect(run(() => race([waiting, () => Clock.sleep(1)]) as Generator<WorldNeeds, unknown>)).toMatchObject({ ok: true });
    // Its node has performed none of that name: a yield* is missing.
    const mute = function* (): Generator<WorldNeeds, void> { Random.next(); yield* Net.receive(); };
    expect(run(() => race([mute, () => Clock.sleep(1)]) as Generator<WorldNeeds, unknown>)).toMatchObject(forgotten("Random.next"));
    // Cancelled fibers do not add up either.
    const many = function* (): Generator<WorldNeeds, void> {
      for (let count = 0; count < 1_100; count += 1) yield* race([late, () => Clock.sleep(0.01)]);
    };
    expect(run(many)).toMatchObject({ ok: true });
    // A fiber that came to its end has forgotten it.
    expect(run(() => race([function* () { Random.next(); yield* Clock.sleep(1); }, () => Clock.sleep(9)]) as Generator<WorldNeeds, unknown>)).toMatchObject(
      forgotten("Random.next")
    );
  });

  test("is no failure when the run ends before the wait", () => {
    const body = function* (): Generator<WorldNeeds, void> {
      for (;;) {
        const next = Random.next();
        yield* Clock.sleep(30);
        yield* next;
      }
    };
    expect(run(body)).toMatchObject({ ok: true });
    expect(run(function* () { const next = Random.next(); yield* Clock.sleep(30); yield* Clock.sleep(99); yield* next; })).toMatchObject(forgotten("Random.next"));
    // No event is pending, so nothing would perform it.
    expect(run(function* () { Random.next(); yield* Net.receive(); })).toMatchObject(forgotten("Random.next"));
  });
});

test("operations that are performed late, again, or by other fibers are performed", () => {
  const body = function* (): Generator<WorldNeeds, unknown> {
    const sleep = Clock.sleep(2);
    const next = Random.next();
    yield* Clock.sleep(1);
    yield* sleep;
    yield* sleep;
    yield* all([() => next, () => sleep, () => race([() => Clock.sleep(1), () => Net.receive()])]);
    return 1;
  };
  expect(run(body)).toMatchObject({ ok: true });
});
