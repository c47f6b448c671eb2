import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import {
  ARRAY_LENGTH_MAX,
  ArrayOf,
  Bool,
  Finite,
  ISSUES_MAX,
  IntRange,
  Length,
  NonEmpty,
  OneOf,
  Optional,
  Pattern,
  Range,
  Refined,
  RefinementError,
  SCHEMAS_CACHED_MAX,
  SchemaError,
  Struct,
  Text,
  Unique,
  VECTOR_LENGTH_MAX,
  Vector,
  and,
  formatPath,
  not,
  or,
} from "../src/index.ts";
import type { Schema } from "../src/index.ts";

function parsedOrRefused(schema: Schema<unknown>, value: unknown): unknown {
  try {
    return schema.parse(value);
  } catch (error) {
    return error instanceof RefinementError ? RefinementError : error;
  }
}

/** Returns the mistakes as `path: reason`. */
function mistakes(schema: Schema<unknown>, value: unknown): readonly string[] {
  const result = schema.safeParse(value);
  const texts = result.ok ? [] : result.issues.map((issue) => `${formatPath(issue.path)}: ${issue.reason}`);
  // All ways of reading agree.
  expect(schema.is(value)).toBe(result.ok);
  const standard = schema["~standard"].validate(value);
  expect(standard.issues?.map((issue) => issue.message)).toEqual(result.ok ? undefined : result.issues.map((issue) => issue.reason));
  expect(parsedOrRefused(schema, value)).toEqual(result.ok ? result.value : RefinementError);
  return texts;
}

/** A function, so that test runners never inspect the revoked proxy. */
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

const NOT_NUMBERS: readonly unknown[] = [
  "5", 5n, new Number(5), Object(5), [5], { valueOf: () => 5 }, null, undefined, true, Symbol("5"), () => 5,
  Number.NaN, Infinity, -Infinity, new Date(5),
];

