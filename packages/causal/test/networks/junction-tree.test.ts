import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLIQUE_ENTRIES_MAX, DiscreteNetwork } from "../../src/networks/index.ts";
import { SCALE } from "../support/scale.ts";
import { mass, networks, someStates, worlds } from "./by-definition.ts";
import { flat, networkOf, VECTORS } from "./vectors.ts";

const TOLERANCE = 1e-6;
const code = (code: string): unknown => expect.objectContaining({ code });

describe.each(Object.entries(VECTORS))("%s", (_, vector) => {
  const network = networkOf(vector);
  const tree = network.compile();

  test("has the marginals that two other engines found", () => {
    const marginals = tree.marginals();
    expect(Object.keys(marginals)).toHaveLength(vector.nodes);
    expect(network.graph.directed).toHaveLength(vector.arcs);
    for (const [name, expected] of Object.entries(vector.marginals)) {
      const found = Object.values(marginals[name]!);
      expect(found).toHaveLength(expected.length);
      expected.forEach((p, at) => expect(Math.abs(found[at]! - p)).toBeLessThan(TOLERANCE));
    }
  });

  test("answers each posterior, joint and do as they do", () => {
    expect(vector.queries).toHaveLength(18);
    for (const { id, query, evidence, do: forced, p, pEvidence } of vector.queries) {
      const found = tree.joint(query, { evidence, do: forced }).map(({ probability }) => probability);
      const expected = flat(p);
      expect(found, id).toHaveLength(expected.length);
      expected.forEach((probability, at) => expect(Math.abs(found[at]! - probability), id).toBeLessThan(TOLERANCE));
      expect(Math.abs(tree.probability({ evidence, do: forced }) - pEvidence), id).toBeLessThan(TOLERANCE);
      const [only, second] = query;
      if (second !== undefined) continue;
      const posterior = Object.values(tree.posterior(only!, { evidence, do: forced }));
      expected.forEach((probability, at) => expect(Math.abs(posterior[at]! - probability), id).toBeLessThan(TOLERANCE));
    }
  });

  test("has the most probable explanation", () => {
    for (const { evidence, logp } of vector.mpe) {
      const { states, logProbability } = tree.mostProbable({ evidence });
      expect(Math.abs(logProbability - logp)).toBeLessThan(TOLERANCE);
      expect(states).toMatchObject(evidence);
      expect(Math.abs(Math.log(tree.probability({ evidence: states })) - logp)).toBeLessThan(TOLERANCE);
    }
  });
});

