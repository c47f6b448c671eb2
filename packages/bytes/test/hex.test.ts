import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, MalformedBytesError, toHex } from "../src/index.ts";

test("hexadecimal round-trips, and anything else is refused with its position", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
      expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
    }),
  );
  expect(() => fromHex("012")).toThrow(MalformedBytesError);
  expect(() => fromHex("01xy")).toThrow('expected a hexadecimal digit at byte 2, got "x"');
});
