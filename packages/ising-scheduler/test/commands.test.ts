import { describe, expect, test } from "vitest";
import { explainCommand, placeCommand, readFiles, whatIfCommand, withChanges } from "../src/commands/index.ts";

const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 4 } }];
const tasks = ["x", "y", "z"].map((id) => ({ id, demand: { cpu: 2 } }));
const problem = { tasks, nodes };

describe("place", () => {
  test("prints the load of each node", () => {
    const { text, code } = placeCommand(problem);
    expect([text.includes("node  tasks"), text.includes("4/4 100%"), code]).toEqual([true, true, 0]);
  });

  test("says what moved and why", () => {
    const { text, json, svg } = placeCommand({ ...problem, previous: { x: "a", y: "a", z: "gone" } });
    expect(text).toContain('1 tasks move:\n  z: gone -> b, since "gone" is gone');
    expect(json).toMatchObject({ migrations: [{ task: "z" }] });
    expect(svg).toContain("before");
  });

  test("ends with 3 where there is no placement, and with the reason", () => {
    const { text, code } = placeCommand({ tasks: [{ id: "big", demand: { cpu: 5 } }], nodes });
    expect([code, text.startsWith('There is no placement: the largest node has 4 "cpu", "big" needs 5. To do: add a larger node')]).toEqual([3, true]);
  });
});

test("explain: each node with its cost or its reason", () => {
  const { text } = explainCommand({ tasks: [...tasks, { id: "w", demand: { cpu: 3 }, mayWait: true }], nodes }, "w");
  expect(text).toContain('w waits: the nearest node, "');
  expect(text).toMatch(/ {2}[ab]: lacks \d cpu/);
  expect(explainCommand(problem, "x").text).toMatch(/^x is on [ab]\n {2}[ab]: chosen\n/);
  expect(() => explainCommand(problem, "q")).toThrow('got "q"');
});

test("what-if: a node taken away, nodes added", () => {
  const { text, code } = whatIfCommand(problem, { without: ["b"], add: ["1xcpu=2,gpu=1"] });
  expect([code, text.includes("-> added-1-1")]).toEqual([0, true]);
  expect(whatIfCommand(problem, { without: ["b"] }).code).toBe(3);
  expect(withChanges(problem, { add: ["2×a"] }).nodes.map(({ id, capacity }) => [id, capacity["cpu"]])).toEqual([["a", 4], ["b", 4], ["added-1-1", 4], ["added-1-2", 4]]);
  for (const add of ["cpu=2", "0xcpu=2", "2xq", "2xcpu=", "9999xcpu=1"]) expect(() => withChanges(problem, { add: [add] })).toThrow("expected --add as");
  expect(() => withChanges(problem, { without: ["q"] })).toThrow('got "q"');
});

test("files of every kind add up", async () => {
  const read = await readFiles([
    ["nodes.csv", "node,cpu\na,4\n"],
    ["more.json", JSON.stringify({ nodes: [{ id: "b", capacity: { cpu: 4 } }], links: [] })],
    ["tasks.csv", "task,cpu\nx,2\n"],
  ]);
  expect(read).toEqual({ problem: { nodes, tasks: [{ id: "x", demand: { cpu: 2 } }], links: [] }, notes: [] });
  const pods = await readFiles([["all.json", JSON.stringify({ kind: "List", items: [{ kind: "Node", metadata: { name: "a" }, status: { allocatable: { cpu: "1" } } }] })]]);
  expect(pods.problem.nodes).toEqual([{ id: "a", capacity: { cpu: 1 } }]);
  await expect(readFiles([["x.csv", "what,cpu\n1,2\n"]])).rejects.toThrow('expected "x.csv" with a column "task"');
  await expect(readFiles([["x.json", "{"]])).rejects.toThrow('expected "x.json" to be JSON');
});
