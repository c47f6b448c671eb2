import fc from "fast-check";
import { Packr } from "msgpackr";
import { expect, test } from "vitest";
import { envelope, ENVELOPE_LIMITS, type EnvelopeValue } from "../src/envelope.ts";
import { EnvelopeError, OptionError } from "../src/index.ts";

const codec = envelope();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const refused = new Set(["__proto__", "constructor", "prototype"]);

const leaf = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }),
);
const { tree: plain } = fc.letrec<{ tree: EnvelopeValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: "small" },
    leaf,
    fc.array(tie("tree"), { maxLength: 6 }),
    fc.dictionary(fc.string({ unit: "grapheme", maxLength: 10 }).filter((key) => !refused.has(key)), tie("tree"), { maxKeys: 6, noNullPrototype: true }),
  ),
}));

// Frozen: docs/format.md.
test("the format of envelopes is frozen", () => {
  const value = { op: "put", n: [1, -1, 256, 2 ** 40, 1.5, null, true], "ü": Uint8Array.of(0xab, 0xcd), big: 2n ** 63n };
  const frozen =
    "01 de 0004 a2 6f70 a3 707574 a1 6e 97 01 ff cd 0100 cb 4270000000000000 cb 3ff8000000000000 c0 c3 a2 c3bc c4 02 abcd a3 626967 cf 8000000000000000";
  const found = codec.decode(codec.encode(value));
  expect(found).toEqual({ ok: true, value });
  expect(hex(codec.encode(value))).toBe(frozen.replaceAll(" ", ""));
  expect(codec.decode(bytesOf(frozen.replace("de 0004", "84")))).toEqual({ ok: true, value });
  expect(codec.decode(codec.encode(7))).toEqual({ ok: true, value: 7 });
  expect(hex(codec.encode([1, "a"]))).toBe("019201a161");
});

test("what goes in comes out, and shares no memory with the bytes", () => {
  fc.assert(
    fc.property(plain, (value) => {
      const bytes = codec.encode(value);
      const decoded = codec.decode(bytes);
      expect(decoded.ok && bigger(decoded.value)).toEqual(bigger(value));
      bytes.fill(0xff);
      expect(decoded.ok && bigger(decoded.value)).toEqual(bigger(value));
    }),
    { numRuns: 400, examples: [[[-0]], [[5n, -1n]]] },
  );
});

/** A bigint that fits into 32 bits comes back as a number, and -0 as 0: on the wire they are one. */
function bigger(value: EnvelopeValue): unknown {
  if (typeof value === "bigint") return `${value}`;
  if (typeof value === "number" && Number.isInteger(value)) return `${value}`;
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(bigger);
  if (typeof value === "object" && value !== null) return Object.entries(value).map(([key, part]) => [key, bigger(part)]);
  return value;
}

test("any bytes give a plain value or a reason, and never throw", () => {
  const mutated = fc.tuple(plain, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })).map(([value, changes]) => {
    const bytes = codec.encode(value);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });
  const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from([1, ...bytes]));
  fc.assert(
    fc.property(fc.oneof(mutated, noise), (bytes) => {
      const decoded = codec.decode(bytes);
      if (!decoded.ok) expect(decoded.reason).toMatch(/^expected /);
      else checkPlain(decoded.value);
      expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12);
    }),
    { numRuns: 2_000 },
  );
});

function checkPlain(value: EnvelopeValue): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  expect([Object.prototype, Array.prototype]).toContain(Object.getPrototypeOf(value));
  for (const [key, part] of Object.entries(value)) {
    expect(refused.has(key)).toBe(false);
    checkPlain(part);
  }
}

