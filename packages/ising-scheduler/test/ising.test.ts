import * as fc from "fast-check";
import { expect, test } from "vitest";
import { anneal, BinaryQuadraticModel, FormatError, fromBQM, fromCoo, fromDimod, toCoo, toDimod } from "../src/ising/index.ts";
import { IsingScheduler } from "../src/index.ts";
import { Random } from "../src/search/random.ts";

/** A random model of whole coefficients. */
function model(seed: number, count: number, vartype: "SPIN" | "BINARY"): BinaryQuadraticModel {
  const random = new Random(seed);
  const linear = Float64Array.from({ length: count }, () => random.below(21) - 10);
  const pairs = Array.from({ length: count }, (_, a) => Array.from({ length: count - a - 1 }, (_unused, k) => [a, a + k + 1] as const)).flat();
  const some = pairs.filter(() => random.below(2) > 0);
  const quadratic = {
    row: Int32Array.from(some, ([a]) => a),
    col: Int32Array.from(some, ([, b]) => b),
    value: Float64Array.from(some, () => random.below(21) - 10),
  };
  return new BinaryQuadraticModel(vartype, linear, quadratic, random.below(9));
}

test("annealing finds the ground state of small models, and its energy is the model's", () => {
  for (const vartype of ["SPIN", "BINARY"] as const) {
    for (let seed = 1; seed <= 10; seed++) {
      const one = model(seed, 10, vartype);
      let least = Infinity;
      for (let bits = 0; bits < 1024; bits++) {
        least = Math.min(least, one.energy(Array.from({ length: 10 }, (_, at) => ((bits >> at) & 1) || (vartype === "SPIN" ? -1 : 0))));
      }
      const { state, energy, flips } = anneal(fromBQM(one), { seed: BigInt(seed), reads: 10, sweeps: 200 });
      expect([seed, energy, flips]).toEqual([seed, least, 10 * 200 * 10]);
      expect(one.energy(state)).toBe(energy);
    }
  }
  const again = fromBQM(model(3, 12, "SPIN"));
  expect(anneal(again, { seed: 4 })).toEqual(anneal(again, { seed: 4 }));
  expect(() => anneal(again, { reads: 0 })).toThrow("options.reads");
  const wrong: object = { beta: 1 };
  expect(() => anneal(again, wrong)).toThrow('got "beta"');
});

test("the model of a placement goes through every format, and can be annealed", () => {
  const nodes = [{ id: "a", capacity: { cpu: 3 } }, { id: "b", capacity: { cpu: 2 } }];
  const scheduler = new IsingScheduler([{ id: "x", demand: { cpu: 2 } }, { id: "y", demand: { cpu: 1 } }, { id: "z", demand: { cpu: 2 } }], nodes);
  const { model: qubo, decode } = scheduler.toQubo();
  const { state, energy } = anneal(fromBQM(qubo), { reads: 20 });
  // Several placements are the best.
  expect(scheduler.energy(decode(state) ?? {}).total).toBe(energy);
  expect(energy).toBe(scheduler.result().energy.total);
});

test("COO text and dimod's JSON are read as they were written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom("SPIN" as const, "BINARY" as const), (seed, vartype) => {
      const one = model(seed, 6, vartype);
      expect(fromDimod(JSON.parse(JSON.stringify(toDimod(one))))).toEqual(one);
      const { offset: _, ...read } = fromCoo(toCoo(one));
      const { offset: _lost, ...written } = one;
      expect({ ...read }).toEqual({ ...written });
    }),
    { numRuns: 40 },
  );
  // As dimod writes it.
  const dimod = { type: "BinaryQuadraticModel", version: { bqm_schema: "3.0.0" }, use_bytes: false, index_type: "uint16", bias_type: "float32", num_variables: 2, num_interactions: 1, variable_labels: ["a", "b"], variable_type: "BINARY", offset: 1.5, info: {}, linear_biases: [-1, 2], quadratic_biases: [3], quadratic_head: [1], quadratic_tail: [0] };
  expect(fromDimod(dimod).energy([1, 1])).toBe(5.5);
  expect(fromCoo("0 0 1\n\n# a comment\n1 0 2\n1 0 -0.5\n").energy([1, 1])).toBe(2.5);
});

test.each<[string, () => unknown]>([
  ["in line 2", () => fromCoo("0 0 1\n0 x 1\n")],
  ["in line 1", () => fromCoo("0 99999999 1\n")],
  ["in line 1", () => fromCoo("0 1 1e999\n")],
  ["dimod BinaryQuadraticModel", () => fromDimod(null)],
  ["variable_type", () => fromDimod({ type: "BinaryQuadraticModel", variable_type: "X" })],
  ["linear_biases", () => fromDimod({ type: "BinaryQuadraticModel", variable_type: "SPIN", linear_biases: [null] })],
  ["interaction 0", () => fromDimod({ type: "BinaryQuadraticModel", variable_type: "SPIN", linear_biases: [1], quadratic_head: [0], quadratic_tail: [0], quadratic_biases: [1] })],
])("a mistake is named: %s", (message, read) => {
  expect(read).toThrow(FormatError);
  expect(read).toThrow(message);
});