describe("JunctionTree", () => {
  const question = networks(6).chain((network) =>
    fc.tuple(fc.constant(network), fc.array(fc.nat(7), { minLength: 6, maxLength: 6 }), fc.array(fc.nat(9), { minLength: 6, maxLength: 6 }), fc.nat(5), fc.nat(5)),
  );

  test("agrees with the sum over all worlds: posterior, joint, do, evidence, explanation", () => {
    fc.assert(
      fc.property(question, ([network, seen, done, one, other]) => {
        const forced = someStates(network, done);
        const evidence = { ...someStates(network, seen), ...forced };
        const tree = network.compile();
        const all = worlds(network, forced);
        const total = mass(all, evidence);
        const { variables } = network;
        const [a, b] = [variables[one % variables.length]!, variables[other % variables.length]!];
        expect(tree.probability({ evidence, do: forced })).toBeCloseTo(total, 12);
        if (total < 1e-9) return;
        const joint = tree.joint(a === b ? [a.name] : [a.name, b.name], { evidence, do: forced });
        for (const { states, probability } of joint) expect(probability).toBeCloseTo(agreeing(evidence, states) ? mass(all, { ...evidence, ...states }) / total : 0, 10);
        const marginals = tree.marginals({ evidence, do: forced });
        for (const { name, states } of variables) {
          for (const state of states) {
            const expected = agreeing(evidence, { [name]: state }) ? mass(all, { ...evidence, [name]: state }) / total : 0;
            expect(marginals[name]![state]).toBeCloseTo(expected, 10);
            expect(tree.posterior(name, { evidence, do: forced })[state]).toBeCloseTo(expected, 10);
          }
        }
        const best = Math.max(...all.filter(({ states }) => agreeing(states, evidence)).map(({ p }) => p));
        const { states, logProbability } = tree.mostProbable({ evidence, do: forced });
        expect(Math.exp(logProbability)).toBeCloseTo(best, 12);
        expect(mass(all, states)).toBeCloseTo(best, 12);
      }),
      { numRuns: 25 * SCALE },
    );
  });

  test("a query leaves nothing behind for the next", () => {
    const tree = networkOf(VECTORS["asia"]!).compile();
    const first = tree.marginals();
    tree.posterior("lung", { evidence: { xray: "yes" }, do: { smoke: "no" } });
    tree.mostProbable({ evidence: { dysp: "yes" } });
    expect(() => tree.posterior("lung", { evidence: { either: "no", lung: "yes" } })).toThrow(code("ERR_IMPOSSIBLE_EVIDENCE"));
    expect(tree.marginals()).toEqual(first);
  });

  test("evidence so improbable that its product underflows is not lost", () => {
    const rare = { states: ["yes", "no"], table: [1e-3, 1 - 1e-3] };
    const network = new DiscreteNetwork(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`rare${at}`, rare])));
    const evidence = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`rare${at}`, at < 199 ? "yes" : "no"]));
    expect(network.compile().posterior("rare7", { evidence })).toEqual({ yes: 1, no: 0 });
    expect(network.compile().mostProbable({ evidence }).logProbability).toBeCloseTo(199 * Math.log(1e-3) + Math.log(1 - 1e-3), 9);
  });

  test("too wide a graph is refused before any table is made", () => {
    const side = 26;
    const variables = Array.from({ length: side * side }, (_, at) => {
      const parents = [...(at % side > 0 ? [`g${at - 1}`] : []), ...(at >= side ? [`g${at - side}`] : [])];
      return [`g${at}`, { states: ["a", "b"], parents, table: Array.from({ length: 2 ** parents.length }, () => [0.5, 0.5]) }] as const;
    });
    const network = new DiscreteNetwork(Object.fromEntries(variables));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => network.compile()).toThrow(code("ERR_QUERY_TOO_LARGE"));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * CLIQUE_ENTRIES_MAX);
  });

  test("refuses wrong questions", () => {
    const tree = networkOf(VECTORS["asia"]!).compile();
    expect(() => tree.posterior("nobody")).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => tree.posterior("lung", { evidence: { nobody: "yes" } })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => tree.posterior("lung", { evidence: { xray: "maybe" } })).toThrow(code("ERR_UNKNOWN_STATE"));
    expect(() => tree.posterior("lung", { do: { xray: "__proto__" } })).toThrow(code("ERR_UNKNOWN_STATE"));
    expect(() => tree.posterior("lung", { evidence: { smoke: "yes" }, do: { smoke: "no" } })).toThrow(code("ERR_EVIDENCE_AGAINST_DO"));
    expect(() => tree.probability({ evidence: { smoke: "yes" }, do: { smoke: "no" } })).toThrow(code("ERR_EVIDENCE_AGAINST_DO"));
    expect(() => tree.mostProbable({ evidence: { either: "no", lung: "yes" } })).toThrow(code("ERR_IMPOSSIBLE_EVIDENCE"));
    expect(tree.probability({ evidence: { either: "no", lung: "yes" } })).toBe(0);
    expect(() => tree.joint([])).toThrow(code("ERR_INVALID_QUERY"));
    expect(() => tree.joint(Object.keys(VECTORS["alarm"]!.marginals))).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => networkOf(VECTORS["alarm"]!).compile().joint(Object.keys(VECTORS["alarm"]!.marginals))).toThrow(code("ERR_QUERY_TOO_LARGE"));
    // @ts-expect-error a string is no set of names
    expect(() => tree.joint("lung")).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error misspelt
    expect(() => tree.posterior("lung", { evidense: {} })).toThrow(code("ERR_UNKNOWN_OPTION"));
    // @ts-expect-error a string is no evidence
    expect(() => tree.posterior("lung", { evidence: "xray" })).toThrow(code("ERR_INVALID_QUERY"));
  });
});

function agreeing(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.entries(b).every(([name, state]) => (a[name] ?? state) === state);
}
