import { join } from "node:path";
import { expect, test } from "vitest";
import { DatasetError } from "../../src/errors.ts";
import { readDataset } from "../../src/telemetry/dataset.ts";
import { diagnosisOf } from "../../src/telemetry/root-causes.ts";

const petshop = join(import.meta.dirname, "..", "..", "..", "..", "examples", "petshop");

test("the true cause of PetShop's incident is named", () => {
  const dataset = readDataset(petshop);
  const { verdict, candidates } = diagnosisOf(dataset);
  expect([verdict, candidates[0]?.node]).toEqual(["cause", dataset.symptom.trueCause]);
  expect(() => diagnosisOf(dataset, { service: "nobody", metric: "latency" })).toThrow(DatasetError);
});

test("a normal period that is no longer than the incident is refused", () => {
  const dataset = readDataset(petshop);
  const periods = { ...dataset.periods, normal: dataset.periods.incident };
  expect(() => diagnosisOf({ ...dataset, periods })).toThrow(/a normal period longer than the incident/);
});
