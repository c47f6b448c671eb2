import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Admg, dag } from "../../src/graphs/index.ts";
import type { Edge } from "../../src/graphs/index.ts";
import { identify, isHedge, JointTable } from "../../src/identification/index.ts";
import type { Hedge } from "../../src/identification/index.ts";
import { graphs } from "../graphs/by-definition.ts";
import { SCALE } from "../support/scale.ts";

interface Vector {
  readonly id: string;
  readonly directed: readonly Edge[];
  readonly bidirected: readonly Edge[];
  readonly y: readonly string[];
  readonly x: readonly string[];
  readonly z: readonly string[];
  readonly vars: readonly string[];
  readonly identifiable: boolean;
  readonly observational: readonly number[];
  readonly truth: readonly { readonly do: Record<string, number>; readonly given: Record<string, number>; readonly p: NestedNumbers }[];
}
type NestedNumbers = readonly (number | NestedNumbers)[];

const VECTORS: readonly Vector[] = JSON.parse(readFileSync(new URL("../vectors/identification.json", import.meta.url), "utf8")).identification;
const BITS = ["0", "1"];
const code = (code: string): unknown => expect.objectContaining({ code });

function flat(numbers: NestedNumbers): number[] {
  return numbers.flatMap((item) => (typeof item === "number" ? [item] : flat(item)));
}

/** A joint distribution of binary variables. */
function tableOf(names: readonly string[], probabilities: ArrayLike<number>): JointTable {
  return new JointTable(Object.fromEntries(names.map((name) => [name, BITS])), probabilities);
}

