import { execFileSync } from "node:child_process";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../src/refinements/internal/compile.ts";
import {
  ArrayOf, Bool, Finite, IntRange, Length, NonEmpty, OneOf, Optional, Pattern, Positive, Range, Refined, Struct, Text, Unique,
  SchemaError, Vector, and, not, or,
} from "../src/index.ts";
import type { Description, Schema } from "../src/index.ts";
import { COPY, INVALID, JUDGE } from "../src/refinements/issues.ts";

const Even = Refined(IntRange(0, 100), (n) => n % 2 === 0, "even number");
const Thrower = Refined(Text, () => { throw new TypeError("oops"); }, "thrower");
/** Every kind of schema, in an array or record, which are compiled. Some are deep, some unusual. */
const SCHEMAS: readonly Schema<unknown>[] = [
  ArrayOf(Finite), ArrayOf(Range(-1.5, 1e21), { max: 3 }), ArrayOf(Range(-Infinity, Infinity)), ArrayOf(IntRange(-5, 5)),
  ArrayOf(IntRange(0, 2 ** 53 - 1)), ArrayOf(Positive), ArrayOf(Bool), ArrayOf(Text), ArrayOf(Length(1, 2)), ArrayOf(OneOf("a", 0, null, true)),
  ArrayOf(Pattern(/a/g, "global")), ArrayOf(Pattern(/a/y, "sticky")), ArrayOf(Even), ArrayOf(Thrower),
  ArrayOf(Optional(Finite)), ArrayOf(Optional(Finite, 7)), ArrayOf(ArrayOf(Text, { min: 1 })), ArrayOf(or(Finite, Text)),
  ArrayOf(and(Length(1, 2), Pattern(/^a/, "a first"))), ArrayOf(not(Finite, OneOf(0), "not zero")), ArrayOf(Unique(ArrayOf(Finite))),
  NonEmpty(), NonEmpty(Text), Vector(0), Vector(3), Vector(2, Vector(2)), Vector(1, Optional(Text)),
  Struct({}), Struct({ a: Finite }), Struct({ a: Optional(Finite), b: Optional(Text, "x") }), Struct({ a: NonEmpty(), b: Optional(Bool) }),
  Struct({ a: Struct({ b: Vector(2), c: Optional(Struct({ d: Text })) }), e: Even }),
  Struct({ constructor: Text }), Struct({ toString: Optional(Text) }), Struct(Object.fromEntries([["__proto__", Text]])),
  Struct(Object.fromEntries([["__proto__", Optional(Text)], ["a", Text]])),
  Struct({ 1: Text, 0: Finite }), Struct({ "": Text, " ": Text }),
  // A part that this package did not make: its description may be wrong, so its reader decides.
  ArrayOf({ ...Finite, "~type": { type: "string" }, "~read": (value, issues) => (value === 1 ? 1 : issues.add("expected 1")) }),
];

