import { join } from "node:path";
import { expect, test } from "vitest";
import { DatasetError } from "../../src/errors.ts";
import { readDataset } from "../../src/telemetry/dataset.ts";
import { rootCausesOf } from "../../src/telemetry/root-causes.ts";

const petshop = join(import.meta.dirname, "..", "..", "..", "..", "examples", "petshop");

test("the true cause of PetShop's incident ranks first", () => {
  const dataset = readDataset(petshop);
  expect(rootCausesOf(dataset)[0]?.node).toBe(dataset.symptom.trueCause);
  expect(() => rootCausesOf(dataset, { service: "nobody", metric: "latency" })).toThrow(DatasetError);
});
