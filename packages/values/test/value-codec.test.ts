import { fromHex, toHex } from "@void-system/bytes";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { OptionError, VALUE_DEPTH_MAX, VALUE_LIMITS, VALUE_VERSION, ValueError, valueCodec, ValuesError } from "../src/index.ts";

const codec = valueCodec();
const bytesOf = (text: string): Uint8Array => fromHex(text.replaceAll(" ", ""));
const nested = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}1${"]".repeat(levels)}`);

/** Frozen: docs/format.md. A change here is a change of the format, and raises its version. */
const VECTORS: readonly (readonly [name: string, value: unknown, bytes: string])[] = [
  ["nil", null, "02 c0"],
  ["booleans", [false, true], "02 92 c2 c3"],
  ["small numbers", [0, 127, -1, -32], "02 94 00 7f ff e0"],
  ["positive numbers", [128, 256, 65_536, 2 ** 32 - 1], "02 94 cc80 cd0100 ce00010000 ceffffffff"],
  ["negative numbers", [-33, -129, -32_769, -(2 ** 31)], "02 94 d0df d1ff7f d2ffff7fff d280000000"],
  ["floats", [1.5, 2 ** 32, -0, Number.NaN, Number.POSITIVE_INFINITY], "02 95 cb3ff8000000000000 cb41f0000000000000 cb8000000000000000 cb7ff8000000000000 cb7ff0000000000000"],
  ["bigints", [5n, -1n, 2n ** 63n - 1n, 2n ** 63n], "02 94 d30000000000000005 d3ffffffffffffffff d37fffffffffffffff cf8000000000000000"],
  ["text", ["", "a", "ü", "x".repeat(32)], `02 94 a0 a161 a2c3bc d920${"78".repeat(32)}`],
  ["bytes", Uint8Array.of(0xab, 0xcd), "02 c4 02 abcd"],
  ["an object", { op: "put", n: [1, "a"], "ü": null }, "02 83 a26f70 a3707574 a16e 92 01 a161 a2c3bc c0"],
  ["long text", "x".repeat(65_536), `02 db00010000${"78".repeat(65_536)}`],
  ["long bytes", new Uint8Array(256), `02 c50100${"00".repeat(256)}`],
  ["a long array", Array.from({ length: 16 }, () => 0), `02 dc0010${"00".repeat(16)}`],
  ["a large object", Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`${index}`, 0])), `02 de0010${Array.from({ length: 16 }, (_, index) => `${index < 10 ? "a1" : "a2"}${toHex(new TextEncoder().encode(`${index}`))}00`).join("")}`],
];

test.each(VECTORS)("frozen: %s", (_name, value, bytes) => {
  expect(VALUE_VERSION).toBe(2);
  expect(toHex(codec.encode(value))).toBe(bytes.replaceAll(" ", ""));
  expect(codec.decode(bytesOf(bytes))).toEqual({ ok: true, value });
});

describe("a value arrives as it was, or is refused by name", () => {
  const arrives = (value: unknown): unknown => {
    const decoded = codec.decode(codec.encode(value));
    return decoded.ok ? decoded.value : decoded.reason;
  };

  test.each([
    ["a bigint", 10n],
    ["the largest bigint", 2n ** 64n - 1n],
    ["the least bigint", -(2n ** 63n)],
    ["NaN", Number.NaN],
    ["-0", -0],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["a whole number beyond 2^53", 2 ** 53 + 2],
    ["a key of Object.prototype", { toString: 1, hasOwnProperty: 2 }],
    ["20,000 arrays", Array.from({ length: 20_000 }, () => [])],
    ["the deepest nesting", nested(VALUE_LIMITS.depth)],
  ])("arrives: %s", (_name, value) => {
    expect(arrives(value)).toStrictEqual(value);
  });

  test("an object without a prototype arrives as a plain one", () => {
    expect(arrives(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
    expect(arrives(Object.create(null))).toStrictEqual({});
  });

  test("a Buffer arrives as a Uint8Array", () => {
    expect(arrives(Buffer.from("hi"))).toStrictEqual(Uint8Array.of(0x68, 0x69));
  });

  test("one object in two places arrives twice", () => {
    const shared = [1];
    expect(arrives([shared, shared])).toStrictEqual([[1], [1]]);
  });

  class Point {
    readonly x = 1;
  }
  test.each([
    ["undefined", undefined, "value: expected null,", "got undefined; leave the part out, or send null"],
    ["undefined in an object", { a: undefined }, "value.a: ", "got undefined"],
    ["undefined in an array", [0, undefined], "value[1]: ", "got undefined"],
    ["a hole", [Object.assign(new Array(3), { 0: 1, 2: 3 })], "value[0][1]: ", "got a hole; fill it, or send null"],
    ["a hole at the end", new Array(2), "value[0]: ", "got a hole"],
    ["a billion holes", new Array(2 ** 30), "value: expected at most 100000 items", "got more"],
    ["an array with a property", Object.assign([1], { index: 0 }), "value: ", `got an array with the property "index"`],
    ["a hole and a property", Object.assign(new Array(1), { index: 0 }), "value[0]: ", "got a hole"],
    ["a match", /b/.exec("abc"), "value: ", `the property "index"`],
    ["a bigint of 65 bits", { id: 2n ** 64n }, "value.id: ", "got a bigint beyond 64 bits; send it as a string"],
    ["a negative bigint of 65 bits", -(2n ** 63n) - 1n, "value: ", "bigint beyond 64 bits"],
    ["a Map", { m: new Map([["a", 1]]) }, "value.m: ", "got a Map; send [...map], or Object.fromEntries(map)"],
    ["a Set", new Set([1]), "value: ", "got a Set; send [...set]"],
    ["a Date", { users: [0, 1, 2, { born: new Date(0) }] }, "value.users[3].born: ", "got a Date; send its getTime() or toISOString()"],
    ["a RegExp", /x/, "value: ", "got a RegExp; send its source and flags"],
    ["a symbol", Symbol("x"), "value: ", "got a symbol"],
    ["a function", { "a b": () => 1 }, `value["a b"]: `, "got a function"],
    ["toJSON", { toJSON: () => 5 }, "value.toJSON: ", "got a function"],
    ["an instance", new Point(), "value: ", "got an instance of Point; send a plain object of its fields"],
    ["an instance of a class without a name", Object.create(Object.create(null)), "value: ", "an instance of a class without a name"],
    ["an instance of a class whose name is no text", new (class { static readonly name = 5; readonly x = 1; })(), "value: ", "an instance of a class without a name"],
    ["an inherited object", Object.create({ a: 1 }), "value: ", "an instance of Object"],
    ["an array of a class", new (class List extends Array {})(), "value: ", "an instance of List"],
    ["an Error", new TypeError("e"), "value: ", "got an Error; send its name and message"],
    ["a Promise", Promise.resolve(1), "value: ", "got a Promise; await it first"],
    ["another typed array", new Uint16Array(2), "value: ", "got an instance of Uint16Array"],
    ["an ArrayBuffer", new ArrayBuffer(2), "value: ", "got an ArrayBuffer; send new Uint8Array(buffer)"],
    ["a DataView", new DataView(new ArrayBuffer(2)), "value: ", "got a DataView"],
    ["a Number object", new Number(5), "value: ", "got a Number object"],
    ["a String object", new String("s"), "value: ", "got a String object"],
    ["half of a surrogate pair", ["\ud800"], "value[0]: ", "text with half of a surrogate pair"],
    ["half of a surrogate pair, far out", `${"x".repeat(100)}\udc00`, "value: ", "half of a surrogate pair"],
    ["half of a surrogate pair as a key", { "\ud800": 1 }, `value["\\ud800"]: `, "half of a surrogate pair"],
    ["__proto__", JSON.parse('{"__proto__":{"x":1}}'), "value.__proto__: ", "got the key __proto__"],
    ["constructor", { a: { constructor: 1 } }, "value.a.constructor: ", "got the key constructor"],
    ["prototype", { prototype: 1 }, "value.prototype: ", "got the key prototype"],
    ["a property under a symbol", { [Symbol("s")]: 1 }, "value: ", "got a property under a symbol"],
    ["a property that is not enumerable", Object.defineProperty({}, "a", { value: 1 }), "value: ", "not enumerable"],
    ["a proxy of bytes", new Proxy(new Uint8Array(2), {}), "value: ", "an instance of Uint8Array"],
    ["an object made of the prototype of bytes", Object.create(Uint8Array.prototype), "value: ", "an instance of Uint8Array"],
    ["too deep a nesting", nested(VALUE_LIMITS.depth + 1), `value${"[0]".repeat(VALUE_LIMITS.depth)}: `, "expected at most 32 levels"],
  ])("refused: %s", (_name, value, where, why) => {
    const error = thrown(() => codec.encode(value));
    expect(error).toBeInstanceOf(ValueError);
    expect(error.message).toContain(where);
    expect(error.message).toContain(why);
    expect(error.message.startsWith(`${error.path}: `)).toBe(true);
    expect(error.code).toBe("ERR_VALUE");
  });

  test("a cycle is named by both of its ends", () => {
    const node: Record<string, unknown> = { name: "n" };
    node["children"] = [{ parent: node }];
    expect(thrown(() => codec.encode({ tree: node })).message).toContain("value.tree.children[0].parent: expected an end of the nesting, got a cycle: it is value.tree again");
  });

  test("paths in messages are short, however long the keys", () => {
    let value: unknown = new Date(0);
    for (let level = 0; level < 30; level += 1) value = { ["k".repeat(10_000)]: value };
    expect(thrown(() => codec.encode(value)).path.length).toBeLessThan(250);
  });

  test("an error of a getter passes through, and the codec works on", () => {
    const value = { get broken(): never { throw new RangeError("mine"); } };
    expect(() => codec.encode(value)).toThrow(RangeError);
    expect(arrives(7)).toBe(7);
  });

  test("a getter may encode another value meanwhile", () => {
    const value = { before: 1, get inner() { return codec.encode("inner").length; }, after: 2 };
    expect(arrives(value)).toEqual({ before: 1, inner: 7, after: 2 });
  });

  test("an array that a getter shortens is refused", () => {
    const list: unknown[] = [{ get first() { list.length = 1; return 1; } }, 2];
    expect(thrown(() => codec.encode(list)).message).toContain("value[1]: ");
  });
});

describe("bytes of anybody", () => {
  const keyOf = (key: string): string => `${(0xa0 + key.length).toString(16)}${toHex(new TextEncoder().encode(key))}`;
  test.each([
    ["nothing", "", "cut short"],
    ["version 1", "01 c0", "expected a value of version 2 at byte 0, got version 1"],
    ["no value", "02", "cut short"],
    ["bytes behind the value", "02 c0 c0", "1 more bytes"],
    ["half of a string", "02 a5 61", "cut short"],
    ["an array of 4 billion", "02 dd ffffffff 01", "at most 100000 items"],
    ["an object of 4 billion", "02 df ffffffff a1 61 01", "at most 100000 items"],
    ["more parts than bytes", "02 dc 00ff 01", "cut short"],
    ["a string of 4 GiB", "02 db ffffffff 61", "cut short"],
    ["bytes of 4 GiB", "02 c6 ffffffff 61", "cut short"],
    ["half of a length", "02 db ffff", "cut short"],
    ["a record definition of msgpackr", "02 d4 72 40 91 a1 61 01", "0xd4"],
    ["a date", "02 d6 ff 00000000", "0xd6"],
    ["a long extension", "02 c9 00000001 01 00", "0xc9"],
    ["the unused token", "02 c1", "0xc1"],
    ["a float of 32 bits", "02 ca 3fc00000", "0xca"],
    ["a number as a key", "02 81 01 01", "0x1"],
    ["a key twice", "02 82 a1 61 01 a1 61 02", "each key once"],
    ["a numeric key twice", "02 82 a1 31 01 a1 31 02", "each key once"],
    ["a numeric key behind a name", "02 82 a1 61 01 a1 31 02", "numbers as keys first"],
    ["numeric keys that descend", "02 82 a1 32 01 a1 31 02", "ascending"],
    ["__proto__", `02 81 ${keyOf("__proto__")} 80`, "the key __proto__"],
    ["__proto__ behind a longer length", `02 81 d9 09 ${keyOf("__proto__").slice(2)} 80`, "shortest"],
    ["constructor", `02 81 ${keyOf("constructor")} 80`, "the key constructor"],
    ["prototype", `02 81 ${keyOf("prototype")} 80`, "the key prototype"],
    ["a string that is no UTF-8", "02 a2 c3 28", "UTF-8"],
    ["half of a surrogate pair", "02 a3 eda080", "UTF-8"],
    ["a long length for text", "02 d9 01 61", "shortest"],
    ["a longer length for text", `02 da 00ff ${"61".repeat(255)}`, "shortest"],
    ["the longest length for text", `02 db 0000ffff ${"61".repeat(65_535)}`, "shortest"],
    ["a long length for bytes", "02 c5 0001 61", "shortest"],
    ["the longest length for bytes", "02 c6 00000001 61", "shortest"],
    ["a long length for an array", "02 dc 0001 61", "shortest"],
    ["the longest length for an array", "02 dd 00000001 61", "shortest"],
    ["a long length for an object", "02 de 0000", "shortest"],
    ["the longest length for an object", "02 df 00000000", "shortest"],
    ["a long number", "02 cc 7f", "shortest"],
    ["a longer number", "02 cd 00ff", "shortest"],
    ["the longest number", "02 ce 0000ffff", "shortest"],
    ["a long negative number", "02 d0 e0", "shortest"],
    ["a longer negative number", "02 d1 ff80", "shortest"],
    ["the longest negative number", "02 d2 ffff8000", "shortest"],
    ["a positive number among the negative", "02 d0 7f", "shortest"],
    ["a whole number as a float", "02 cb 3ff0000000000000", "shortest"],
    ["a negative whole number as a float", "02 cb bff0000000000000", "shortest"],
    ["0 as a float", "02 cb 0000000000000000", "shortest"],
    ["a small bigint as unsigned", "02 cf 0000000000000005", "shortest"],
    ["another NaN", "02 cb 7ff8000000000001", "NaN"],
    ["a negative NaN", "02 cb fff8000000000000", "NaN"],
    ["too deep an array", `02 ${"91".repeat(VALUE_LIMITS.depth + 1)} c0`, "32 levels"],
    ["deep enough for any stack", `02 ${"91".repeat(100_000)} c0`, "32 levels"],
    ["objects that deep", `02 ${"81a0".repeat(100_000)} c0`, "32 levels"],
  ])("refused: %s", (_name, bytes, reason) => {
    const decoded = codec.decode(bytesOf(bytes));
    expect(decoded.ok ? "taken" : decoded.reason).toContain(reason);
  });

  test("keys that are numbers, far apart, take no memory for what is between them", () => {
    const object = "82 a4 31303233 00 a4 32353733 00"; // { 1023: 0, 2573: 0 }
    const bytes = bytesOf(`02 dc 4e20 ${object.repeat(20_000)}`);
    const before = process.memoryUsage().heapUsed;
    const decoded = valueCodec({ items: 200_000 }).decode(bytes);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200e6); // 650e6 if engines fill the gaps
    expect(decoded.ok && Array.isArray(decoded.value) && decoded.value.at(-1)).toStrictEqual({ 1023: 0, 2573: 0 });
  });

  test("a record table that msgpackr would extend is refused", () => {
    const packed = new Packr({ useRecords: true }).pack([{ a: 1 }, { a: 2 }]);
    expect(codec.decode(Uint8Array.from([VALUE_VERSION, ...packed])).ok).toBe(false);
  });
});

describe("limits", () => {
  test("hold in both directions", () => {
    const small = valueCodec({ bytes: 20, depth: 2, items: 5 });
    const cases = [
      [nested(3), "levels"],
      [[1, 2, 3, 4, 5], "items"],
      [{ a: 1, b: 2, c: 3 }, "items"],
      ["x".repeat(19), "bytes"],
      ["ä".repeat(10), "bytes"],
      [new Uint8Array(18), "bytes"],
      ["x".repeat(100), "bytes"],
    ] as const;
    for (const [value, why] of cases) {
      expect(thrown(() => small.encode(value)).message).toContain(why);
      const decoded = small.decode(codec.encode(value));
      expect(decoded.ok ? "taken" : decoded.reason).toContain(why);
    }
    for (const value of [[[1, 2]], [1, 2, 3, 4], { a: 1, b: 2 }, "x".repeat(18), new Uint8Array(17)]) {
      expect(small.decode(small.encode(value))).toEqual({ ok: true, value });
    }
  });

  test("the deepest nesting that can be asked for fits on the stack", () => {
    const deep = valueCodec({ depth: VALUE_DEPTH_MAX });
    const value = nested(VALUE_DEPTH_MAX);
    expect(deep.decode(deep.encode(value))).toEqual({ ok: true, value });
  });

  test.each([
    [{ depth: -1 }, "expected depth to be a whole number from 0 to 512, got -1"],
    [{ depth: 1_000 }, "depth"],
    [{ items: 0 }, "items"],
    [{ bytes: 1.5 }, "bytes"],
    [{ bytes: 1 }, "bytes"],
    [{ bytes: undefined }, "bytes"],
    [{ byte: 10 }, "expected byte to be one of bytes, depth, items, got an unknown name"],
  ])("out of range are refused: %j", (limits, message) => {
    // For the type checker some of them are no limits; that is the point.
    const error = thrown(() => valueCodec(limits as object));
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toBeInstanceOf(ValuesError);
    expect(error.message).toContain(message);
  });
});

function thrown(run: () => unknown): ValueError {
  try {
    run();
  } catch (error) {
    return error as ValueError;
  }
  throw new Error("expected an error, got none");
}
