import fc from "fast-check";
import { test } from "vitest";
import { equalBytes } from "../src/index.ts";

test("equality agrees with Buffer", () => {
  const few = fc.uint8Array({ maxLength: 2, max: 1 });
  fc.assert(fc.property(few, few, (a, b) => equalBytes(a, b) === Buffer.from(a).equals(b)));
});
