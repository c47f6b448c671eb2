import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CausalGraph, CausalInference } from "../src/index.ts";
import { SCALE } from "./support/scale.ts";

const NODES = 6;
const name = (at: number): string => `n${at}`;
const weight = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));

/** Edges go from lower to higher numbers, so the graph is acyclic; an undefined strength is no edge. */
const model = fc.record({
  priors: fc.array(weight, { minLength: NODES, maxLength: NODES }),
  strengths: fc.array(fc.array(fc.option(weight, { nil: undefined }), { minLength: NODES, maxLength: NODES }), {
    minLength: NODES,
    maxLength: NODES,
  }),
});
const values = fc.dictionary(fc.integer({ min: 0, max: NODES - 1 }).map(name), fc.boolean(), { maxKeys: 3 });
type Model = typeof model extends fc.Arbitrary<infer T> ? T : never;

function graphOf({ priors, strengths }: Model): CausalGraph {
  const graph = new CausalGraph();
  priors.forEach((prior, at) => graph.addNode(name(at), { prior }));
  for (let a = 0; a < NODES; a++) {
    for (let b = a + 1; b < NODES; b++) {
      const strength = strengths[a]![b];
      if (strength !== undefined) graph.addEdge(name(a), name(b), strength);
    }
  }
  return graph;
}

/** `[P(evidence), P(evidence, node active)]` under do(doing), straight from the definition, over all 2^n worlds. */
function enumerate({ priors, strengths }: Model, node: number, doing: object, evidence: object): [number, number] {
  const totals: [number, number] = [0, 0];
  for (let world = 0; world < 2 ** NODES; world++) {
    const on = (at: number): boolean => ((world >> at) & 1) === 1;
    if (Object.entries({ ...evidence }).some(([key, value]) => on(Number(key.slice(1))) !== value)) continue;
    let p = 1;
    for (let b = 0; b < NODES; b++) {
      const forced = new Map<string, boolean>(Object.entries(doing)).get(name(b));
      let off = 1 - priors[b]!;
      for (let a = 0; a < b; a++) if (on(a)) off *= 1 - (strengths[a]![b] ?? 0);
      if (forced === undefined) p *= on(b) ? 1 - off : off;
      else p *= Number(forced === on(b));
    }
    totals[0] += p;
    if (on(node)) totals[1] += p;
  }
  return totals;
}

test("every probability equals the sum over all worlds, seen or done", () => {
  fc.assert(
    fc.property(model, values, values, fc.nat(NODES - 1), (model, doing, values, node) => {
      // Evidence against do is refused: see the other test.
      const evidence = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, doing[name] ?? value]));
      const inference = new CausalInference(graphOf(model));
      const [seen, active] = enumerate(model, node, doing, evidence);
      expect(inference.evidenceProbability(evidence, doing)).toBeCloseTo(seen, 9);
      fc.pre(seen > 0);
      // Near 0 the definition itself cancels: there the bounds are all that it can vouch for.
      const got = inference.interventionalProbability(name(node), doing, evidence);
      expect(Math.abs(got - active / seen)).toBeLessThan(seen > 1e-6 ? 1e-7 : 1);
    }),
    { numRuns: 75 * SCALE },
  );
});

test("doing a root is seeing it", () => {
  fc.assert(
    fc.property(model, fc.boolean(), fc.nat(NODES - 1), (model, value, node) => {
      const inference = new CausalInference(graphOf(model));
      const [seen] = enumerate(model, node, {}, { n0: value });
      if (seen < 1e-9) return;
      const [done, saw] = [
        inference.interventionalProbability(name(node), { n0: value }),
        inference.observationalProbability(name(node), { n0: value }),
      ];
      expect(done).toBeCloseTo(saw, 9);
    }),
  );
});

test("every anomaly is a root cause or an effect of one, and no root cause is an effect of another anomaly", () => {
  fc.assert(
    fc.property(model, fc.subarray(Array.from({ length: NODES }, (_, at) => name(at))), (model, anomalous) => {
      const positive = { ...model, strengths: model.strengths.map((row) => row.map((s) => s && Math.max(s, 0.01))) };
      const graph = graphOf(positive);
      const roots = new CausalInference(graph).findRootCauses(anomalous);
      for (const node of anomalous) {
        const caused = [...graph.causes(node)].some(([cause, strength]) => strength > 0 && anomalous.includes(cause));
        expect(roots.includes(node)).toBe(!caused);
        expect([node, ...graph.ancestors(node)].some((ancestor) => roots.includes(ancestor))).toBe(true);
      }
    }),
  );
});
