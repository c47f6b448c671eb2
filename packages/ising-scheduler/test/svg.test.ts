import { expect, test } from "vitest";
import { compile, solve } from "../src/index.ts";
import { SVG_NODES_MAX, toSvg } from "../src/svg.ts";

const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b<", capacity: { cpu: 2 } }];
const compiled = compile({ tasks: [{ id: "x", demand: { cpu: 1 } }, { id: "y", demand: { cpu: 2 } }], nodes });

test("nodes with their capacity and their tasks, before and after, and the energy", () => {
  const svg = toSvg(compiled, { x: "a", y: "b<" }, { before: { x: "a", y: "gone" }, trace: [{ moves: 0, energy: 2 }, { moves: 9, energy: 1 }] });
  // 3 boxes, of which one has moved, and 2 lines in each of 2 panels.
  expect([svg.match(/<rect/g)?.length, svg.match(/#e4572e/g)?.length, svg.match(/<line /g)?.length]).toEqual([3, 1, 4]);
  expect(svg).toContain("<title>y: 2 cpu on b&#60;</title>");
  expect(svg).toContain("energy over 9 moves: 2 to 1");
  expect(svg).not.toMatch(/NaN|undefined|Infinity|b</);
  expect(() => toSvg(compiled, { x: "a", y: "a" }, { resource: "gpu" })).toThrow('got "gpu"');
});

test("the fullest of many nodes", () => {
  const many = Array.from({ length: SVG_NODES_MAX + 50 }, (_, at) => ({ id: `n${at}`, capacity: { cpu: 4 } }));
  const all = compile({ tasks: [{ id: "x", demand: { cpu: 1 } }], nodes: many });
  const { placement } = solve(all, { moves: 0 });
  const svg = toSvg(all, placement);
  expect([svg.match(/<line /g)?.length, svg.includes("<title>x:")]).toEqual([SVG_NODES_MAX, true]);
});
