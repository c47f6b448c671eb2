import { describe, expect, test } from "vitest";
import { ByteWriter, FieldRangeError, toHex } from "../src/index.ts";

describe("a writer", () => {
  test("refuses a value that does not fit its field, naming the field, and writes nothing", () => {
    const wrong: readonly [string, (writer: ByteWriter) => unknown][] = [
      ["u8", (writer) => writer.u8(256)],
      ["u8", (writer) => writer.u8(-1)],
      ["u8", (writer) => writer.u8(1.5)],
      ["u16", (writer) => writer.u16(65_536)],
      ["u32", (writer) => writer.u32(2 ** 32)],
      ["u32", (writer) => writer.u32(Number.NaN)],
      ["u48", (writer) => writer.u48(2 ** 48)],
      ["u53", (writer) => writer.u53(2 ** 53)],
      ["u53", (writer) => writer.u53(-1)],
      ["i64", (writer) => writer.i64(2n ** 63n)],
      ["leb128", (writer) => writer.leb128(2 ** 32)],
      ["ascii", (writer) => writer.ascii("x".repeat(256))],
      ["ascii", (writer) => writer.ascii("xé")],
      ["order", () => new ByteWriter(8, "le" as never)],
      ["overwrite", (writer) => writer.overwrite(1, Uint8Array.of(1))],
      ["overwrite", (writer) => writer.overwrite(-1, Uint8Array.of(1))],
      ["overwrite", (writer) => writer.overwrite(Number.NaN, Uint8Array.of(1))],
    ];
    for (const [field, write] of wrong) {
      const writer = new ByteWriter().u8(7);
      expect(() => write(writer), String(write)).toThrow(FieldRangeError);
      expect(() => write(writer)).toThrow(`for a field ${field}, got`);
      expect(toHex(writer.finish())).toBe("07");
    }
    expect(() => new ByteWriter().ascii("é")).toThrow("U+e9");
  });

  test("keeps less than twice the bytes that it wrote alive", () => {
    for (const length of [0, 1, 100, 128, 129, 256, 257, 5_000]) {
      const bytes = new ByteWriter().raw(new Uint8Array(length)).finish();
      expect(bytes.length).toBe(length);
      expect(bytes.buffer.byteLength).toBeLessThanOrEqual(Math.max(1, length * 2));
    }
  });

  test("reuses its buffer once it is cleared, and overwrites in place", () => {
    const writer = new ByteWriter(4, "little-endian").u32(0).u32(9);
    writer.overwrite(0, Uint8Array.of(1, 2));
    expect(toHex(writer.view())).toBe("0102000009000000");
    const { capacity } = writer;
    expect(toHex(writer.clear().u16(3).finish())).toBe("0300");
    expect(writer.capacity).toBe(capacity);
  });
});
