import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DatasetError } from "../../src/errors.ts";
import { readDataset } from "../../src/telemetry/dataset.ts";
import { writeDataset } from "../support/dataset.ts";

const folder = mkdtempSync(join(tmpdir(), "void-telemetry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("readDataset", () => {
  test("reads a folder; empty cells are no measurements", () => {
    const { name, calls, periods, symptom } = readDataset(writeDataset(folder, "small", 8));
    expect(name).toBe("small");
    expect(calls).toEqual([{ caller: "api", callee: "db" }]);
    expect(periods.normal.rows[0]).toEqual([0.1, undefined, 300, 600]);
    expect(symptom).toEqual({ service: "api", metric: "latency", trueCause: "db" });
  });

  test.each([
    ["a cell that is no number", "noissue/metrics.csv", (text: string) => text.replace(",300,600", ",many,600"), /line 5: expected a number, got "many"/],
    ["times that do not ascend", "noissue/metrics.csv", (text: string) => text.replace("1300,", "900,"), /line 6: expected times that ascend/],
    ["rows of different length", "noissue/metrics.csv", (text: string) => text.replace(",300,600", ",300"), /rows of equal length/],
    ["a graph without calls", "graph.csv", () => ",api,db\napi,0,0\ndb,0,0\n", /at least one call/],
    ["a target that is no JSON", "incident/target.json", () => "{", /expected JSON/],
  ])("names %s", (name, file, spoil, message) => {
    const at = join(folder, `bad-${name.replaceAll(" ", "-")}`);
    cpSync(writeDataset(folder, "good", 8), at, { recursive: true });
    writeFileSync(join(at, file), spoil(readFileSync(join(at, file), "utf8")));
    let failure: unknown;
    try {
      readDataset(at);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(DatasetError);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).toContain(file.split("/").at(-1));
  });
});
