import fc from "fast-check";
import { expect, test } from "vitest";
import { BundleReader } from "../../src/store/bundle.ts";
import { type Command, encodeCommands } from "../../src/store/command.ts";
import { command, decodeCommands, text } from "../support/commands.ts";

const bundle = fc.array(command, { maxLength: 5 }).map(encodeCommands);

test("the layouts that it takes are those of the reader of fields, whatever was cut, changed or added", () => {
  const change = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.option(fc.nat(), { freq: 3, nil: undefined }), more: fc.uint8Array({ maxLength: 2 }) });
  fc.assert(
    fc.property(bundle, fc.option(change, { freq: 6, nil: undefined }), (whole, changed) => {
      let bytes = whole.slice();
      if (changed) {
        bytes[changed.at % bytes.length] = changed.byte;
        bytes = Uint8Array.of(...bytes.subarray(0, changed.cut === undefined ? bytes.length : changed.cut % (bytes.length + 1)), ...changed.more);
      }
      expect(new BundleReader(bytes).begin()).toBe(decodeCommands(bytes)?.length);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(new BundleReader(bytes).begin()).toBe(decodeCommands(bytes)?.length);
    }),
  );
});

test.each<readonly [string, readonly number[]]>([
  ["an empty key", [1, 0, 1, 0, 0, 0]],
  ["a key that is not UTF-8", [1, 0, 1, 0, 0, 1, 0xff]],
  ["a lone surrogate", [1, 0, 1, 0, 0, 3, 0xed, 0xa0, 0x80]],
  ["another version", [2, 0, 0]],
  ["an unknown operation", [1, 0, 1, 7, 0, 1, 97]],
  ["an unknown condition", [1, 0, 1, 1, 0, 1, 97, 0, 0, 0, 0, 3]],
  ["no keys", [1, 0, 1, 2, 0, 0]],
  ["a value that is too long", [1, 0, 1, 1, 0, 1, 97, 0, 8, 0, 1, 0]],
  ["too many commands", [1, 4, 1]],
])("%s is no bundle", (_, bytes) => {
  expect(new BundleReader(Uint8Array.from(bytes)).begin()).toBeUndefined();
});

test("keys and values are ranges of the bundle, wherever it lies in its memory", () => {
  const set: Command = { op: "set", key: "schlüssel", value: text("wert"), when: "present", returnOld: true };
  const bytes = encodeCommands([set, { op: "incr", key: "n", by: -2n }]);
  const memory = new Uint8Array(bytes.length + 9);
  memory.set(bytes, 5);
  const reader = new BundleReader(memory.subarray(5, 5 + bytes.length));
  expect([reader.begin(), reader.u8()]).toEqual([2, 1]);
  reader.key();
  reader.value();
  const range = (start: number, end: number) => new TextDecoder().decode(reader.bytes.subarray(start, end));
  expect([range(reader.keyStart, reader.keyEnd), range(reader.valueStart, reader.valueEnd), reader.u8(), reader.u8()]).toEqual(["schlüssel", "wert", 0x82, 3]);
  reader.key();
  expect([range(reader.keyStart, reader.keyEnd), reader.i64()]).toEqual(["n", -2n]);
});