const sparse = [1, 2, 3];
delete sparse[1];
const hidden = Object.defineProperty({ b: "x" }, "a", { value: 1 });
const inheriting: unknown = Object.assign(Object.create({ a: 1 }), { b: "x" });
const bare: unknown = Object.assign(Object.create(Object.create(null, { a: { value: 1, enumerable: true } })), { b: "x" });
const liar = (length: unknown): unknown => new Proxy([1, 2, 3], { get: (all, key) => (key === "length" ? length : Reflect.get(all, key)) });
const thrower = { get a(): never { throw new TypeError("trap"); } };
/** Edge cases: values that look like a number, an array or a record, and are not. */
const EDGES: readonly unknown[] = [
  undefined, null, true, 0, -0, 1, 1.5, 5, 6, 1e21, 1e-7, 2 ** 53, 2 ** 53 - 1, Number.NaN, Infinity, -Infinity, 1n, "", "a", "ab", "ba", "1",
  new Number(1), new String("a"), Symbol("s"), () => 1, new Date(0), new Map(), new Set([1]), new Uint8Array(3), new Error("x"), /a/,
];
const HOSTILE: readonly unknown[] = [
  ...EDGES, ...EDGES.map((one) => [one]), ...EDGES.map((one) => [one, one]), ...EDGES.map((one) => ({ a: one })),
  ...EDGES.map((one) => ({ a: one, b: "x" })), ...[-1, 1.5, Number.NaN, "3", 2 ** 60, undefined, 3, 2, 4].map(liar),
  [], {}, [1, 2], [1, 2, 3], [[1, 2], [3, 4]], ["a", "ba"], sparse, [1, 1], [[1, 1]], [[1, 2]], new Array(2), { length: 1, 0: 1 },
  { a: 1, b: undefined }, { b: undefined }, { a: 1, c: 1 }, { a: { b: [1, 2] }, e: 2 }, { a: { b: [-0, 2], c: { d: "x" } }, e: -0 },
  { a: { b: [1, 2], c: undefined }, e: 2 }, { a: { b: [1, 2], c: null }, e: 2 }, { a: { b: [1, 2] }, e: 3 }, { a: { b: [1] }, e: 2 },
  hidden, inheriting, bare, thrower, [thrower], { [Symbol("s")]: 1 }, { constructor: "x" }, { toString: "x" }, { 0: 1, 1: "a" },
  { "": "x", " ": "y" }, JSON.parse('{"__proto__": "x"}'), JSON.parse('{"__proto__": "x", "a": "y"}'), { a: "y" }, Object.create(null),
  Object.create({}), runInNewContext('({ a: 1, b: "x" })'), runInNewContext("[1, 2, 3]"), new Proxy({ a: 1 }, {}),
  new Proxy({}, { ownKeys: () => { throw new TypeError("trap"); } }), Object.setPrototypeOf([1], Object.prototype), Object.freeze([1, 2, 3]),
];

type Outcome = readonly [verdict: "value" | "refused" | "throw", value?: unknown];

function outcome(read: () => unknown): Outcome {
  try {
    const value = read();
    return value === INVALID ? ["refused"] : ["value", value];
  } catch {
    return ["throw"];
  }
}

/** Checks that both paths agree, with each other and with the list of mistakes. */
function expectSame(schema: Schema<unknown>, value: unknown): void {
  for (const mode of [JUDGE, COPY]) {
    const quick = compile(schema["~type"], mode.asIs)!;
    const plain = outcome(() => schema["~read"](value, mode));
    expect(outcome(() => quick(value)), schema.name).toEqual(plain);
    if (mode.asIs) continue;
    const refused = schema.safeParse(value);
    expect(refused.ok, schema.name).toBe(plain[0] === "value");
    if (refused.ok) expect(refused.value).toEqual(plain[1]);
    else expect(refused.issues[0]!.reason).not.toContain("changed since");
  }
}

