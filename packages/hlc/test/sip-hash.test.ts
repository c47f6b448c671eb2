import * as fc from "fast-check";
import { expect, test } from "vitest";
import { secondKey, SipHash } from "../src/store/internal/sip-hash.ts";
import { sipHash } from "./by-the-book.ts";

const counting = (length: number) => Uint8Array.from({ length }, (_, index) => index);
const hashed = (key: Uint8Array, bytes: Uint8Array, start = 0, end = bytes.length) => {
  const hash = new SipHash(key);
  hash.update(bytes, start, end);
  return (BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0);
};

test("the reference of these tests is SipHash: the vector of its paper, with 2 and 4 rounds", () => {
  expect(sipHash(counting(16), counting(15), 2, 4)).toBe(0xa129ca6149be45e5n);
});

test("it is SipHash-1-3, of any range and length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ maxLength: 80 }), fc.nat(9), fc.nat(9), (key, bytes, before, after) => {
      const padded = Uint8Array.from([...new Uint8Array(before), ...bytes, ...new Uint8Array(after)]);
      expect(hashed(key, padded, before, before + bytes.length)).toBe(sipHash(key, bytes));
    }),
  );
});

test("a second key is made of the first", () => {
  const made = secondKey(counting(16));
  const expected = [0, 1].map((half) => sipHash(counting(16), Uint8Array.of(half)).toString(16).padStart(16, "0"));
  expect(Buffer.from(made).toString("hex")).toBe(expected.join(""));
  expect(hashed(made, counting(3))).not.toBe(hashed(counting(16), counting(3)));
});
