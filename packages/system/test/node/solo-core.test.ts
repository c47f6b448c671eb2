import { expect, test } from "vitest";
import { soloRecords } from "../../src/node/solo-core.ts";
import { encodeCommands } from "../../src/store/command.ts";

test("the record of an operation is frozen: version 1", () => {
  const record = soloRecords.encode({ physicalMs: 1_700_000_000_000, operation: encodeCommands([]) });
  expect(Buffer.from(record).toString("hex")).toBe("010000018bcfe5680000000003010000");
});
