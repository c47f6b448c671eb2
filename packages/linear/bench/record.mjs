/** The measured record: 64 right values, so that the engine cannot cache a single one, and 64 wrong values. */
import { IntRange, Length, NonEmpty, Pattern, Range, Struct, Vector } from "../dist/index.js";

export const Rec = Struct({
  age: IntRange(0, 120),
  port: IntRange(1, 65_535),
  ratio: Range(0, 1),
  id: Pattern(/^[0-9a-f]{8}$/, "id"),
  at: Vector(3),
  tags: NonEmpty(Length(1, 16)),
});

export const VALUES = 64;
const hex = (n) => ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, "0");
export const right = Array.from({ length: VALUES }, (_, n) => ({ age: 25, port: 8080, ratio: 0.5, id: hex(n), at: [1, 2.5, 3], tags: ["a", "bc"] }));
export const wrong = right.map((value) => ({ ...value, port: 0 }));
export const frozen = right.map((value) => Object.freeze({ ...value, at: Object.freeze(value.at.slice()), tags: Object.freeze(value.tags.slice()) }));

/** Returns work that computes `turns` verdicts and returns their number if all are right. */
export function verdicts(check, pool, expected, turns) {
  return () => {
    let count = 0;
    for (let turn = 0; turn < turns; turn++) if (check(pool[turn & (VALUES - 1)]) === expected) count++;
    return count;
  };
}
