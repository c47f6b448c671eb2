import { InvalidProblemError, quote } from "../src/errors.ts";
import type { Link, Node, SchedulingProblem, Task } from "../src/problem.ts";

/** A problem as people write it, one task, node or link a line. */
export interface ProblemText {
  /** `web cpu=2 memory=4` */
  readonly tasks: string;
  /** `node1 cpu=8 memory=16` */
  readonly nodes: string;
  /** `web cache 2`, the weight last. */
  readonly links: string;
}

/** Names of resources with their amounts. */
type Amounts = Readonly<Record<string, number>>;

/**
 * Reads a problem. Amounts and names are checked when it is compiled.
 *
 * @throws {@link InvalidProblemError} with the line that is no task, node or link.
 */
export function readText({ tasks, nodes, links }: ProblemText): SchedulingProblem {
  return {
    tasks: linesOf(tasks).map(([line, at]): Task => ({ id: nameOf(line), demand: amountsOf(line, at, "tasks") })),
    nodes: linesOf(nodes).map(([line, at]): Node => ({ id: nameOf(line), capacity: amountsOf(line, at, "nodes") })),
    links: linesOf(links).map(([line, at]) => linkOf(line, at)),
  };
}

/** Leaves out the line of a node. */
export function withoutNode(nodes: string, id: string): string {
  return nodes.split("\n").filter((line) => nameOf(line.trim()) !== id).join("\n");
}

function linesOf(text: string): readonly (readonly [line: string, at: number])[] {
  return text.split("\n").map((line, at) => [line.trim(), at + 1] as const).filter(([line]) => line !== "");
}

function nameOf(line: string): string {
  return line.split(/\s+/, 1)[0] ?? "";
}

function amountsOf(line: string, at: number, what: string): Amounts {
  const parts = line.split(/\s+/).slice(1).map((part): readonly [string, number] => {
    const [name = "", amount = "", ...more] = part.split("=");
    if (name === "" || amount === "" || more.length > 0 || !Number.isFinite(Number(amount))) refuseLine(what, at, "a name and amounts, as web cpu=2 memory=4", line);
    return [name, Number(amount)];
  });
  return Object.fromEntries(parts);
}

function linkOf(line: string, at: number): Link {
  const [a = "", b, weight = "1", ...more] = line.split(/\s+/);
  if (b === undefined || more.length > 0 || !Number.isFinite(Number(weight))) refuseLine("links", at, "two tasks and a weight, as web cache 2", line);
  return { a, b, weight: Number(weight) };
}

function refuseLine(what: string, at: number, expected: string, line: string): never {
  throw new InvalidProblemError(`expected line ${at} of the ${what} to be ${expected}, got ${quote(line)}`);
}
