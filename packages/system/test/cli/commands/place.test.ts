import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { runImport } from "../../../src/cli/commands/import.ts";
import { runPlace } from "../../../src/cli/commands/place.ts";
import { readDataset } from "../../../src/telemetry/dataset.ts";
import { writeDataset } from "../../support/dataset.ts";
import { NODES, begin, cluster, errorOf, inStore } from "../../support/program.ts";

const folder = mkdtempSync(join(tmpdir(), "void-place-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("void place: nothing can be placed on nobody", () => {
  const place = begin(() => inStore(function* () {
    yield* runImport(readDataset(writeDataset(folder, "small", 8)));
    yield* runPlace(cluster, "small");
  }), { silent: NODES });
  expect(errorOf(place.watched.end())).toMatchObject({ code: "ERR_PLACEMENT" });
  expect(place.machine.values.has("void/placement")).toBe(false);
});