describe("ranges", () => {
  test("accept both bounds and nothing beyond", () => {
    const Age = Range(0, 120);
    for (const value of [0, 120, 0.5, 1e-7, Number.MIN_VALUE]) expect(mistakes(Age, value)).toEqual([]);
    expect(mistakes(Age, 150)).toEqual(["value: expected a number in 0..120, got 150"]);
    expect(mistakes(Age, -Number.MIN_VALUE)).toHaveLength(1);
    expect(mistakes(Age, 120.00000000000001)).toHaveLength(1);
    expect(mistakes(Range(0, 1e22), 1e21)).toEqual([]);
  });

  test("accept only finite numbers", () => {
    for (const schema of [Range(0, 120), IntRange(0, 120), Range(-Infinity, Infinity), Finite]) {
      for (const value of NOT_NUMBERS) expect(mistakes(schema, value)).toHaveLength(1);
    }
    expect(mistakes(Range(0, Infinity), Number.MAX_VALUE)).toEqual([]);
  });

  test("read -0 as 0", () => {
    expect(Object.is(Range(-1, 1).parse(-0), 0)).toBe(true);
    expect(Object.is(IntRange(0, 1).parse(-0), 0)).toBe(true);
    expect(Object.is(OneOf(0, 1).parse(-0), 0)).toBe(true);
    expect(Object.is(Finite.parse(-0), -0)).toBe(true);
  });

  test("of whole numbers refuse fractions and unsafe integers", () => {
    const Whole = IntRange(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    expect(mistakes(Whole, 2 ** 53 - 1)).toEqual([]);
    expect(mistakes(Whole, 2 ** 53)).toHaveLength(1);
    expect(mistakes(IntRange(0, 9), 1.5)).toEqual(["value: expected a whole number in 0..9, got 1.5"]);
    expect(() => IntRange(0, 2 ** 53)).toThrow(SchemaError);
    expect(() => IntRange(0.5, 2)).toThrow(SchemaError);
    // @ts-expect-error: "1 is above 0"
    expect(() => Range(1, 0)).toThrow(SchemaError);
    expect(() => Range(Number.NaN, 0)).toThrow(SchemaError);
  });
});

describe("arrays", () => {
  test("a vector names its length and each wrong element", () => {
    expect(mistakes(Vector(3), [1, 2])).toEqual(["value: expected 3 elements, got 2"]);
    expect(mistakes(Vector(3), [1, Number.NaN, "3"])).toEqual([
      "[1]: expected a finite number, got NaN",
      '[2]: expected a finite number, got "3"',
    ]);
    expect(mistakes(Vector(2, IntRange(0, 9)), [10, -1, 5])).toHaveLength(3);
    expect(mistakes(Vector(0), [])).toEqual([]);
    expect(() => Vector(-1)).toThrow(SchemaError);
    expect(() => Vector(1.5)).toThrow(SchemaError);
    expect(() => Vector(VECTOR_LENGTH_MAX + 1)).toThrow(SchemaError);
  });

  test("are returned as frozen copies", () => {
    const source = [1, 2, 3];
    const v = Vector(3).parse(source);
    source[0] = 99;
    expect(v).toEqual([1, 2, 3]);
    expect(Object.isFrozen(v)).toBe(true);
    expect(Array.isArray(v)).toBe(true);
    expect(Object.isFrozen(NonEmpty<number>()([1]))).toBe(true);
  });

  test("refuse values that only look like arrays", () => {
    const arrayLike = { length: 1, 0: 1 };
    for (const value of [arrayLike, new Uint8Array(1), new Set([1]), "1", null, undefined]) {
      expect(mistakes(NonEmpty(), value)[0]).toContain("expected an array");
      expect(mistakes(Vector(1), value)).toHaveLength(1);
    }
  });

  test("refuse holes, even where undefined is allowed, and bound the cost of a huge sparse array", () => {
    const sparse = [1, 2, 3];
    delete sparse[1];
    expect(mistakes(Vector(3), sparse)).toEqual(["[1]: expected an element, got a hole"]);
    expect(mistakes(ArrayOf(Optional(Finite)), sparse)).toHaveLength(1);
    expect(mistakes(ArrayOf(Optional(Finite)), [1, undefined])).toEqual([]);
    expect(mistakes(NonEmpty(), new Array(2))).toHaveLength(2);
    const huge = mistakes(ArrayOf(Finite), new Array(2 ** 32 - 1));
    expect(huge).toHaveLength(ISSUES_MAX + 1);
    expect(huge[0]).toBe(`value: expected 0..${ARRAY_LENGTH_MAX} elements, got ${2 ** 32 - 1}`);
    expect(huge.at(-1)).toContain("not all listed");
  });

  test("are read once, whatever a proxy says the second time", () => {
    let lengths = 0;
    let elements = 0;
    const liar = new Proxy([1, 2, 3], {
      get: (target, key) => {
        if (key === "length") return lengths++ === 0 ? 3 : 1e9;
        if (key === "1") return elements++ === 0 ? 2 : "evil";
        return Reflect.get(target, key);
      },
    });
    expect(Vector(3).parse(liar)).toEqual([1, 2, 3]);
    for (const length of [-1, 1.5, Number.NaN, "3", 2 ** 60, undefined]) {
      const wrong = new Proxy([], { get: (target, key) => (key === "length" ? length : Reflect.get(target, key)) });
      expect(mistakes(ArrayOf(Finite), wrong)).not.toEqual([]);
    }
  });

  test("have sizes within the bounds", () => {
    expect(mistakes(NonEmpty(), [])).toEqual(["value: expected at least 1 elements, got 0"]);
    expect(mistakes(ArrayOf(Text, { min: 1, max: 2 }), ["a", "b", "c"])).toEqual(["value: expected 1..2 elements, got 3"]);
    expect(() => ArrayOf(Text, { min: 2, max: 1 })).toThrow(SchemaError);
  });
});

describe("texts and literals", () => {
  test("lengths count UTF-16 code units, of strings only", () => {
    expect(mistakes(Length(1, 2), "ab")).toEqual([]);
    expect(mistakes(Length(1, 1), "😀")).toEqual(["value: expected 1..1 characters, got 2"]);
    expect(mistakes(Length(1, 2), ["a"])).toEqual(["value: expected a string, got an array"]);
    expect(mistakes(Length(0, 9), new String("a"))).toHaveLength(1);
    // @ts-expect-error: "2 is above 1"
    expect(() => Length(2, 1)).toThrow(SchemaError);
  });

  test("a pattern keeps no state between uses, nor does it share the caller's", () => {
    const expression = /a/g;
    const A = Pattern(expression, "an a");
    expression.lastIndex = 1;
    for (let turn = 0; turn < 3; turn++) expect(A.is("a")).toBe(true);
    const Sticky = Pattern(/a/y, "begins with a");
    for (let turn = 0; turn < 3; turn++) expect([Sticky.is("ab"), Sticky.is("ba")]).toEqual([true, false]);
    expect(expression.lastIndex).toBe(1);
    expect(mistakes(A, "x")).toEqual(['value: expected an a (/a/g), got "x"']);
  });

  test("literals are compared by value and type", () => {
    const Mixed = OneOf("1", 2, true, null);
    for (const value of ["1", 2, true, null]) expect(mistakes(Mixed, value)).toEqual([]);
    for (const value of [1, "2", "true", false, undefined, 2n, new Number(2)]) expect(mistakes(Mixed, value)).toHaveLength(1);
    expect(mistakes(OneOf("a", "b"), "c")).toEqual(['value: expected ("a", "b"), got "c"']);
    expect(() => OneOf()).toThrow(SchemaError);
    expect(() => OneOf(Number.NaN)).toThrow(SchemaError);
    expect(mistakes(Bool, 0)).toHaveLength(1);
  });
});

describe("a predicate", () => {
  const Even = Refined(IntRange(0, 100), (n) => n % 2 === 0, "even number");

  test("judges the value that its base has read", () => {
    expect(Even(42)).toBe(42);
    expect(mistakes(Even, 43)).toEqual(["value: expected even number, got 43"]);
    expect(mistakes(Even, "x")).toEqual(['value: expected a whole number in 0..100, got "x"']);
    expect(mistakes(ArrayOf(Even), [1, "x", 4])).toHaveLength(2);
  });

  test("refuses if it throws", () => {
    const Bad = Refined(Text, () => { throw new TypeError("oops"); }, "bad");
    expect(mistakes(Bad, "x")[0]).toContain("TypeError: oops");
  });

  test("that returns no boolean is a mistake in the program, not in the value", () => {
    // Untyped callers may pass predicates like these.
    const truthy: (value: string) => boolean = JSON.parse;
    const slow: (value: string) => boolean = (async () => true) as never;
    const Truthy = Refined(Text, truthy, "truthy");
    const Free = Refined(Text, slow, "free name");
    expect(Truthy.is("true")).toBe(true);
    expect(Truthy.is("{")).toBe(false);
    expect(() => Truthy.is("1")).toThrow(new SchemaError("expected the predicate of truthy to return a boolean, got 1; compare, or write Boolean(...)"));
    const promise = "expected the predicate of free name to return a boolean, got a promise; a predicate cannot be async";
    expect(() => Free.is("x")).toThrow(promise);
    expect(() => Free.parse("x")).toThrow(promise);
    expect(() => Free.safeParse("x")).toThrow(promise);
    expect(() => Free["~standard"].validate("x")).toThrow(promise);
    expect(() => Struct({ list: ArrayOf(Free) }).parse({ list: ["x"] })).toThrow(promise);
    expect(() => or(Free, Bool).is(true)).not.toThrow();
    // The mistake shows when the reasons are computed, because the first one ends the quiet reading.
    const refusal = Struct({ a: Bool, b: Free }).safeParse({ a: 1, b: "x" });
    expect(() => refusal.ok || refusal.issues).toThrow(promise);
  });
});

describe("records", () => {
  const Peer = Struct({ id: Pattern(/^[a-z][a-z0-9]*$/, "id"), port: IntRange(1, 65_535) }, "Peer");
  const Config = Struct({
    nodeId: Length(1, 16),
    peers: ArrayOf(Peer, { min: 1 }),
    level: Optional(OneOf("debug", "info"), "info"),
    tls: Optional(Bool),
  });

  test("name every mistake with its path", () => {
    const wrong = { nodeId: "", peers: [{ id: "A", port: 0 }, { id: "b", port: 80, prot: 1 }, 7], level: "loud", extra: 1 };
    expect(mistakes(Config, wrong)).toEqual([
      "nodeId: expected 1..16 characters, got 0",
      'peers[0].id: expected id (/^[a-z][a-z0-9]*$/), got "A"',
      "peers[0].port: expected a whole number in 1..65535, got 0",
      "peers[1].prot: unknown key, expected one of id, port",
      "peers[2]: expected a plain object, got 7",
      'level: expected ("debug", "info"), got "loud"',
      "extra: unknown key, expected one of nodeId, peers, level, tls",
    ]);
    expect(mistakes(Config, {})).toEqual(["nodeId: missing, expected Length(1, 16)", "peers: missing, expected ArrayOf(Peer)"]);
    expect(() => Config.parse(wrong)).toThrow(/^expected Struct: nodeId: .*; peers\[0\]\.id: .*extra: unknown key/);
  });

  test("fill in defaults and leave out optional keys, and a value without its defaults does not pass as it is", () => {
    const value = { nodeId: "n", peers: [{ id: "a", port: 1 }], tls: undefined };
    const parsed = Config.parse(value);
    expect(Object.keys(parsed)).toEqual(["nodeId", "peers", "level"]);
    expect(parsed.level).toBe("info");
    expect([Object.isFrozen(parsed), Object.isFrozen(parsed.peers), Object.isFrozen(parsed.peers[0])]).toEqual([true, true, true]);
    expect(Config.is(value)).toBe(false);
    expect(Config.is({ ...value, level: "debug" })).toBe(true);
  });

  test("refuse undefined for a required key", () => {
    expect(mistakes(Peer, { id: undefined, port: 1 })).toEqual(["id: expected id (/^[a-z][a-z0-9]*$/), got undefined"]);
  });

  test("are not fooled by prototypes", () => {
    const Open = Struct({ admin: Optional(Bool) });
    expect(mistakes(Open, JSON.parse('{"__proto__": {"admin": true}}'))).toEqual([
      "__proto__: unknown key, expected one of admin",
    ]);
    expect(mistakes(Open, Object.create({ admin: true }))).toHaveLength(1);
    expect(Open.parse(Object.create(null))).toEqual({});
    expect(Open.parse(runInNewContext("({ admin: true })"))).toEqual({ admin: true });
    expect(mistakes(Struct({ constructor: Text }), {})).toEqual(["constructor: missing, expected Text"]);
    const Odd = Struct(Object.fromEntries([["__proto__", Text]]));
    const odd = Odd.parse(JSON.parse('{"__proto__": "x"}'));
    expect(Object.getOwnPropertyDescriptor(odd, "__proto__")?.value).toBe("x");
    expect(Object.getPrototypeOf(odd)).toBe(Object.prototype);
  });

  test("ignore symbols and hidden keys, and refuse anything but plain objects", () => {
    const Empty = Struct({});
    expect(Reflect.ownKeys(Empty.parse({ [Symbol("s")]: 1 }))).toEqual([]);
    expect(Reflect.ownKeys(Empty.parse(Object.defineProperty({}, "hidden", { value: 1 })))).toEqual([]);
    expect(mistakes(Struct({ a: Finite }), Object.defineProperty({}, "a", { value: 1 }))).toEqual(["a: missing, expected Finite"]);
    for (const value of [[], new Map(), new Date(), null, "x", () => ({}), new Error("x")]) {
      expect(mistakes(Empty, value)).toHaveLength(1);
    }
  });

  test("read a getter once, and refuse values that throw when read", () => {
    let reads = 0;
    expect(Struct({ a: Finite }).parse({ get a() { return reads++ === 0 ? 1 : "evil"; } })).toEqual({ a: 1 });
    expect(reads).toBe(1);
    const trap = { get a(): number { throw new TypeError("trap"); } };
    expect(mistakes(Struct({ a: Finite }), trap)).toEqual(["a: expected a readable value, got an error: TypeError: trap"]);
    const unreadable = new Proxy(new Error("x"), { get: () => { throw new Error("y"); } });
    expect(mistakes(Struct({ a: Finite }), { get a() { throw unreadable; } })[0]).toContain("an unreadable error");
    expect(mistakes(Struct({ a: Finite }), revoked())).toHaveLength(1);
  });

  test("refuse a default that is not of the type", () => {
    const nine: number = 9;
    expect(() => Optional(IntRange(0, 5), nine)).toThrow(SchemaError);
  });

  test("list a bounded number of mistakes", () => {
    const many = Object.fromEntries(Array.from({ length: ISSUES_MAX + 50 }, (_, n) => [`k${n}`, n]));
    expect(mistakes(Struct({}), many)).toHaveLength(ISSUES_MAX + 1);
    expect(() => Struct({}).parse(many)).toThrow(/and \d+ more$/);
  });
});

describe("a schema", () => {
  test("is the identical one for equal arguments", () => {
    expect(Range(0, 9)).toBe(Range(0, 9));
    expect(Range(-0, 9)).toBe(Range(0, 9));
    expect(Range(0, 9)).not.toBe(IntRange(0, 9));
    expect(IntRange(0, 9)).toBe(IntRange(0, 9));
    expect(Vector(3)).toBe(Vector(3));
    expect(Vector(3, Range(0, 9))).toBe(Vector(3, Range(0, 9)));
    expect(Vector(3, Range(0, 9))).not.toBe(Vector(3, Range(0, 8)));
    expect(NonEmpty(Text)).toBe(NonEmpty(Text));
    expect(Length(0, 1)).toBe(Length(0, 1));
  });

  test("is dropped from the cache after too many others", () => {
    const first = Range(0, 0.123);
    for (let n = 0; n < SCHEMAS_CACHED_MAX; n++) Range(-12.3, n);
    expect(Range(0, 0.123)).not.toBe(first);
  });

  test("is named after its arguments, and frozen", () => {
    expect([Range(0, 9).name, Vector(2, Text).name, NonEmpty(Text).name]).toEqual(["Range(0, 9)", "Vector(2, Text)", "NonEmpty(Text)"]);
    expect(Object.isFrozen(Range(0, 9))).toBe(true);
    expect(Optional(Text)["~missing"]).toBe("absent");
  });

  test("truncates long texts in reasons", () => {
    const [reason] = mistakes(Bool, "x".repeat(10_000));
    expect(reason!.length).toBeLessThan(120);
  });
});

describe("messages", () => {
  test("an instance of a class is named where a record is expected", () => {
    class Conn {
      readonly port = 1;
    }
    const Empty = Struct({});
    const cases: [unknown, string][] = [
      [new Conn(), "an instance of Conn"],
      [new Map(), "an instance of Map"],
      [new Date(0), "an instance of Date"],
      [new (class { readonly port = 1; })(), "an instance of a class without a name"],
      [Object.create({ a: 1 }), "an instance of Object"],
      [new (class { static readonly name: unknown = 7; readonly port = 1; })(), "an instance of a class without a name"],
      [[], "an array"],
      [null, "null"],
    ];
    for (const [value, got] of cases) expect(mistakes(Empty, value)).toEqual([`value: expected a plain object, got ${got}`]);
    expect(mistakes(Text, new Conn())).toEqual(["value: expected a string, got an instance of Conn"]);
    expect(mistakes(Text, {})).toEqual(["value: expected a string, got an object"]);
    const hostile = Object.create({ get constructor(): never { throw new Error("no"); } });
    expect(mistakes(Empty, hostile)).toEqual(["value: expected a readable value, got an error: Error: no"]);
  });

  test("or names the branch and the path of a mistake in a part", () => {
    const Cat = Struct({ kind: OneOf("cat"), lives: IntRange(1, 9) }, "Cat");
    const Dog = Struct({ kind: OneOf("dog"), name: Text }, "Dog");
    expect(mistakes(or(Cat, Dog), { kind: "dog", name: 3 })).toEqual([
      'value: expected Cat or Dog, got neither; not Cat, at kind: expected ("cat"), got "dog"; not Dog, at name: expected a string, got 3',
    ]);
    expect(mistakes(Struct({ pet: or(Cat, Text) }), { pet: { kind: "cat", lives: 10 } })).toEqual([
      "pet: expected Cat or Text, got neither; not Cat, at lives: expected a whole number in 1..9, got 10; " +
        "not Text, at value: expected a string, got an object",
    ]);
    const Point = or(Struct({ x: Finite }), Struct({ y: Finite }));
    expect(mistakes(Point, { x: "1" })[0]).toContain("not the first Struct, at x: expected a finite number");
    expect(mistakes(Point, { x: "1" })[0]).toContain("not the second Struct, at x: unknown key");
    expect(mistakes(or(IntRange(1, 9), OneOf("auto")), 10)).toEqual([
      'value: expected a whole number in 1..9, got 10, or expected ("auto"), got 10',
    ]);
  });
});

describe("arguments of schemas that are wrong, from JavaScript", () => {
  // Each is a call that the compiler refuses.
  const make = { ArrayOf, IntRange, Length, NonEmpty, OneOf, Optional, Pattern, Range, Refined, Struct, Unique, Vector, and, not, or } as unknown as Record<
    string,
    (...wrong: unknown[]) => unknown
  >;
  test.each<[keyof typeof make, readonly unknown[], string]>([
    ["Range", ["a", "b"], 'got "a".."b"'],
    ["Range", [1n, 2n], "got 1n..2n"],
    ["Range", [Symbol("lo"), 2], "got Symbol(lo)..2"],
    ["IntRange", ["1", "9"], 'got "1".."9"'],
    ["Length", ["1", "9"], 'got "1".."9"'],
    ["ArrayOf", [Number], "expected a schema as element of ArrayOf, got the function Number; pass one, such as Text or Finite"],
    ["ArrayOf", [], "got undefined"],
    ["ArrayOf", [NonEmpty], "got the function NonEmpty"],
    ["ArrayOf", [Text, 5], "expected a size with min and max, got 5"],
    ["ArrayOf", [Text, { minimum: 1 }], "got the key minimum"],
    ["ArrayOf", [Text, { min: "1" }], 'got "1"..'],
    ["NonEmpty", [String], "expected a schema as element of NonEmpty, got the function String"],
    ["NonEmpty", [5], "got 5"],
    ["Vector", [3, Number], "expected a schema as element of Vector, got the function Number"],
    ["Vector", ["3"], 'got "3"'],
    ["Struct", [null], "expected a record of schemas, got null"],
    ["Struct", [], "expected a record of schemas, got undefined"],
    ["Struct", [[Text]], "expected a record of schemas, got an array"],
    ["Struct", [{ a: Number }], "expected a schema as a, got the function Number"],
    ["Struct", [{ "a b": "text" }], 'expected a schema as ["a b"], got "text"'],
    ["Struct", [{ a: Text }, 7], "expected a name for a Struct, got 7"],
    ["Optional", [], "expected a schema as type of Optional, got undefined"],
    ["Optional", [7], "got 7"],
    ["and", [Text], "expected a schema as second type of and, got undefined"],
    ["and", [], "expected a schema as first type of and, got undefined"],
    ["or", [Text], "expected a schema as second type of or, got undefined"],
    ["not", [Text], "expected a schema as excluded type of not, got undefined"],
    ["not", [Text, Text], "expected a name for not, got undefined"],
    ["Unique", [Text], "expected a type of arrays for Unique, got Text"],
    ["Unique", [[]], "expected a schema as base of Unique, got an array"],
    ["Refined", [Finite], "expected a predicate for Refined, got undefined"],
    ["Refined", [], "expected a schema as base of Refined, got undefined"],
    ["Refined", [Finite, () => true], "expected a name for Refined, got undefined"],
    ["Pattern", ["^a", "a"], 'expected a regular expression for Pattern, got "^a"'],
    ["Pattern", [/a/], "expected a name for Pattern, got undefined"],
    ["OneOf", [{}], "got an object"],
    ["OneOf", [["a", "b"]], "got an array; spread it: OneOf(...literals)"],
    ["Range", [0], "expected two bounds, got only 0; for no upper bound pass Infinity to Range"],
    ["IntRange", [1], "expected two bounds, got only 1"],
    ["OneOf", ["a", undefined], "got undefined"],
    ["OneOf", [Number.NaN], "got NaN"],
    ["OneOf", [], "got none"],
  ])("%s(%o)", (name, wrong, message) => {
    const call = (): unknown => make[name]?.(...wrong);
    expect(call).toThrow(SchemaError);
    expect(call).toThrow(message);
  });
});
