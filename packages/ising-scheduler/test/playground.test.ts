import { expect, test } from "vitest";
import { exampleText } from "../playground/example.ts";
import { Session } from "../playground/session.ts";
import { readText, withoutNode } from "../playground/text.ts";

test("problems are read line by line, and a mistake is named by its line", () => {
  const text = { tasks: " web cpu=2 memory=0.5\n\ndb", nodes: "a cpu=4", links: "web db 2\ndb web" };
  expect(readText(text)).toEqual({
    tasks: [{ id: "web", demand: { cpu: 2, memory: 0.5 } }, { id: "db", demand: {} }],
    nodes: [{ id: "a", capacity: { cpu: 4 } }],
    links: [{ a: "web", b: "db", weight: 2 }, { a: "db", b: "web", weight: 1 }],
  });
  const wrong = (tasks: string, links = ""): (() => unknown) => () => readText({ tasks, nodes: "a", links });
  for (const line of ["web cpu", "web cpu=", "web =1", "web cpu=1=2", "web cpu=x"]) expect(wrong(`one\n${line}`)).toThrow(`expected line 2 of the tasks to be a name and amounts, as web cpu=2 memory=4, got "${line}"`);
  for (const line of ["web", "web db x", "web db 1 2"]) expect(wrong("web", line)).toThrow("expected line 1 of the links");
  expect(withoutNode("a cpu=1\n  ab cpu=1\na1", "a")).toBe("  ab cpu=1\na1");
});

test("a trial walks to the end, a node is taken away with a reason for each move, and both are undone", () => {
  const session = new Session(exampleText(3), 7);
  const { trial } = session;
  while (!trial.done) trial.advance(50);
  const first = trial.result();
  expect([first.feasible, trial.walking()]).toEqual([true, first.placement]);
  expect(trial.trace.at(-1)?.energy).toBe(first.energy.total);
  expect(Math.min(...first.starts.map(({ energy }) => energy))).toBeGreaterThanOrEqual(first.energy.total);
  const [{ id = "" } = {}] = trial.loads(first).nodes;

  session.takeAway(id, 7);
  const after = session.trial;
  expect(after.loads(after.result()).nodes.map((node) => node.id)).not.toContain(id);
  const lost = Object.keys(first.placement).filter((task) => first.placement[task] === id);
  expect(after.moved().filter(({ from }) => from === id).map(({ task }) => task)).toEqual(lost.sort());
  expect(after.moved().every(({ reason }) => reason !== "")).toBe(true);

  session.use(exampleText(4), 7);
  session.undo();
  expect(session.trial).toBe(after);
  session.undo();
  session.undo();
  expect([session.trial, session.canUndo]).toEqual([trial, false]);
});

test("the chart of a long walk has a bounded number of points, the newest among them", () => {
  const { trial } = new Session(exampleText(1), 1);
  for (let at = 0; at < 1_500; at++) trial.advance(1);
  expect(trial.trace.length).toBeLessThanOrEqual(400);
  expect(trial.trace.at(-1)?.moves).toBe(trial.result().moves);
  const moves = trial.trace.map((point) => point.moves);
  expect(moves).toEqual([...moves].sort((a, b) => a - b));
});
