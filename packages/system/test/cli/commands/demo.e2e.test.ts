/**
 * The main job, unattended: what `npm run demo` runs, on the telemetry of a real application.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runVoid } from "../../support/processes.ts";

const DATASET = join(import.meta.dirname, "..", "..", "..", "..", "..", "examples", "petshop");
const DEMO_MS_MAX = 400_000;

test("imports PetShop through consensus, finds its true cause first, places its services alike on every node", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "void-demo-test-"));
  try {
    const { code, stdout, stderr } = await runVoid(["demo", "--json", "--dataset", DATASET], { cwd });
    expect(code, stderr).toBe(0);
    const [imported, why, placed, nodes] = stdout.trim().split("\n").map((line) => JSON.parse(line));
    expect(imported).toMatchObject({ dataset: "petshop", measurements: 142_823, written: 142_823, emptyCells: 27_690, stopped: false });
    expect(why).toMatchObject({ service: "PetSite", trueCauseRank: 1 });
    expect(why.causes[0].service).toBe(why.trueCause);
    expect(nodes.map(({ nodeId }: { nodeId: string }) => nodeId)).toEqual(["node0", "node1", "node2", "node3"]);
    for (const node of nodes) {
      expect(node).toMatchObject({ executed: nodes[0].executed, stateDigest: nodes[0].stateDigest, placement: placed.placement });
    }
    expect(readdirSync(cwd), "nothing is left behind").toEqual([]);
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}, DEMO_MS_MAX);
