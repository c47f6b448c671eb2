import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { causation, causationBounds, counterfactual, StructuralModel } from "../../src/networks/index.ts";
import type { Equation, Values } from "../../src/networks/index.ts";
import { SCALE } from "../support/scale.ts";

const VECTORS = JSON.parse(readFileSync(new URL("../vectors/counterfactuals.json", import.meta.url), "utf8")).counterfactual;
const code = (code: string): unknown => expect.objectContaining({ code });

/** The equations of the vectors are Python: names, `and`, `or`, `not` and brackets. */
function equationOf(text: string): Equation {
  const parents = [...new Set(text.match(/\w+/gu))].filter((word) => !["and", "or", "not"].includes(word));
  const javascript = text.replaceAll(/\band\b/gu, "&&").replaceAll(/\bor\b/gu, "||").replaceAll(/\bnot\b/gu, "!");
  // eslint-disable-next-line no-new-func
  return { parents, value: new Function(...parents, `return ${javascript}`) as Equation["value"] };
}

function booleans(values: Record<string, number>): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === 1]));
}

describe("counterfactual", () => {
  test("agrees with enumeration by an independent program", () => {
    let count = 0;
    for (const { id, exogenous, equations, queries } of VECTORS.discrete) {
      const texts: [string, string][] = Object.entries(equations);
      const model = new StructuralModel({ exogenous, endogenous: Object.fromEntries(texts.map(([name, text]) => [name, equationOf(text)])) });
      for (const { evidence, do: forced, query, p } of queries) {
        const found = counterfactual(model, { evidence: booleans(evidence), do: booleans(forced), query: booleans(query) });
        expect(Math.abs(found - p), `${id} ${count}`).toBeLessThan(1e-12);
        count++;
      }
    }
    expect(count).toBe(10);
  });

  test("agrees with the sum over all background values, and so do the probabilities of causation", () => {
    fc.assert(
      fc.property(random, ({ model, solve, background }) => {
        const worlds = background.map(({ values, p }) => ({ p, real: solve(values, {}), set: (forced: Values) => solve(values, forced) }));
        const holds = (world: Values, values: Values): boolean => Object.entries(values).every(([name, value]) => world[name] === value);
        const mass = (keep: (world: (typeof worlds)[number]) => boolean): number => worlds.reduce((sum, world) => (keep(world) ? sum + world.p : sum), 0);
        for (const [evidence, forced, query] of [
          [{ c: true }, { a: false }, { c: true }],
          [{ c: false, b: 1 }, { a: true }, { c: true, b: 0 }],
          [{}, { b: 2 }, { c: false, a: true }],
          [{ b: 0 }, { a: true, b: 1 }, { c: true }],
        ] as [Values, Values, Values][]) {
          const given = mass(({ real }) => holds(real, evidence));
          const both = mass(({ real, set }) => holds(real, evidence) && holds(set(forced), query));
          const ask = (): number => counterfactual(model, { evidence, do: forced, query });
          if (given === 0) expect(ask).toThrow(code("ERR_IMPOSSIBLE_EVIDENCE"));
          else expect(Math.abs(ask() - both / given)).toBeLessThan(1e-12);
        }
        const xy = (x: boolean, y: boolean): number => mass(({ real }) => holds(real, { a: x, c: y }));
        const when = (x: boolean, y: boolean) => (world: (typeof worlds)[number]): boolean => holds(world.set({ a: x }), { c: y });
        fc.pre(xy(true, true) > 0 && xy(false, false) > 0);
        const found = causation(model, { cause: ["a", true, false], effect: ["c", true, false] });
        const necessity = mass((world) => holds(world.real, { a: true, c: true }) && when(false, false)(world)) / xy(true, true);
        const sufficiency = mass((world) => holds(world.real, { a: false, c: false }) && when(true, true)(world)) / xy(false, false);
        const both = mass((world) => when(true, true)(world) && when(false, false)(world));
        expect(found.necessity).toBeCloseTo(necessity, 12);
        expect(found.sufficiency).toBeCloseTo(sufficiency, 12);
        expect(found.both).toBeCloseTo(both, 12);
        const bounds = causationBounds({
          observed: [xy(true, true), xy(true, false), xy(false, true), xy(false, false)],
          experimental: [mass(when(true, true)), mass(when(false, true))],
        });
        for (const key of ["necessity", "sufficiency", "both"] as const) {
          expect(found[key]).toBeGreaterThanOrEqual(bounds[key][0] - 1e-9);
          expect(found[key]).toBeLessThanOrEqual(bounds[key][1] + 1e-9);
        }
      }),
      { numRuns: 8 * SCALE },
    );
  });

  test("what is forced is not asked in vain: the query of a forced variable", () => {
    const model = new StructuralModel({ exogenous: { u: 0.5 }, endogenous: { x: { parents: ["u"], value: (u: boolean) => u } } });
    expect(counterfactual(model, { evidence: { x: false }, do: { x: true }, query: { x: true } })).toBe(1);
    expect(counterfactual(model, { evidence: { x: false }, do: { x: true }, query: { x: false } })).toBe(0);
    expect(counterfactual(model, { evidence: { u: false }, do: { x: true }, query: { u: true } })).toBe(0);
  });

  test("refuses wrong models and questions", () => {
    const model = new StructuralModel({ exogenous: { u: 0 }, endogenous: { x: { parents: ["u"], value: (u: boolean) => u } } });
    expect(() => counterfactual(model, { evidence: { x: true }, do: {}, query: { x: true } })).toThrow(code("ERR_IMPOSSIBLE_EVIDENCE"));
    expect(() => counterfactual(model, { do: { z: true }, query: { x: true } })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => counterfactual(model, { do: { x: 7 }, query: { x: true } })).toThrow(code("ERR_UNKNOWN_STATE"));
    // @ts-expect-error misspelt
    expect(() => counterfactual(model, { do: {}, query: {}, seen: {} })).toThrow(code("ERR_UNKNOWN_OPTION"));
    const make = (exogenous: object, endogenous: object) => () => new StructuralModel({ exogenous, endogenous } as ConstructorParameters<typeof StructuralModel>[0]);
    const loop = { parents: ["x"], value: (x: boolean) => x };
    expect(make({ u: 1.5 }, {})).toThrow(code("ERR_INVALID_MODEL"));
    expect(make({ u: [["a", 0.5], ["a", 0.5]] }, {})).toThrow(code("ERR_INVALID_MODEL"));
    expect(make({ x: 0.5 }, { x: loop })).toThrow(code("ERR_INVALID_MODEL"));
    expect(make({}, { x: loop })).toThrow(code("ERR_CYCLE"));
    expect(make({}, { y: loop })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(make({ x: 0.5 }, { y: { parents: ["x"] } })).toThrow(code("ERR_INVALID_MODEL"));
    expect(make({}, {})).toThrow(code("ERR_INVALID_GRAPH"));
  });
});

test("bounds refuse data that no world has", () => {
  const observed = [0.25, 0.25, 0.25, 0.25] as const;
  expect(() => causationBounds({ observed, experimental: [0.1, 0.5] })).toThrow(code("ERR_INVALID_QUERY"));
  expect(() => causationBounds({ observed: [0.5, 0.5, 0.5, 0.5], experimental: [0.5, 0.5] })).toThrow(code("ERR_INVALID_QUERY"));
});

const probability = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0.01, max: 0.99, noNaN: true }));

