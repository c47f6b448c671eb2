import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runDemo } from "../../../src/cli/commands/demo.ts";
import { ScriptedCluster } from "../../support/cluster.ts";
import { writeDataset } from "../../support/dataset.ts";
import { NODES, begin, expectAllEnded } from "../../support/program.ts";
import { cancelEverywhere } from "../../support/steps.ts";

const folder = mkdtempSync(join(tmpdir(), "void-demo-"));
const petshop = writeDataset(folder, "small", 8);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("void demo", () => {
  test("imports, explains, places, and shows that all nodes agree", () => {
    const { machine, watched } = begin(() => runDemo(petshop));
    expect(watched.end()).toEqual({ type: "done", value: undefined });
    expect(machine.printed).toMatchObject([
      { dataset: "small", measurements: 46, written: 46, emptyCells: 2, stopped: false },
      { service: "api", causes: [{ service: "db" }], trueCauseRank: 1 },
      { placement: { api: expect.stringMatching(/^node/), db: expect.stringMatching(/^node/) } },
      NODES.map((nodeId) => ({ nodeId, executed: 7 })),
    ]);
    expectAllEnded(machine);
    expect(existsSync(machine.folder)).toBe(false);
  });

  test("cancelled wherever it waits: no node, no bar and no folder is left", () => {
    let machine: ScriptedCluster;
    const waits = cancelEverywhere(
      (steps) => {
        machine = new ScriptedCluster(steps);
        return () => machine.run(() => runDemo(petshop));
      },
      (_, at) => {
        expectAllEnded(machine);
        expect(machine.folder === "" || !existsSync(machine.folder), `at ${at}`).toBe(true);
      },
    );
    expect(waits).toBeGreaterThan(40);
  });
});
