import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FailedRun, replay, type RunPlan, type Scenario, shrink, simulate } from "../src/index.ts";
import { ddmin } from "../src/shrink/ddmin.ts";
import { sizeOf } from "../src/shrink/run-size.ts";
import { PLANTED } from "./planted/index.ts";

const NODES = ["a", "b", "c", "d"] as const;

/** Fails once each of some nodes has crashed and each of some operations was performed. */
function needing(nodes: readonly string[], operations: readonly number[]): Scenario {
  return () => {
    const crashed = new Set<string>();
    const asked = new Set<number>();
    const lives = new Map<string, number>();
    const holds = (): boolean => !nodes.every((id) => crashed.has(id)) || !operations.every((one) => asked.has(one));
    const program = ({ network: { self } }: { network: { self: string } }): void => {
      if (lives.has(self)) crashed.add(self);
      lives.set(self, 1);
    };
    return {
      nodes: Object.fromEntries(NODES.map((id) => [id, program])),
      faults: { kinds: ["crash", "pause", "partition", "clock-jump"], everyMs: 20, lastMs: [1, 10], untilMs: 600, downMax: 4 },
      workload: {
        clients: 2,
        operations: 4,
        draw: (random) => ({ op: "ask", input: random.below(9) }),
        *perform({ index }) {
          asked.add(index);
        },
      },
      check: { always: { "not all of it": () => expect(holds()).toBe(true) } },
      until: 700,
    };
  };
}

/** Returns the plans that lack one part of another plan. */
function withoutOne({ plan, operations }: FailedRun): readonly RunPlan[] {
  return [
    ...plan.faults.map((_, at) => ({ ...plan, faults: plan.faults.toSpliced(at, 1) })),
    ...plan.decisions.map((_, at) => ({ ...plan, decisions: plan.decisions.toSpliced(at, 1) })),
    ...plan.forks.map((_, at) => ({ ...plan, forks: plan.forks.toSpliced(at, 1) })),
    ...operations.map(({ index }) => ({ ...plan, omitted: [...plan.omitted, index].sort((one, other) => one - other) })),
  ];
}

/** Returns the result of a generator, and ignores what it yields. */
function drained<R>(work: Generator<unknown, R>): R {
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

test("ddmin returns a failing list, in order, from which no item can be left out", () => {
  const items = fc.uniqueArray(fc.nat(30), { maxLength: 12 });
  fc.assert(
    fc.property(items, fc.func(fc.boolean()), (all, chance) => {
      const fails = (subset: readonly number[]): boolean => subset.length === all.length || chance(subset);
      const kept = drained(
        // oxlint-disable-next-line require-yield -- it need not be abandoned
        ddmin(all, function* (subset) {
          return fails(subset);
        })
      );
      expect(fails(kept)).toBe(true);
      expect(all.filter((one) => kept.includes(one))).toEqual(kept);
      for (const at of kept.keys()) expect(fails(kept.toSpliced(at, 1))).toBe(false);
    }),
    { numRuns: 200 }
  );
});

describe("shrinking", () => {
  test("keeps exactly the parts that a failure needs", () => {
    const needed = fc.record({
      nodes: fc.subarray([...NODES], { maxLength: 3 }),
      operations: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7], { maxLength: 4 }),
      seed: fc.nat(1_000),
    });
    fc.assert(
      fc.property(needed, ({ nodes, operations, seed }) => {
        const scenario = needing(nodes, operations);
        const failed = simulate({ ...scenario(), seed });
        fc.pre(!failed.ok);
        if (failed.ok) return;
        const { run } = shrink(scenario, failed, { runsMax: 3_000 });
        const crashes = run.plan.faults.map((fault) => `${fault.kind} ${"node" in fault ? fault.node : ""}`);
        expect(crashes.sort()).toEqual(nodes.map((id) => `crash ${id}`).sort());
        expect(run.operations.map(({ index }) => index)).toEqual(operations);
      }),
      { numRuns: 5, seed: 4 }
    );
  });

  test("ends with a repeatable run that fails in the same way, is no larger, and needs all of its parts", () => {
    fc.assert(
      fc.property(fc.constantFrom(...PLANTED), fc.nat(10_000), ({ build, check }, from) => {
        const scenario = (): ReturnType<typeof build> => build(true);
        const failed = Array.from({ length: 40 }, (_, at) => from + at)
          .map((seed) => simulate({ ...scenario(), seed }))
          .find((run) => !run.ok);
        if (!failed || failed.ok) return;
        const { run, isMinimal } = shrink(scenario, failed);
        expect(run.failure).toMatchObject({ kind: "violation", name: check });
        expect(sizeOf(run)).toBeLessThanOrEqual(sizeOf(failed));
        expect(replay(scenario, JSON.parse(JSON.stringify(run.plan)))).toMatchObject({ ok: false, traceHash: run.traceHash });
        if (!isMinimal) return;
        for (const plan of withoutOne(run)) {
          const less = replay(scenario, plan);
          const isSame = !less.ok && less.failure.kind === run.failure.kind && less.failure.name === run.failure.name;
          if (isSame && !less.ok) expect(sizeOf(less)).toBeGreaterThanOrEqual(sizeOf(run));
        }
      }),
      { numRuns: 8, seed: 7 }
    );
  });
});
