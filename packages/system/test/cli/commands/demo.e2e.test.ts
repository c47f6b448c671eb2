/**
 * The main job, unattended: what `npm run demo` runs, on the telemetry of a real application. By default the normal period is
 * four hours long; with VOID_DEMO=whole, as `.ci/run` has it, all of its two days are imported.
 */
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runVoid } from "../../support/processes.ts";

const DATASET = join(import.meta.dirname, "..", "..", "..", "..", "..", "examples", "petshop");
const DEMO_MS_MAX = 400_000;
const IS_WHOLE = process.env["VOID_DEMO"] === "whole";
/** Measurements of both periods. */
const COUNTS = IS_WHOLE ? { measurements: 142_823, written: 142_823, emptyCells: 27_690 } : { measurements: 12_529, written: 12_529, emptyCells: 2_430 };
const HEADER_ROWS = 3;
const ROWS = 48;

/** Copies the dataset with a shorter normal period. */
function shortened(folder: string): string {
  const copy = join(folder, "petshop");
  cpSync(DATASET, copy, { recursive: true });
  const file = join(copy, "noissue", "metrics.csv");
  writeFileSync(file, readFileSync(file, "utf8").split("\n").slice(0, HEADER_ROWS + ROWS).join("\n"));
  return copy;
}

test("imports PetShop through consensus, finds its true cause first, places its services alike on every node", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "void-demo-test-"));
  const data = mkdtempSync(join(tmpdir(), "void-demo-data-"));
  try {
    const { code, stdout, stderr } = await runVoid(["demo", "--json", "--dataset", IS_WHOLE ? DATASET : shortened(data)], { cwd });
    expect(code, stderr).toBe(0);
    const [imported, why, placed, nodes] = stdout.trim().split("\n").map((line) => JSON.parse(line));
    expect(imported).toMatchObject({ dataset: "petshop", ...COUNTS, stopped: false });
    expect(why).toMatchObject({ service: "PetSite", trueCauseRank: 1 });
    expect(why.causes[0].service).toBe(why.trueCause);
    expect(nodes.map(({ nodeId }: { nodeId: string }) => nodeId)).toEqual(["node0", "node1", "node2", "node3"]);
    for (const node of nodes) {
      expect(node).toMatchObject({ executed: nodes[0].executed, stateDigest: nodes[0].stateDigest, placement: placed.placement });
    }
    expect(readdirSync(cwd), "nothing is left behind").toEqual([]);
  } finally {
    for (const folder of [cwd, data]) rmSync(folder, { recursive: true, force: true });
  }
}, DEMO_MS_MAX);
