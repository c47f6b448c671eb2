import fc from "fast-check";
import { expect, test } from "vitest";
import { concatBytes } from "../src/index.ts";

test("joining agrees with Buffer", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      expect(concatBytes(parts)).toEqual(new Uint8Array(Buffer.concat(parts)));
    }),
  );
});