/** Random models a <- (u, w), b <- (a, v) with three values, c <- (a, b, w), as a program and as a model. */
const random = fc
  .record({
    p: fc.tuple(probability, probability, probability),
    tables: fc.tuple(
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
      fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
    ),
  })
  .map(({ p: [pu, pv, pw], tables: [ta, tb, tc] }) => {
    const a = (u: boolean, w: boolean): boolean => ta[Number(u) * 2 + Number(w)]!;
    const b = (x: boolean, v: boolean): number => tb[Number(x) * 2 + Number(v)]!;
    const c = (x: boolean, y: number, w: boolean): boolean => tc[Number(x) * 6 + y * 2 + Number(w)]!;
    // Every value can happen through the rare background value, so that questions about it are allowed.
    const rare = 1e-3;
    const model = new StructuralModel({
      exogenous: { u: pu, v: pv, w: pw, r: [["no", 1 - 5 * rare], ["a0", rare], ["a1", rare], ["b0", rare], ["b1", rare], ["b2", rare]] },
      endogenous: {
        a: { parents: ["u", "w", "r"], value: (u: boolean, w: boolean, r: string) => (r === "a0" ? false : r === "a1" ? true : a(u, w)) },
        b: { parents: ["a", "v", "r"], value: (x: boolean, v: boolean, r: string) => (r.startsWith("b") ? Number(r[1]) : b(x, v)) },
        c: { parents: ["a", "b", "w", "r"], value: (x: boolean, y: number, w: boolean, r: string) => (r === "a0" ? x : r === "a1" ? !x : c(x, y, w)) },
      },
    });
    const bit = (p: number): [boolean, number][] => [[false, 1 - p], [true, p]];
    const kinds: [string, number][] = [["no", 1 - 5 * rare], ["a0", rare], ["a1", rare], ["b0", rare], ["b1", rare], ["b2", rare]];
    const background = bit(pu).flatMap(([u, q]) =>
      bit(pv).flatMap(([v, q2]) => bit(pw).flatMap(([w, q3]) => kinds.map(([r, q4]) => ({ values: { u, v, w, r }, p: q * q2 * q3 * q4 })))),
    );
    const solve = ({ u, v, w, r }: (typeof background)[number]["values"], forced: Values): Values => {
      const x = (forced["a"] ?? (r === "a0" ? false : r === "a1" ? true : a(u, w))) as boolean;
      const y = (forced["b"] ?? (r.startsWith("b") ? Number(r[1]) : b(x, v))) as number;
      return { a: x, b: y, c: r === "a0" ? x : r === "a1" ? !x : c(x, y, w) };
    };
    return { model, solve, background };
  });
