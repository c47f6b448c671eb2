import fc from "fast-check";
import { Unpackr } from "msgpackr";
import { expect, test } from "vitest";
import { type Value, ValueError, valueCodec } from "../src/index.ts";

const codec = valueCodec();
const refusedKeys = new Set(["__proto__", "constructor", "prototype"]);

const number = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double(), fc.constantFrom(-0, 2 ** 32 - 1, 2 ** 32, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53 + 2));
const bigint = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), fc.constantFrom(0n, 5n, -1n, 2n ** 63n - 1n, 2n ** 63n));
const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 80 }), fc.string({ unit: "binary-ascii", maxLength: 400 }), fc.constantFrom("\uFEFFx", "\uFFFD", ""));
const key = fc.oneof(text, fc.nat({ max: 2 ** 32 }).map(String), fc.constantFrom("toString", "hasOwnProperty", "4294967294", "4294967295", "00", "-1")).filter((name) => !refusedKeys.has(name));
const leaf: fc.Arbitrary<Value> = fc.oneof(fc.constantFrom(null, true, false), number, bigint, text, fc.uint8Array({ maxLength: 300 }));
const { tree: value } = fc.letrec<{ tree: Value }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: "small" },
    leaf,
    fc.array(tie("tree"), { maxLength: 8 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 8 }),
  ),
}));

/** Returns the first place where two values differ: in a leaf's bits, a prototype, the keys or their order; undefined if none. */
function difference(got: unknown, sent: unknown, path = "value"): string | undefined {
  if (typeof sent !== "object" || sent === null) return Object.is(got, sent) ? undefined : `${path}: ${String(got)} for ${String(sent)}`;
  if (typeof got !== "object" || got === null) return `${path}: ${String(got)} for an object`;
  const isBytes = sent instanceof Uint8Array;
  const prototype = isBytes ? Uint8Array.prototype : Array.isArray(sent) ? Array.prototype : Object.prototype;
  if (Object.getPrototypeOf(got) !== prototype) return `${path}: another prototype`;
  const keys = Reflect.ownKeys(sent).map(String);
  if (Reflect.ownKeys(got).join("\n") !== keys.join("\n")) return `${path}: other keys`;
  for (const key of keys) {
    const found = difference(Reflect.get(got, key), Reflect.get(sent, key), `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

test("what goes in comes out, and shares no memory with the bytes", () => {
  fc.assert(
    fc.property(value, (sent) => {
      const bytes = codec.encode(sent);
      const decoded = codec.decode(bytes);
      bytes.fill(0xff);
      expect(decoded.ok ? difference(decoded.value, sent) : decoded.reason).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test("another reader of MessagePack reads the same", () => {
  const other = new Unpackr({ useRecords: false });
  fc.assert(
    fc.property(value, (sent) => {
      const read: unknown = other.unpack(codec.encode(sent).subarray(1));
      expect(difference(asOurs(read), sent)).toBeUndefined();
    }),
    { numRuns: 200 },
  );
});

/** msgpackr reads bytes as Buffers. */
function asOurs(read: unknown): unknown {
  if (read instanceof Uint8Array) return new Uint8Array(read);
  if (Array.isArray(read)) return read.map(asOurs);
  if (typeof read !== "object" || read === null) return read;
  return Object.fromEntries(Object.entries(read).map(([name, part]) => [name, asOurs(part)]));
}

test("anything arrives as it was, or is refused by the typed error", () => {
  const anything = fc.anything({
    maxDepth: 3, maxKeys: 4,
    withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true, withObjectString: true,
    withSet: true, withSparseArray: true, withTypedArray: true, withUnicodeString: true,
  });
  fc.assert(
    fc.property(anything, (sent) => {
      let bytes: Uint8Array;
      try {
        bytes = codec.encode(sent);
      } catch (error) {
        expect(error).toBeInstanceOf(ValueError);
        return;
      }
      const decoded = codec.decode(bytes);
      expect(decoded.ok ? difference(decoded.value, sent) : decoded.reason).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test("bytes give a reason, or a value that is encoded to the same bytes", () => {
  const mutated = fc.tuple(value, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })).map(([sent, changes]) => {
    const bytes = codec.encode(sent);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });
  const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from([2, ...bytes]));
  const keys = fc.array(fc.constantFrom(0xa1, 0x31, 0x32, 0x61, 0xa0, 0xa2, 0x81, 0x82, 0xc0), { maxLength: 14 }).map((bytes) => Uint8Array.from([2, 0x82, ...bytes]));
  const ownNames = Object.getOwnPropertyNames(Object.prototype);
  fc.assert(
    fc.property(fc.oneof(mutated, noise, keys), (bytes) => {
      const decoded = codec.decode(bytes);
      if (decoded.ok) expect([...codec.encode(decoded.value)]).toEqual([...bytes]);
      else expect(decoded.reason).toMatch(/^expected /);
      expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(ownNames);
    }),
    { numRuns: 2_000 },
  );
});
