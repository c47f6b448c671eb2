import fc from "fast-check";
import { expect, test } from "vitest";
import { byTable } from "../src/crc32.ts";
import { concatBytes, crc32 } from "../src/index.ts";

test("CRC-32 gives the check value and continues from any point, with and without zlib", () => {
  for (const checksum of [crc32, byTable]) expect(checksum(new TextEncoder().encode("123456789"), 0)).toBe(0xcbf4_3926);
  const any = fc.uint8Array({ maxLength: 100 });
  fc.assert(
    fc.property(any, any, fc.nat(0xffff_ffff), (head, tail, initial) => {
      expect(byTable(head, initial)).toBe(crc32(head, initial));
      expect(crc32(tail, crc32(head, initial))).toBe(crc32(concatBytes([head, tail]), initial));
    }),
  );
  expect(crc32(new Uint8Array(0), 5)).toBe(5);
});
