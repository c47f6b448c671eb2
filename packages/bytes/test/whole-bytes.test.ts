import fc from "fast-check";
import { expect, test } from "vitest";
import { byTable } from "../src/crc32.ts";
import { concatBytes, crc32, equalBytes, fromHex, MalformedBytesError, toHex } from "../src/index.ts";

test("hexadecimal goes there and back; anything else is refused at its place", () => {
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

test("equality and joining are those of Buffer", () => {
  const few = fc.uint8Array({ maxLength: 2, max: 1 });
  fc.assert(fc.property(few, few, (a, b) => equalBytes(a, b) === Buffer.from(a).equals(b)));
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (parts) => {
      expect(concatBytes(parts)).toEqual(new Uint8Array(Buffer.concat(parts)));
    }),
  );
});

test("CRC-32: the check value, continued anywhere, with and without zlib", () => {
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
