import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runImport } from "../../../src/cli/commands/import.ts";
import { CommandError } from "../../../src/errors.ts";
import { readDataset } from "../../../src/telemetry/dataset.ts";
import { readBack } from "../../../src/telemetry/read-back.ts";
import { ScriptedCluster } from "../../support/cluster.ts";
import { writeDataset } from "../../support/dataset.ts";
import { begin, errorOf, expectAllEnded, inStore } from "../../support/program.ts";
import { Steps, Watched, cancelEverywhere } from "../../support/steps.ts";

const folder = mkdtempSync(join(tmpdir(), "void-import-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("void import", () => {
  test("an import that was cancelled, wherever it waited, says how far it came, and the next one goes on from there", () => {
    const dataset = readDataset(writeDataset(folder, "larger", 400));
    let machine: ScriptedCluster;
    cancelEverywhere(
      (steps) => {
        machine = new ScriptedCluster(steps);
        return () => machine.run(() => inStore(() => runImport(dataset)));
      },
      (outcome, at) => {
        const [report] = machine.printed as { measurements: number; written: number; stopped: boolean }[];
        expect(report?.stopped, `at ${at}`).toBe(outcome.type === "cancelled");
        expectAllEnded(machine);
        const steps = new Steps();
        const next = new ScriptedCluster(steps);
        for (const [key, value] of machine.values) next.values.set(key, value);
        const again = new Watched(steps, () => next.run(() => inStore(function* () {
          yield* runImport(dataset);
          return yield* readBack("larger");
        })));
        expect(again.end(), `at ${at}`).toEqual({ type: "done", value: dataset });
        const [second] = next.printed as { written: number; before: number }[];
        // A flight that was cut short may be in, and counts as there before, or is written again, to the same keys.
        expect(second!.before, `at ${at}`).toBeGreaterThanOrEqual(report!.written);
        expect(second!.written + second!.before).toBe(report!.measurements);
      },
    );
  });

  test("an import that fails says so, and how far it came", () => {
    const { machine, watched } = begin(() => inStore(() => runImport(readDataset(writeDataset(folder, "small", 8)))), { answers: ["NOPERM this capability does not permit it"] });
    expect(errorOf(watched.end())).toBeInstanceOf(CommandError);
    expect(machine.printed).toMatchObject([{ written: 0, stopped: true }]);
    expectAllEnded(machine);
  });
});
