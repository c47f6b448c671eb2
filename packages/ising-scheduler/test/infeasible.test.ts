import { expect, test } from "vitest";
import { compile as compileCluster } from "../src/cluster/index.ts";
import { compile, explainResult, solve, whyInfeasible } from "../src/index.ts";
import type { Infeasibility, SchedulingProblem, Task } from "../src/index.ts";

const nodes = ["a", "b", "c"].map((id) => ({ id, capacity: { cpu: 4 } }));

function why(tasks: readonly Task[], more: Partial<SchedulingProblem> = {}): Infeasibility | undefined {
  const compiled = compile({ tasks, nodes, ...more });
  return whyInfeasible(compiled, solve(compiled, { exhaustiveMax: 0, moves: 2_000 }));
}

const some = (count: number, cpu: number): Task[] => Array.from({ length: count }, (_, at) => ({ id: `t${at}`, demand: { cpu } }));

test("the smallest reason is named, with the advice that helps", () => {
  expect(why(some(3, 1))).toBeUndefined();
  expect(why([...some(9, 3), { id: "big", demand: { cpu: 5 } }])).toMatchObject({ proved: true, reason: 'the largest node has 4 "cpu", "big" needs 5', tasks: ["big"] });
  const all = some(6, 0).map(({ id }) => id);
  const apart = why(some(6, 0).map((task) => ({ ...task, antiAffinity: all.slice(0, 4).filter((id) => id !== task.id && all.indexOf(task.id) < 4) })));
  expect(apart).toMatchObject({ proved: true, reason: '4 tasks must be apart ("t0", "t1", "t2", "t3"), 3 nodes', advice: expect.stringContaining("more capacity does not help") });
  expect(why(some(4, 2.5))).toMatchObject({ proved: true, reason: '4 tasks need more than half of the largest node\'s "cpu" each ("t0", "t1", "t2", "t3"), 3 nodes have as much' });
  expect(why(some(13, 1))).toMatchObject({ proved: true, reason: 'all tasks need 13 "cpu", all nodes have 12', advice: 'add 1 "cpu" or reduce demand' });
  expect(why([...some(3, 2), ...some(2, 3).map(({ demand }, at) => ({ id: `u${at}`, demand }))])).toMatchObject({ proved: false, reason: expect.stringContaining('"cpu" lacks') });
});

test("a rule that no node keeps", () => {
  const compiled = compileCluster({ tasks: [{ id: "x", demand: {}, requires: { gpu: "t4" } }], nodes });
  expect(whyInfeasible(compiled, solve(compiled))).toMatchObject({ proved: true, reason: 'no node may have "x": it needs the label "gpu" to be "t4"' });
});

test("a result as text", () => {
  const compiled = compileCluster({ tasks: [...some(2, 3), { id: "w", demand: { cpu: 4 }, mayWait: true }], nodes: nodes.slice(0, 2) });
  expect(explainResult(compiled, solve(compiled))).toMatchInlineSnapshot(`
    "All tasks but 1 are placed, and no placement has less energy.
    Energy 0.125: balance 0.125.
    All placements were tried after 20 moves. Simple rules: dotProduct 0.125, firstFit 0.125, roundRobin does not fit, bestFit 0.125.
    node  tasks      cpu
    a         1  3/4 75%
    b         1  3/4 75%
    w (priority 0) waits: the nearest node, "a", lacks 3 "cpu"."
  `);
  const none = compile({ tasks: some(1, 9), nodes });
  expect(explainResult(none, solve(none))).toContain('There is no placement: the largest node has 4 "cpu", "t0" needs 9. To do: add a larger node');
});
