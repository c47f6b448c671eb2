import { describe, expect, test } from "vitest";
import { ByteReader, fromHex, MalformedBytesError } from "../src/index.ts";

describe("a reader", () => {
  test("allocates nothing for a length beyond its bound or beyond the bytes", () => {
    const claimsMuch = fromHex("ffffffff01");
    expect(() => new ByteReader(claimsMuch).block(2 ** 32)).toThrow("expected 4294967295 bytes at byte 4, got 1, cut short");
    expect(() => new ByteReader(claimsMuch).block(100)).toThrow("expected a length of at most 100 at byte 0, got 4294967295");
    expect(() => new ByteReader(claimsMuch).count(3)).toThrow("expected a count of at most 3");
    expect(() => new ByteReader(claimsMuch).raw(-1)).toThrow(MalformedBytesError);
    expect(() => new ByteReader(claimsMuch).raw(Number.NaN)).toThrow(MalformedBytesError);
  });

  test("returns copies that do not change with the buffer, and views that do", () => {
    const bytes = fromHex("00000001aa00000001bbcc");
    const reader = new ByteReader(bytes);
    const [copy, view, rest] = [reader.block(9), reader.blockView(9), reader.restView()];
    bytes.fill(0);
    expect([copy, view, rest]).toEqual([Uint8Array.of(0xaa), Uint8Array.of(0), Uint8Array.of(0)]);
    expect(copy.buffer.byteLength).toBe(1);
  });

  test("copies from a Buffer of Node.js too, whose slice is a view", () => {
    const buffer = Buffer.from("00000001aa", "hex");
    const copy = new ByteReader(buffer).block(9);
    buffer.fill(0);
    expect(copy).toEqual(Uint8Array.of(0xaa));
  });

  test("refuses numbers, text and names that are out of bounds", () => {
    const wrong: readonly [string, (reader: ByteReader) => unknown][] = [
      ["0020000000000000", (reader) => reader.u53()],
      ["8000", (reader) => reader.leb128(1_000)],
      ["e907", (reader) => reader.leb128(1_000)],
      ["ffffffffff0f", (reader) => reader.leb128(0xffff_ffff)],
      ["0002c328", (reader) => reader.text(9)],
      ["000161", (reader) => reader.text(0)],
      ["0180", (reader) => reader.ascii(9)],
      ["0161", (reader) => reader.ascii(0)],
      ["01", (reader) => reader.fail("something", "nothing", 0)],
    ];
    for (const [hex, read] of wrong)
      expect(() => read(new ByteReader(fromHex(hex))), `${hex} ${String(read)}`).toThrow(MalformedBytesError);
    expect(new ByteReader(fromHex("e807")).leb128(1_000)).toBe(1_000);
  });

  test.each([Number.NaN, undefined])("takes a bound of %s for none that is kept", (bound) => {
    // For the type checker undefined is no bound; JavaScript may forget one.
    const max = bound as number;
    const reads: readonly ((reader: ByteReader) => unknown)[] = [
      (reader) => reader.count(max),
      (reader) => reader.block(max),
      (reader) => reader.text(max),
      (reader) => reader.ascii(max),
      (reader) => reader.leb128(max),
      (reader) => reader.raw(max),
    ];
    for (const read of reads) expect(() => read(new ByteReader(new Uint8Array(8))), String(read)).toThrow(MalformedBytesError);
  });

  test("refuses a length that is no whole number of bytes", () => {
    for (const length of [1.5, -1, "1" as unknown as number]) {
      const reader = new ByteReader(new Uint8Array(8));
      expect(() => reader.raw(length)).toThrow(MalformedBytesError);
      expect(reader.position).toBe(0);
    }
  });

  test("reports its position, the next byte and the bytes left", () => {
    const reader = new ByteReader(fromHex("0102"));
    expect([reader.peek(), reader.position, reader.remaining]).toEqual([1, 0, 2]);
    reader.u16();
    expect([reader.peek(), reader.position, reader.remaining]).toEqual([undefined, 2, 0]);
  });
});
