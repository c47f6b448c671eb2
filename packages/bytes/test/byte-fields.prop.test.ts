import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ByteOrder, ByteReader, ByteWriter, decodeAll } from "../src/index.ts";

/** A kind of field: its values, its writer and its reader. */
interface Field {
  readonly values: fc.Arbitrary<unknown>;
  readonly write: (writer: ByteWriter, value: never) => unknown;
  readonly read: (reader: ByteReader) => unknown;
}

const MAX = 1 << 16;
const whole = (max: number): fc.Arbitrary<number> => fc.oneof(fc.integer({ min: 0, max }), fc.constantFrom(0, 1, max));
const FIELDS: Readonly<Record<string, Field>> = {
  u8: { values: whole(0xff), write: (writer, value: number) => writer.u8(value), read: (reader) => reader.u8() },
  u16: { values: whole(0xffff), write: (writer, value: number) => writer.u16(value), read: (reader) => reader.u16() },
  u32: { values: whole(0xffff_ffff), write: (writer, value: number) => writer.u32(value), read: (reader) => reader.u32() },
  u48: { values: whole(2 ** 48 - 1), write: (writer, value: number) => writer.u48(value), read: (reader) => reader.u48() },
  u53: { values: whole(2 ** 53 - 1), write: (writer, value: number) => writer.u53(value), read: (reader) => reader.u53() },
  i64: { values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), write: (writer, value: bigint) => writer.i64(value), read: (reader) => reader.i64() },
  f64: { values: fc.double(), write: (writer, value: number) => writer.f64(value), read: (reader) => reader.f64() },
  leb128: { values: whole(0xffff_ffff), write: (writer, value: number) => writer.leb128(value), read: (reader) => reader.leb128(0xffff_ffff) },
  block: { values: fc.uint8Array(), write: (writer, value: Uint8Array) => writer.block(value), read: (reader) => reader.block(MAX) },
  view: { values: fc.uint8Array(), write: (writer, value: Uint8Array) => writer.block(value), read: (reader) => reader.blockView(MAX) },
  text: { values: fc.string({ unit: "grapheme" }), write: (writer, value: string) => writer.text(value), read: (reader) => reader.text(MAX) },
  ascii: { values: fc.string({ unit: "binary-ascii" }), write: (writer, value: string) => writer.ascii(value), read: (reader) => reader.ascii(0xff) },
};

const fields = fc.array(
  fc.oneof(...Object.entries(FIELDS).map(([name, { values }]) => values.map((value) => ({ name, value })))),
);
const order = fc.constantFrom<ByteOrder>("big-endian", "little-endian");

describe("fields", () => {
  test("are read as they were written, to the last byte, at any offset in a buffer", () => {
    fc.assert(
      fc.property(fields, order, fc.nat(9), fc.nat(40), (written, byteOrder, offset, capacity) => {
        const writer = new ByteWriter(capacity, byteOrder);
        for (const { name, value } of written) FIELDS[name]!.write(writer, value as never);
        const bytes = writer.finish();
        expect(bytes.length).toBe(writer.length);
        // Inside a larger buffer, like a frame of a stream.
        const around = new Uint8Array(offset + bytes.length + 3).fill(0xee);
        around.set(bytes, offset);
        const read = decodeAll(
          around.subarray(offset, offset + bytes.length),
          (reader) => written.map(({ name }) => FIELDS[name]!.read(reader)),
          byteOrder,
        );
        expect(read).toEqual({ ok: true, value: written.map(({ value }) => value) });
      }),
    );
  });

  test("cut short anywhere, or with a byte too many, give a reason and no exception", () => {
    fc.assert(
      fc.property(fields.filter((all) => all.length > 0), fc.nat(), (written, cut) => {
        const writer = new ByteWriter();
        for (const { name, value } of written) FIELDS[name]!.write(writer, value as never);
        const bytes = writer.finish();
        const read = (given: Uint8Array): boolean =>
          decodeAll(given, (reader) => written.map(({ name }) => FIELDS[name]!.read(reader))).ok;
        expect(read(bytes)).toBe(true);
        expect(read(bytes.subarray(0, cut % bytes.length))).toBe(false);
        expect(read(Uint8Array.of(...bytes, 0))).toBe(false);
      }),
    );
  });

  test("read from garbage are within their bounds, or give a reason", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(fc.constantFrom(...Object.keys(FIELDS))), (bytes, names) => {
        const read = decodeAll(bytes, (reader) => names.map((name) => FIELDS[name]!.read(reader)));
        return read.ok || /^expected .+ at byte \d+, got /.test(read.reason);
      }),
    );
    expect.assertions(0);
  });
});