describe("a compiled schema agrees with its reader", () => {
  test.each(SCHEMAS.map((schema) => [schema.name, schema] as const))("%s, on hostile values", (_, schema) => {
    expect.hasAssertions();
    for (const value of HOSTILE) expectSame(schema, value);
  });

  test("on values close to valid ones, and on others", () => {
    const Deep = Struct({
      a: Optional(IntRange(-5, 5), 0),
      b: Optional(ArrayOf(Finite, { max: 3 })),
      c: Struct({ d: Optional(Text), e: Vector(2, Range(0, 1)) }),
    });
    const near = fc.record(
      {
        a: fc.oneof(fc.integer({ min: -6, max: 6 }), fc.constant(-0), fc.anything()),
        b: fc.oneof(fc.array(fc.double(), { maxLength: 4 }), fc.constant(undefined)),
        c: fc.oneof(fc.object(), fc.record({ d: fc.string(), e: fc.array(fc.double({ min: 0, max: 1.01 }), { maxLength: 3 }) }, { requiredKeys: ["e"] })),
        x: fc.anything(),
      },
      { requiredKeys: ["c"], noNullPrototype: false },
    );
    const wild = fc.anything({ withNullPrototype: true, withSparseArray: true, withBigInt: true, withBoxedValues: true, withDate: true, withMap: true });
    fc.assert(fc.property(fc.oneof(near, wild), (value) => expectSame(Deep, value)), { numRuns: 300 });
    fc.assert(fc.property(fc.constantFrom(...SCHEMAS), wild, expectSame), { numRuns: 300 });
  });

  test("on records with any keys", () => {
    const key = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "constructor", "`", "${0}", "\\", "*/", '"];evil();["', "\u2028", "\ud800"));
    fc.assert(
      fc.property(fc.uniqueArray(key, { maxLength: 5 }), fc.uniqueArray(key, { maxLength: 5 }), fc.boolean(), (keys, others, isOptional) => {
        const schema = Struct(Object.fromEntries(keys.map((one) => [one, isOptional ? Optional(Text) : Text])));
        const value = Object.fromEntries(keys.map((one) => [one, "x"]));
        expectSame(schema, value);
        expectSame(schema, Object.fromEntries(others.map((one) => [one, "x"])));
        expect(compile(schema["~type"], false)!(value)).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });
});

test("nothing passed to a schema becomes code", () => {
  const evil = "*/;globalThis.broken=1;//`${globalThis.broken=1}\"];globalThis.broken=1;[\"'\n\u2028";
  const number = `0);globalThis.broken=1;(`;
  // Values that an untyped caller may pass.
  const lo = number as unknown as number;
  const schemas = [
    Struct({ [evil]: Text }, evil),
    ArrayOf(Pattern(new RegExp(evil.replaceAll(/[*/()[\]]/g, "\\$&")), evil)),
    ArrayOf(OneOf(evil)),
    ArrayOf(Refined(Text, () => true, evil)),
    ArrayOf(Optional(Text, evil)),
  ];
  expect(() => Range(lo, lo)).toThrow(SchemaError);
  const forged: Description = { type: "number", lo, hi: lo, whole: false };
  for (const type of [...schemas.map((schema) => schema["~type"]), forged]) {
    for (const value of [{ [evil]: "x" }, [evil], [1], {}]) {
      for (const asIs of [true, false]) outcome(() => compile(type, asIs)?.(value));
    }
  }
  expect(Reflect.get(globalThis, "broken")).toBeUndefined();
});

test("a type with more parts than are inlined gives the same verdicts", () => {
  const Wide = Struct(Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, IntRange(0, 9)])));
  const value = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`k${n}`, n % 10]));
  expectSame(Wide, value);
  expectSame(Wide, { ...value, k299: 10 });
  expectSame(Wide, { ...value, k300: 1 });
  expect(Wide.is(value)).toBe(true);
});

test("a schema gives the same verdicts before and after it is compiled", () => {
  const Point = Struct({ x: Finite, y: Optional(Finite, 0) });
  for (let turn = 0; turn < 100; turn++) {
    expect(Point.is({ x: 1, y: 2 })).toBe(true);
    expect(Point.is({ x: 1 })).toBe(false);
    expect(Point.parse({ x: 1 })).toEqual({ x: 1, y: 0 });
    expect(Point.safeParse({ x: "1" })).toMatchObject({ ok: false });
    expect(Object.isFrozen(Point.parse({ x: 1 }))).toBe(true);
  }
});

test("schemas work where code from strings is forbidden", async () => {
  const source = `
    import { Finite, Struct } from "./src/refinements/index.ts";
    const Point = Struct({ x: Finite });
    let right = 0;
    for (let turn = 0; turn < 200; turn++) right += Number(Point.is({ x: turn }) && Point.parse({ x: turn }).x === turn && !Point.is({}));
    let forbidden = false;
    try { new Function("return 1"); } catch { forbidden = true; }
    process.stdout.write(JSON.stringify({ right, forbidden }));`;
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: `${import.meta.dirname}/..`, loader: "ts" },
    bundle: true, write: false, format: "esm", platform: "node", target: "node20",
  });
  const arguments_ = ["--disallow-code-generation-from-strings", "--input-type=module", "-"];
  const output = execFileSync(process.execPath, arguments_, { input: outputFiles[0]!.text, encoding: "utf8" });
  expect(JSON.parse(output)).toEqual({ right: 200, forbidden: true });
});

