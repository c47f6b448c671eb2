import { expect, test } from "vitest";
import { ArrayOf, Finite, NonEmpty, Optional, Refined, Struct } from "../src/index.ts";
import { isSettled } from "../src/refinements/internal/settled.ts";

const Point = Struct({ x: Finite, y: Optional(Finite, 0), tags: Optional(NonEmpty()) });
const deepFrozen = Object.freeze({ x: 1, tags: Object.freeze(["a", Object.freeze({ b: null })]) });

/** Returns a schema that counts the reads of a value. */
function counting(): { readonly schema: ReturnType<typeof Struct<{ x: typeof Finite }>>; readonly reads: () => number } {
  let reads = 0;
  const Counted = Refined(Finite, () => ++reads > 0, "counted");
  return { schema: Struct({ x: Counted }), reads: () => reads };
}

test("a frozen value is read once, for a verdict and for a copy", () => {
  const { schema, reads } = counting();
  const value = Object.freeze({ x: 1 });
  expect(schema.is(value)).toBe(true);
  const first = reads();
  for (let turn = 0; turn < 50; turn++) expect(schema.is(value)).toBe(true);
  expect(reads()).toBe(first);
  schema.parse(value);
  const copy = schema.parse(value);
  const second = reads();
  for (let turn = 0; turn < 50; turn++) expect(schema.parse(value)).toBe(copy);
  expect(reads()).toBe(second);
});

test("each of many frozen values in turn is eventually cached", () => {
  const { schema, reads } = counting();
  const values = Array.from({ length: 10 }, (_, x) => Object.freeze({ x }));
  for (let turn = 0; turn < 5000; turn++) schema.is(values[turn % values.length]);
  const before = reads();
  for (const value of values) expect(schema.is(value)).toBe(true);
  expect(reads()).toBe(before);
});

test("a value without its defaults is not accepted as it is, whichever check came first", () => {
  const bare = Object.freeze({ x: -0 });
  for (let turn = 0; turn < 3; turn++) {
    expect(Point.parse(bare)).toEqual({ x: -0, y: 0 });
    expect(Point.is(bare)).toBe(false);
  }
  const Zero = ArrayOf(Optional(Finite));
  const odd = Object.freeze([-0, undefined]);
  for (let turn = 0; turn < 3; turn++) expect([Zero.is(odd), Zero.parse(odd)]).toEqual([true, [-0, undefined]]);
});

test("a value that may still change is read each time", () => {
  const inner = { b: 1 };
  const shallow = Object.freeze({ x: 1, tags: Object.freeze([inner]) });
  const mutable = { x: 1, y: 2 };
  for (let turn = 0; turn < 100; turn++) expect([Point.is(mutable), Point.is({ ...shallow, y: 1 })]).toEqual([true, true]);
  Reflect.set(mutable, "x", "evil");
  expect(Point.is(mutable)).toBe(false);
  expect(isSettled(shallow)).toBe(false);
});

test("only deeply frozen plain data is settled", () => {
  expect(isSettled(deepFrozen)).toBe(true);
  expect(isSettled(Object.freeze([]))).toBe(true);
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  let deep: object = Object.freeze({});
  for (let depth = 0; depth < 50; depth++) deep = Object.freeze({ deep });
  const unsettled = [
    { x: 1 },
    Object.freeze({ x: [] }),
    Object.freeze({ get x() { return 1; } }),
    Object.freeze({ x: () => 1 }),
    Object.freeze(new Map()),
    Object.freeze({ x: Object.freeze(new Date(0)) }),
    Object.freeze(Object.create({ x: 1 })),
    new Proxy(deepFrozen, {}),
    Object.freeze({ x: new Proxy(Object.freeze([1]), {}) }),
    Proxy.revocable(Object.freeze({}), {}).proxy,
    Object.freeze(cyclic),
    deep,
    new Proxy(Object.freeze({}), { isExtensible: () => { throw new TypeError("trap"); } }),
  ];
  for (const value of unsettled) expect(isSettled(value)).toBe(false);
});

test("a proxy is read each time, even one that throws when it is inspected", () => {
  const { proxy, revoke } = Proxy.revocable(Object.freeze({ x: 1, y: 2 }), {});
  expect(Point.is(proxy)).toBe(true);
  revoke();
  expect(Point.is(proxy)).toBe(false);
  const shy = new Proxy({ x: 1, y: 2 }, { isExtensible: () => { throw new TypeError("trap"); } });
  for (let turn = 0; turn < 40; turn++) expect(Struct({ x: Finite, y: Finite }).is(shy)).toBe(true);
});

test("a value that changes and freezes itself while it is read is not cached with its old content", () => {
  const schema = Struct({ a: Finite, b: Finite });
  const trick = {
    a: 1,
    get b() {
      Object.defineProperty(trick, "b", { value: 2 });
      Reflect.set(trick, "a", "evil");
      Object.freeze(trick);
      return 2;
    },
  };
  schema.is(trick);
  expect(schema.is(trick)).toBe(false);
});
