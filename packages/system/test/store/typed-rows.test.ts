import { HLCVersionStore } from "@void-system/hlc";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scoreBytes, TypedRows } from "../support/typed-rows.ts";

const made = () => {
  const store = new HLCVersionStore({ ordered: true });
  return { store, rows: new TypedRows(store) };
};

test("fields, items and pairs are found by name, index and rank", () => {
  const { rows } = made();
  const scores = new Map<string, number>();
  const items: string[] = [];
  for (let index = 0; index < 600; index++) {
    rows.hset("h", `field ${index % 400}`, `${index}`);
    rows.rpush("l", `item ${index}`);
    items.push(`item ${index}`);
    const member = `member ${(index * 7) % 450}`;
    const score = ((index * 31) % 50) - 25;
    rows.zadd("z", member, score);
    scores.set(member, score);
    if (index % 3 === 0) expect(rows.lpop("l")).toBe(items.shift());
  }
  for (let index = 0; index < 400; index++) expect(rows.hget("h", `field ${index}`)).toBe(String(index < 200 ? index + 400 : index));
  for (let index = 0; index <= items.length; index++) expect(rows.lindex("l", index)).toBe(items[index]);
  const sorted = [...scores].toSorted(([a, x], [b, y]) => x - y || Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const [rank, [member]] of sorted.entries()) expect(rows.zrank("z", member)).toBe(rank);
});

test("DEL, RENAME and FLUSH write a few rows, whatever a key holds, and the others go in bounded steps", () => {
  const { store, rows } = made();
  const fill = (key: string) => {
    for (let index = 0; index < 300; index++) rows.hset(key, `field ${index}`, "value");
  };
  const cost = (run: () => void) => {
    const before = rows.writes;
    run();
    return rows.writes - before;
  };
  fill("a");
  fill("b");
  expect([cost(() => rows.rename("a", "c")), rows.hget("a", "field 1"), rows.hget("c", "field 1")]).toEqual([2, undefined, "value"]);
  expect([cost(() => rows.del("b")), rows.hget("b", "field 1")]).toEqual([2, undefined]);
  rows.hset("b", "field 2", "again");
  expect([rows.hget("b", "field 1"), rows.hget("b", "field 2")]).toEqual([undefined, "again"]);
  const size = store.size;
  expect([rows.sweep(100), store.size]).toEqual([true, size - 100]);
  expect([rows.sweep(1_000), store.size]).toEqual([false, size - 301]);
  expect([cost(() => rows.flush()), rows.hget("c", "field 1")]).toEqual([2, undefined]);
  fill("c");
  let steps = 0;
  while (rows.sweep(50)) steps += 1;
  // The rows of c alone: the database, the key, its fields.
  expect([steps > 5, store.size, rows.hget("c", "field 1")]).toEqual([true, 302, "value"]);
});

test("scores sort by their bytes", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
      expect(Math.sign(Buffer.compare(scoreBytes(a), scoreBytes(b)))).toBe(a === b ? 0 : a < b ? -1 : 1);
    }),
  );
});
