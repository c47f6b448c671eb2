import { join } from "node:path";
import { expect, test } from "vitest";
import { readDataset } from "../../src/telemetry/dataset.ts";
import { CONCURRENCY, workloadOf } from "../../src/telemetry/demand.ts";
import { placeWorkload } from "../../src/telemetry/place-workload.ts";

const petshop = join(import.meta.dirname, "..", "..", "..", "..", "examples", "petshop");

test("PetShop's services fit four nodes, by Little's law, and stay where they were when asked again", () => {
  const workload = workloadOf(readDataset(petshop));
  const site = workload.tasks.find(({ id }) => id === "PetSite");
  expect(site?.demand[CONCURRENCY]).toBeCloseTo(0.1532, 3);
  const nodes = ["a", "b", "c", "d"].map((id) => ({ id, capacity: { [CONCURRENCY]: 0.3 } }));
  const { placement, feasible } = placeWorkload(workload, nodes);
  expect(feasible).toBe(true);
  expect(Object.keys(placement)).toHaveLength(41);
  expect(placeWorkload(workload, nodes, JSON.stringify(placement)).energy.migration).toBe(0);
});
