import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  compareTimestamps,
  decodeTimestamp,
  decodeTimestamp16,
  encodeTimestamp,
  encodeTimestamp16,
  HLCTimestamp,
  HLCError,
  LOGICAL_MAX,
  parseTimestamp,
  PHYSICAL_MS_MAX,
  timestampFromBigInt,
  timestampToBigInt,
} from "../src/index.ts";

const nodeId = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,7}$/);
const near = <T>(arbitrary: fc.Arbitrary<T>, ...edges: T[]) => fc.oneof(arbitrary, fc.constantFrom(...edges));
const stamp = fc
  .tuple(near(fc.nat({ max: PHYSICAL_MS_MAX }), 0, 1, 255, 256, 2 ** 32, PHYSICAL_MS_MAX), near(fc.nat({ max: LOGICAL_MAX }), 0, 255, 256, LOGICAL_MAX), nodeId)
  .map(([physicalMs, logical, id]) => new HLCTimestamp(physicalMs, logical, id));

test("every form preserves every field, and all sort alike", () => {
  fc.assert(
    fc.property(stamp, stamp, (a, b) => {
      expect(decodeTimestamp(encodeTimestamp(a))).toEqual(a);
      expect(decodeTimestamp16(encodeTimestamp16(a))).toEqual(a);
      expect(parseTimestamp(String(a))).toEqual(a);
      expect(timestampFromBigInt(timestampToBigInt(a))).toEqual(a);
      const order = Math.sign(compareTimestamps(a, b));
      expect(Math.sign(Buffer.compare(encodeTimestamp(a), encodeTimestamp(b)))).toBe(order);
      expect(Math.sign(Buffer.compare(encodeTimestamp16(a), encodeTimestamp16(b)))).toBe(order);
      expect(a < b).toBe(order < 0);
      expect(timestampToBigInt(a) < timestampToBigInt(b)).toBe(order < 0);
      expect(Math.sign(compareTimestamps(b, a))).toBe(order === 0 ? 0 : -order);
    }),
    { numRuns: 500 },
  );
});

test("decoders throw their own error and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.string(), (bytes, text) => {
      for (const [decode, encode] of [
        [decodeTimestamp, encodeTimestamp],
        [decodeTimestamp16, encodeTimestamp16],
      ] as const) {
        const again = unlessRefused(() => encode(decode(bytes)));
        expect(again ?? bytes).toEqual(bytes);
      }
      expect(() => parseTimestamp(text)).toThrow(HLCError);
    }),
    { numRuns: 500 },
  );
});

/** Returns the result of `make`, or undefined if it throws an error of this package. Other errors pass through. */
function unlessRefused<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof HLCError) return undefined;
    throw error;
  }
}