test.each([
  ["nothing", "", "version 1, got no bytes"],
  ["another version", "02 c0", "version 1, got 2"],
  ["no value", "01", "cut off"],
  ["bytes behind the value", "01 c0 c0", "1 bytes behind it"],
  ["half a string", "01 a5 61", "cut off"],
  ["an array of 4 billion", "01 dd ffffffff 01", "cut off"],
  ["an object of 4 billion", "01 df ffffffff a1 61 01", "no string"],
  ["a string of 4 GiB", "01 db ffffffff 61", "cut off"],
  ["half a length", "01 db ffff", "cut off"],
  ["a record definition of msgpackr", "01 d4 72 40 91 a1 61 01", "extension (0xd4)"],
  ["a date", "01 d6 ff 00000000", "extension (0xd6)"],
  ["a reference", "01 d6 70 00000000", "extension (0xd6)"],
  ["a long extension", "01 c9 00000001 01 00", "extension (0xc9)"],
  ["the unused token", "01 c1", "extension (0xc1)"],
  ["a number as a key", "01 81 01 01", "no string"],
  ["a key twice", "01 82 a1 61 01 a1 61 02", "once"],
  ["a key twice, deeper", "01 91 82 a1 61 01 a1 61 02", "once"],
  ["__proto__", `01 81 a9 ${hex(Buffer.from("__proto__"))} 80`, "the key __proto__"],
  ["__proto__ with a longer length", `01 81 d9 09 ${hex(Buffer.from("__proto__"))} 80`, "the key __proto__"],
  ["__proto__ with the longest length", `01 81 db 00000009 ${hex(Buffer.from("__proto__"))} 80`, "the key __proto__"],
  ["constructor", `01 81 ab ${hex(Buffer.from("constructor"))} 80`, "the key constructor"],
  ["prototype", `01 81 a9 ${hex(Buffer.from("prototype"))} 80`, "the key prototype"],
  ["a string that is no UTF-8", "01 a2 c3 28", "no UTF-8"],
  ["half a surrogate pair", "01 a3 eda080", "no UTF-8"],
  ["an array too deep", `01 ${"91".repeat(ENVELOPE_LIMITS.depth + 1)} c0`, "levels"],
  ["deep enough for any stack", `01 ${"91".repeat(500_000)} c0`, "levels"],
])("refused: %s", (_name, bytes, reason) => {
  const decoded = codec.decode(bytesOf(bytes));
  expect(decoded.ok ? "taken" : decoded.reason).toContain(reason);
});

test("a record table that msgpackr itself would extend is refused", () => {
  const records = new Packr({ useRecords: true });
  const bytes = Uint8Array.from([1, ...records.pack([{ a: 1 }, { a: 2 }])]);
  expect(codec.decode(bytes).ok).toBe(false);
  // A record id of a table that nobody defined is a small integer and nothing else.
  expect(codec.decode(Uint8Array.of(1, 0x40))).toEqual({ ok: true, value: 0x40 });
});

test("limits hold in both directions", () => {
  const small = envelope({ bytes: 20, depth: 2, items: 5 });
  const nested = [[[1]]];
  const many = [1, 2, 3, 4, 5];
  const long = "x".repeat(30);
  for (const value of [nested, many, long]) {
    expect(() => small.encode(value)).toThrow(EnvelopeError);
    expect(small.decode(codec.encode(value)).ok).toBe(false);
  }
  expect(small.decode(small.encode([[1, 2]]))).toEqual({ ok: true, value: [[1, 2]] });
  expect(() => envelope({ depth: -1 })).toThrow(OptionError);
  expect(() => envelope({ depth: 1_000 })).toThrow(OptionError);
  expect(() => envelope({ items: 0 })).toThrow(OptionError);
  expect(() => envelope({ bytes: 1.5 })).toThrow(OptionError);
});

test("what is no plain value is refused when it is sent", () => {
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const strange: readonly unknown[] = [
    cycle, undefined, [undefined], { a: undefined }, Array(1), Symbol("x"), () => 1, 2n ** 70n, { constructor: 1 },
    new Date(), new Map([["a", 2]]), new Set([1]), /x/, new Error("x"), new Float32Array(2), Object.create(Object.create(null)),
  ];
  for (const value of strange) {
    // For the type checker none of them is an EnvelopeValue; that is the point.
    expect(() => codec.encode(value as EnvelopeValue)).toThrow(EnvelopeError);
  }
});
