import { describe, expect, test } from "vitest";
import { runWhy } from "../../../src/cli/commands/why.ts";
import { begin, errorOf, inStore } from "../../support/program.ts";

describe("void why", () => {
  test("what is not there cannot be explained", () => {
    const why = begin(() => inStore(() => runWhy("api", { dataset: "small", top: "5" })));
    expect(errorOf(why.watched.end())).toMatchObject({ code: "ERR_DATASET", message: expect.stringContaining("import it first") });
  });

  test("how many causes is a count", () => {
    for (const top of ["many", "0", "-1", "1.5", ""]) {
      expect(errorOf(begin(() => inStore(() => runWhy("api", { dataset: "small", top }))).watched.end()), top).toMatchObject({ code: "ERR_USAGE" });
    }
  });
});
