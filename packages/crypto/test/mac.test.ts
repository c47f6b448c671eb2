import { expect, test } from "vitest";
import { hmacSha256, importKey, Mac } from "../src/index.ts";

const SEED = Uint8Array.from({ length: 32 }, (_, index) => 200 + (index % 50));

test("a Mac accepts its own whole tags and nothing else", () => {
  const mac = new Mac(importKey("hmac-sha256", SEED));
  const message = Uint8Array.of(1, 2, 3);
  const tag = mac.tag(message);
  expect(tag).toEqual(hmacSha256(SEED, message));
  expect(mac.verify(message, tag)).toBe(true);
  expect(mac.verify(Uint8Array.of(1, 2), tag)).toBe(false);
  for (const length of [0, 16, 31]) expect(mac.verify(message, tag.subarray(0, length))).toBe(false);
  expect(mac.verify(message, Uint8Array.from([...tag, 0]))).toBe(false);
  for (let bit = 0; bit < 256; bit += 1) {
    const damaged = tag.slice();
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    expect(mac.verify(message, damaged)).toBe(false);
  }
});