describe("identify", () => {
  test("has the verdicts of causaleffect, formulas that give the truth, and hedges that hold", () => {
    let formulas = 0;
    for (const { id, directed, bidirected, vars, x, y, z, identifiable, observational, truth } of VECTORS) {
      const graph = new Admg({ nodes: vars, directed, bidirected });
      const found = identify(graph, { y, do: x, given: z });
      expect(found.identifiable, id).toBe(identifiable);
      if (found.hedge) {
        expect(isHedge(graph, found.hedge), id).toBe(true);
        expect(isHedgeByDefinition(graph, found.hedge), id).toBe(true);
        continue;
      }
      const entries = found.estimand.evaluate(tableOf(vars, observational));
      for (const { do: done, given, p } of truth) {
        const expected = flat(p);
        // The vector has the states of y in the order of y.
        expected.forEach((probability, at) => {
          const states = Object.fromEntries(y.map((name, index) => [name, BITS[(at >> (y.length - 1 - index)) & 1]!]));
          const wanted = { ...Object.fromEntries(Object.entries({ ...done, ...given }).map(([name, value]) => [name, String(value)])), ...states };
          const entry = entries.find((one) => Object.entries(wanted).every(([name, state]) => one.states[name] === state));
          expect(Math.abs(entry!.probability - probability), `${id} ${found.estimand}`).toBeLessThan(1e-9);
        });
      }
      formulas++;
    }
    expect([VECTORS.length, formulas]).toEqual([82, 52]);
  });

  test("each formula is the effect in random models with hidden causes, each hedge holds, for latent nodes too", () => {
    const asked = graphs(5).chain((graph) => {
      const numbers = fc.array(fc.double({ min: 0.05, max: 0.95, noNaN: true }), { minLength: 400, maxLength: 400 });
      return fc.tuple(fc.constant(graph), fc.array(fc.nat(4), { minLength: 5, maxLength: 5 }), numbers);
    });
    let [formulas, hedges] = [0, 0];
    fc.assert(
      fc.property(asked, ([graph, parts, numbers]) => {
        const measured = graph.nodes.filter((name) => !graph.latent.has(name));
        const [y = [], x = [], z = []] = [0, 1, 2].map((part) => measured.filter((_, at) => parts[at] === part));
        fc.pre(y.length > 0 && x.length > 0);
        const found = identify(graph, { y, do: x, given: z });
        if (found.hedge) {
          hedges++;
          expect(isHedge(graph, found.hedge)).toBe(true);
          return;
        }
        formulas++;
        const model = modelOf(graph, numbers);
        const observed = tableOf(measured, marginal(model({}), measured));
        for (const { states, probability } of found.estimand.evaluate(observed)) {
          const forced = Object.fromEntries(x.map((name) => [name, states[name]!]));
          const worlds = model(forced);
          const mass = (names: readonly string[]): number => worlds.reduce((sum, world) => (names.every((name) => world.states[name] === states[name]) ? sum + world.p : sum), 0);
          expect(probability).toBeCloseTo(mass([...y, ...z]) / mass(z), 9);
        }
      }),
      { numRuns: 80 * SCALE, seed: 11 },
    );
    expect(formulas).toBeGreaterThan(30);
    expect(hedges).toBeGreaterThan(5);
  });

  test("a formula that conditions on what never happens is refused, unless the result does not depend on it", () => {
    const { estimand } = identify(dag`z -> {x y}; x -> y`, { y: ["y"], do: ["x"] });
    const never = tableOf(["z", "x", "y"], [0.25, 0.25, 0, 0, 0.25, 0.25, 0, 0]);
    expect(() => estimand?.evaluate(never)).toThrow(code("ERR_NO_POSITIVITY"));
    const unused = tableOf(["z", "x", "y"], [0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0]);
    expect(estimand?.evaluate(unused).map(({ probability }) => probability)).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(() => estimand?.evaluate(tableOf(["x", "y"], [0.25, 0.25, 0.25, 0.25]))).toThrow(code("ERR_UNKNOWN_NODE"));
  });

  test("writes formulas and sentences for people", () => {
    const napkin = identify(dag`W -> Z -> X -> Y; W <-> X; W <-> Y`, { y: ["Y"], do: ["X"] });
    expect(napkin.estimand?.toLatex()).toBe(
      "\\frac{\\sum_{W} P(W) P(X \\mid W, Z) P(Y \\mid W, Z, X)}{\\sum_{W} P(W) P(X \\mid W, Z)}",
    );
    const backdoor = identify(dag`z_1 -> {api_load y}; api_load -> y`, { y: ["y"], do: ["api_load"] });
    expect(backdoor.estimand?.toLatex()).toBe("\\sum_{z_{1}} P(z_{1}) P(y \\mid z_{1}, \\mathit{api\\_load})");
    expect(backdoor.sentence).toBe("P(y | do(api_load)) can be computed from observations: it is sum_{z_1} P(z_1) P(y | z_1, api_load).");
    const bow = identify(dag`x -> y; x <-> y`, { y: ["y"], do: ["x"] });
    expect(bow.sentence).toContain("cannot be computed from observations, however many: hidden causes join x, y");
  });

  test("refuses wrong questions", () => {
    const graph = dag`u [latent]; u -> {x y}; x -> y; z`;
    expect(() => identify(graph, { y: ["y"], do: ["nobody"] })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => identify(graph, { y: ["y"], do: ["y"] })).toThrow(code("ERR_INVALID_QUERY"));
    expect(() => identify(graph, { y: ["y"], do: [] })).toThrow(code("ERR_INVALID_QUERY"));
    expect(() => identify(graph, { y: ["y"], do: ["u"] })).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error a string is no set of names
    expect(() => identify(graph, { y: "y", do: ["x"] })).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error misspelt
    expect(() => identify(graph, { y: ["y"], do: ["x"], evidence: ["z"] })).toThrow(code("ERR_UNKNOWN_OPTION"));
  });
});

describe("isHedge", () => {
  test("refuses a hedge that lacks one of its conditions", () => {
    const graph = dag`x -> z -> y; x <-> y; x <-> z; z <-> y`;
    const { hedge } = identify(graph, { y: ["y"], do: ["x"] });
    expect(isHedge(graph, hedge!)).toBe(true);
    const { larger, smaller, effect } = hedge!;
    for (const broken of [
      { ...hedge!, roots: [] },
      { ...hedge!, effect: { ...effect, do: ["z"] } },
      { ...hedge!, effect: { ...effect, do: [] } },
      { ...hedge!, smaller: larger },
      { ...hedge!, larger: smaller },
      { ...hedge!, larger: { ...larger, bidirected: [] } },
      { ...hedge!, larger: { ...larger, directed: [] } },
      { ...hedge!, smaller: { ...smaller, directed: [["y", "z"]] as const } },
    ] satisfies Hedge[]) {
      expect(isHedge(graph, broken)).toBe(false);
    }
    expect(isHedge(dag`y -> {x z}; x <-> y; x <-> z; z <-> y`, hedge!)).toBe(false);
  });
});

