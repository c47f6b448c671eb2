import fc from "fast-check";
import { expect, test } from "vitest";
import { equalBytes } from "../src/index.ts";

test("equality agrees with Buffer", () => {
  const few = fc.uint8Array({ maxLength: 2, max: 1 });
  fc.assert(
    fc.property(few, few, (a, b) => {
      expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(b));
    }),
  );
});
