import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { CallGraph, diagnose, type Diagnosis, MetricTable } from "../../src/index.ts";
import { toHtml, toMermaid, toSvg } from "../../src/pictures/index.ts";
import { SCRIPT, SCRIPT_SHA256, STYLE, STYLE_SHA256 } from "../../src/pictures/page-parts.ts";

const EVIL = 'db<script>"&]';
const wave = (rows: number, slow: number): number[] => Array.from({ length: rows }, (_, row) => 20 + Math.sin(row * 2.4) + (row > 4 ? slow : 0));
const incident = new MetricTable(10).set("site", "latency", wave(10, 40)).set(EVIL, "latency", wave(10, 40)).set("pay", "latency", wave(10, 0));

function found(table: MetricTable): Diagnosis {
  const normal = new MetricTable(150).set("site", "latency", wave(150, 0)).set(EVIL, "latency", wave(150, 0)).set("pay", "latency", wave(150, 0));
  const graph = new CallGraph([{ caller: "site", callee: "pay" }, { caller: "site", callee: EVIL }]);
  return diagnose({ graph, normal, incident: table, target: { node: "site", metric: "latency", worse: "higher" } });
}

test("an SVG has the way, a bar a candidate, the change point and no markup of a name's", () => {
  const svg = toSvg(found(incident), incident);
  expect(svg.startsWith("<svg ")).toBe(true);
  expect(svg).not.toContain("<script");
  expect(svg).toContain("db&lt;script&gt;&quot;&amp;]");
  expect(svg).toContain("since here");
  expect(svg.match(/fill-opacity/g)).toHaveLength(3);
  expect(svg).not.toMatch(/NaN|undefined/);
  expect(toSvg(found(incident), incident)).toBe(svg);
});

test("an SVG of a quiet window, and of gaps", () => {
  const quiet = new MetricTable(10).set("site", "latency", wave(10, 0).map((value, row) => (row === 3 ? Number.NaN : value))).set("pay", "latency", wave(10, 0));
  expect(toSvg(found(quiet), quiet)).not.toMatch(/NaN|undefined|without/);
});

test("an SVG of a long way has boxes at its ends", () => {
  const names = Array.from({ length: 60 }, (_, at) => `s${at}`);
  const table = (rows: number, slow: number): MetricTable => {
    const chain = new MetricTable(rows);
    for (const name of names) chain.set(name, "latency", wave(rows, slow));
    return chain;
  };
  const graph = new CallGraph(names.slice(1).map((callee, at) => ({ caller: `s${at}`, callee })));
  const tables = { normal: table(150, 0), incident: table(10, 40) };
  const svg = toSvg(diagnose({ ...tables, graph, target: { node: "s0", metric: "latency", worse: "higher" } }), tables.incident);
  expect(svg).not.toContain('width="-');
  expect(svg).toContain(">52 more<");
});

test("a page carries its own style and script, by their digests, and no markup of a name's", () => {
  const tables = { normal: new MetricTable(1), incident };
  const html = toHtml(found(incident), tables);
  const digest = (text: string): string => createHash("sha256").update(text).digest("base64");
  expect(STYLE_SHA256).toBe(digest(STYLE));
  expect(SCRIPT_SHA256).toBe(digest(SCRIPT));
  expect(html).toContain(`<style>${STYLE}</style>`);
  expect(html).toContain(`default-src 'none'; img-src data:; style-src 'sha256-${STYLE_SHA256}'; script-src 'sha256-${SCRIPT_SHA256}'`);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).toContain("db&lt;script&gt;&quot;&amp;]");
  expect(html).not.toMatch(/NaN|undefined|style=| on[a-z]+=|https?:/);
  expect(toHtml(found(incident), tables)).toBe(html);
});

test("a diagnosis that was read from JSON is drawn as the one that was written", () => {
  const one = found(incident);
  const read = JSON.parse(JSON.stringify(one, (_, value: unknown) => (value instanceof Float64Array ? [...value] : value))) as Diagnosis;
  expect(toSvg(read, incident)).toBe(toSvg(one, incident));
  expect(toHtml(read, { normal: incident, incident })).toBe(toHtml(one, { normal: incident, incident }));
});

test("Mermaid has the edges of the ways and the cause marked", () => {
  const text = toMermaid(found(incident));
  expect(text).not.toContain("<script");
  expect(text).toMatch(/n\d --> n\d/);
  expect(text).toMatch(/class n\d cause/);
});
