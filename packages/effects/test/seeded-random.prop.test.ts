import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SeededRandom } from "../src/index.ts";

test("a stream is frozen: the same on every machine", () => {
  const random = new SeededRandom(1);
  expect(Array.from({ length: 4 }, () => random.uint32())).toMatchInlineSnapshot(`
    [
      925568655,
      1700903313,
      3705829306,
      999482165,
    ]
  `);
  expect([...new SeededRandom(2 ** 53 - 1, "x").bytes(6)]).toMatchInlineSnapshot(`
    [
      247,
      114,
      182,
      23,
      130,
      236,
    ]
  `);
});

test("seeds and labels decide, and nothing else", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.string(), (seed, label) => {
      const one = new SeededRandom(seed, label);
      const drawn = one.bytes(16);
      expect(new SeededRandom(seed, label).bytes(16)).toEqual(drawn);
      expect(new SeededRandom(seed, `${label}.`).bytes(16)).not.toEqual(drawn);
      expect(one.split("a").bytes(16)).toEqual(new SeededRandom(seed, label).split("a").bytes(16));
      expect(one.split("a").bytes(16)).not.toEqual(one.split("b").bytes(16));
    })
  );
});

test("a stream goes on from where it was saved", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat({ max: 20 }), fc.nat({ max: 3 }), (seed, drawn, at) => {
      const one = new SeededRandom(seed, "one");
      one.bytes(drawn);
      const words = new Int32Array(8);
      one.save(words, at);
      const other = new SeededRandom(0);
      other.load(words, at);
      expect(other.bytes(16)).toEqual(one.bytes(16));
    })
  );
});

test("numbers keep their bounds, and reach them", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: -1000, max: 1000 }), fc.nat(5), (seed, min, span) => {
      const random = new SeededRandom(seed);
      const drawn = Array.from({ length: 200 }, () => random.between(min, min + span));
      expect(Math.min(...drawn)).toBe(min);
      expect(Math.max(...drawn)).toBe(min + span);
      expect(random.next()).toBeLessThan(1);
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1)).toBe(true);
    })
  );
});

test("a seed is an integer", () => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => new SeededRandom(seed)).toThrow(RangeError);
});
