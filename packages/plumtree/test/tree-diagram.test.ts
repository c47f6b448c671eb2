import { peerId } from "@void-system/effects";
import { expect, test } from "vitest";
import { treeDiagram } from "../src/index.ts";

const [a, b, c] = [peerId("a"), peerId("b:1"), peerId("c")];

test("a link is solid if payloads travel along it in either direction, and each is drawn once", () => {
  const nodes = new Map([
    ["c", { eager: [], lazy: [a, b], passive: [] }],
    ["a", { eager: [b, c], lazy: [], passive: [] }],
    ["b:1", { eager: [a], lazy: [c], passive: [] }],
  ]);
  expect(treeDiagram(nodes)).toBe('graph LR\n  n0["a"] --- n1["b:1"]\n  n0["a"] --- n2["c"]\n  n1["b:1"] -.- n2["c"]');
  expect(treeDiagram(new Map())).toBe("graph LR");
});