describe("JointTable", () => {
  test("refuses what is no distribution", () => {
    for (const probabilities of [[0.5], [0.5, 0.4], [1.5, -0.5], [Number.NaN, 1]]) {
      expect(() => tableOf(["x"], probabilities)).toThrow(code("ERR_INVALID_MODEL"));
    }
    expect(() => new JointTable({}, [1])).toThrow(code("ERR_INVALID_MODEL"));
    expect(() => new JointTable({ x: ["a", "a"] }, [0.5, 0.5])).toThrow(code("ERR_INVALID_MODEL"));
    expect(() => JointTable.fromRows([])).toThrow(code("ERR_INVALID_MODEL"));
    expect(() => JointTable.fromRows([{ x: "a", y: "b" }, { x: "a" }] as Record<string, string>[])).toThrow(code("ERR_INVALID_MODEL"));
    const wide = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`v${at}`, "a"]));
    const other = Object.fromEntries(Object.keys(wide).map((name) => [name, "b"]));
    expect(() => JointTable.fromRows([wide, other])).toThrow(code("ERR_QUERY_TOO_LARGE"));
  });
});

interface World {
  readonly states: Readonly<Record<string, string>>;
  readonly p: number;
}

/** A binary model of the graph, with a fair hidden bit for each bidirected edge. Returns all worlds after an action. */
function modelOf(graph: Admg, numbers: readonly number[]): (forced: Readonly<Record<string, string>>) => World[] {
  const order = graph.nodes.toSorted((a, b) => graph.ancestors(a).length - graph.ancestors(b).length);
  const hidden = graph.bidirected.map((_, at) => `hidden${at}`);
  return (forced) => {
    let worlds: World[] = [{ states: {}, p: 1 }];
    for (const name of hidden) worlds = worlds.flatMap(({ states, p }) => BITS.map((bit) => ({ states: { ...states, [name]: bit }, p: p / 2 })));
    for (const [place, name] of order.entries()) {
      const causes = [...graph.parents(name), ...hidden.filter((_, at) => graph.bidirected[at]!.includes(name))];
      worlds = worlds.flatMap(({ states, p }) => {
        const row = causes.reduce((before, cause) => 2 * before + Number(states[cause]), 0);
        const on = numbers[(place * 61 + row * 7) % numbers.length]!;
        const weight = (bit: string): number => (forced[name] === undefined ? (bit === "1" ? on : 1 - on) : Number(forced[name] === bit));
        return BITS.map((bit) => ({ states: { ...states, [name]: bit }, p: p * weight(bit) }));
      });
    }
    return worlds;
  };
}

function marginal(worlds: readonly World[], names: readonly string[]): number[] {
  const sums = Array.from({ length: 2 ** names.length }, () => 0);
  for (const { states, p } of worlds) sums[names.reduce((before, name) => 2 * before + Number(states[name]), 0)]! += p;
  return sums;
}

/** Definitions 3 to 6 of the paper, word by word, for graphs without latent nodes. */
function isHedgeByDefinition(graph: Admg, { effect, roots, larger, smaller }: Hedge): boolean {
  const has = (list: readonly Edge[], [a, b]: Edge, either: boolean): boolean => list.some(([c, d]) => (a === c && b === d) || (either && a === d && b === c));
  const isCForest = ({ nodes, directed, bidirected }: Hedge["larger"]): boolean => {
    const joined = new Set(nodes.slice(0, 1));
    for (const one of joined) for (const [a, b] of bidirected) if (a === one || b === one) joined.add(a === one ? b : a);
    return (
      joined.size === nodes.length &&
      directed.every((edge) => has(graph.directed, edge, false)) &&
      bidirected.every((edge) => has(graph.bidirected, edge, true)) &&
      nodes.every((node) => directed.filter(([from]) => from === node).length === (roots.includes(node) ? 0 : 1)) &&
      roots.every((root) => nodes.includes(root))
    );
  };
  const reaching = new Set(effect.y);
  for (const node of reaching) for (const [from, to] of graph.directed) if (to === node && !effect.do.includes(to)) reaching.add(from);
  return (
    isCForest(larger) &&
    isCForest(smaller) &&
    smaller.nodes.every((node) => larger.nodes.includes(node)) &&
    larger.nodes.some((node) => effect.do.includes(node)) &&
    !smaller.nodes.some((node) => effect.do.includes(node)) &&
    roots.every((root) => reaching.has(root))
  );
}
