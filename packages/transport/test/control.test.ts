import { PEER_RECORD_BYTES_MAX } from "@void-system/crypto";
import { fromHex, toHex } from "@void-system/bytes";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  ALIVE_FRAME, ALPN, type Control, CONTROL_BYTES_MAX, decodeControl, encodeCredit, encodeHello, encodeRefusal, isOwnReason, LINK_VERSION, REFUSALS,
} from "../src/tls/connection/control.ts";
import { checkHelloFields, type Hello, HELLO_BYTES_MAX, HELLO_FIELD_BYTES_MAX, HELLO_FIELDS_MAX, type HelloFields } from "../src/tls/connection/hello.ts";
import { OptionError } from "../src/index.ts";
import { FRAME_BYTES_MAX, WINDOW_BYTES_MIN } from "../src/tls/limits.ts";
import { framed } from "./raw.ts";

const unhex = (text: string): Uint8Array => fromHex(text.replaceAll(" ", ""));
const PROD = "01 04  01 0004 70726f64  02 0005 6e6f646530  03 0004 01000000  04 0004 00400000  05 0008 0123456789abcdef";
const prod: Hello = { cluster: "prod", id: "node0", windowBytes: 0x0100_0000, frameBytes: 0x40_0000, instance: "0123456789abcdef", fields: {} };

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/);
const fields = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 128, max: 255 }), fc.uint8Array({ maxLength: HELLO_FIELD_BYTES_MAX })), { maxLength: HELLO_FIELDS_MAX, selector: ([tag]) => tag })
  .map((entries): HelloFields => Object.fromEntries(entries));
const hellos: fc.Arbitrary<Hello> = fc.record({
  cluster: name,
  id: name,
  windowBytes: fc.integer({ min: WINDOW_BYTES_MIN, max: 2 ** 31 }),
  frameBytes: fc.integer({ min: 1, max: FRAME_BYTES_MAX }),
  instance: fc.stringMatching(/^[0-9a-f]{16}$/),
  fields,
});
const reason = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/).filter((text) => isOwnReason(text));

// Frozen: docs/format.md. Change LINK_VERSION when one of these must change.
test("the format of the wire is frozen", () => {
  expect([LINK_VERSION, ALPN]).toEqual([4, "void-link/4"]);
  expect(toHex(encodeHello(prod))).toBe(PROD.replaceAll(" ", ""));
  expect(toHex(framed(encodeHello(prod), true)).slice(0, 8)).toBe("8000002a");
  expect(toHex(encodeHello({ ...prod, fields: { 200: Uint8Array.of(0xcd), 128: Uint8Array.of() } }))).toBe(`${PROD} 80 0000 c8 0001 cd`.replaceAll(" ", ""));
  expect(toHex(framed(encodeCredit(0x0080_0102), true))).toBe("800000050400800102");
  expect(REFUSALS).toEqual(["version", "cluster", "identity", "duplicate", "unknown-key", "twin"]);
  expect(REFUSALS.map((known) => toHex(encodeRefusal(known)))).toEqual(["0201", "0202", "0203", "0204", "0205", "0206"]);
  expect(toHex(encodeRefusal("old-configuration"))).toBe(`02ff11${toHex(new TextEncoder().encode("old-configuration"))}`);
  expect(toHex(framed(ALIVE_FRAME, true))).toBe("8000000103");
  expect(toHex(framed(unhex("abcd")))).toBe("00000002abcd");
});

test("the longest hello fits into a control frame, with room for later fields", () => {
  const longest = { ...prod, cluster: "c".repeat(64), id: "i".repeat(64), record: new Uint8Array(PEER_RECORD_BYTES_MAX), fields: Object.fromEntries(Array.from({ length: HELLO_FIELDS_MAX }, (_, index) => [248 + index, new Uint8Array(HELLO_FIELD_BYTES_MAX)])) };
  expect(encodeHello(longest).length).toBe(HELLO_BYTES_MAX);
  expect(decodeControl(encodeHello(longest))).toEqual({ type: "hello", hello: longest });
  expect(CONTROL_BYTES_MAX).toBe(6_520);
});

test("hellos and refusals decode to what was encoded", () => {
  fc.assert(
    fc.property(hellos, fc.oneof(reason, fc.constantFrom(...REFUSALS)), (hello, why) => {
      expect(decodeControl(encodeHello(hello))).toEqual({ type: "hello", hello });
      expect(decodeControl(encodeRefusal(why))).toEqual({ type: "refusal", reason: why });
    }),
  );
});

test("unknown fields are ignored, wherever they stand", () => {
  const sooner = `01 04  00 0001 ff ${PROD.slice("01 04".length)}`;
  expect(decodeControl(unhex(sooner))).toEqual({ type: "hello", hello: prod });
  expect(decodeControl(unhex(`${PROD} 07 0003 010203 7f 0000 80 0001 aa`))).toEqual({ type: "hello", hello: { ...prod, fields: { 128: Uint8Array.of(0xaa) } } });
});

test.each([
  ["a tag twice", `${PROD} 80 0000 80 0000`],
  ["an unknown tag twice", `${PROD} 06 0000 06 0000`],
  ["too long a record", `${PROD} 06 0401 ${"00".repeat(1_025)}`],
  ["tags that descend", `${PROD} 81 0000 80 0000`],
  ["no cluster", PROD.replace("01 0004 70726f64", "")],
  ["no id", PROD.replace("02 0005 6e6f646530", "")],
  ["no window", PROD.replace("03 0004 01000000", "")],
  ["no longest frame", PROD.replace("04 0004 00400000", "")],
  ["no instance", PROD.replace("05 0008 0123456789abcdef", "")],
  ["an instance of seven bytes", PROD.replace("05 0008 0123456789abcdef", "05 0007 0123456789abcd")],
  ["an instance of nine bytes", PROD.replace("05 0008 0123456789abcdef", "05 0009 0123456789abcdef01")],
  ["nothing but the version", "01 04"],
  ["an empty name", PROD.replace("01 0004 70726f64", "01 0000")],
  ["a name of 65 characters", PROD.replace("01 0004 70726f64", `01 0041 ${"61".repeat(65)}`)],
  ["a name with a space", PROD.replace("70726f64", "70202064")],
  ["a name that is no UTF-8", PROD.replace("70726f64", "70ffff64")],
  ["a window of three bytes", PROD.replace("03 0004 01000000", "03 0003 010000")],
  ["a window of five bytes", PROD.replace("03 0004 01000000", "03 0005 0100000000")],
  ["too small a window", PROD.replace("01000000", "001fffff")],
  ["a longest frame of 0", PROD.replace("00400000", "00000000")],
  ["a longest frame above 16 MiB", PROD.replace("00400000", "01000001")],
  ["too long a field of the application", `${PROD} 80 0101 ${"00".repeat(0x101)}`],
  ["too many fields of the application", `${PROD} ${Array.from({ length: 9 }, (_, index) => `${(0x80 + index).toString(16)} 0000`).join(" ")}`],
  ["half of a tag's length", `${PROD} 80 00`],
  ["a field that is cut short", `${PROD} 80 0002 00`],
  ["credit of 0", "04 00000000"],
  ["credit with a byte too many", "04 00000001 00"],
  ["a sign of life with a byte too many", "03 00"],
  ["a refusal of no known code", "02 07"],
  ["a refusal of code 0", "02 00"],
  ["a reason of the application that is one of the link's", `02 ff 07 ${toHex(new TextEncoder().encode("version"))}`],
  ["a reason of the application with other characters", "02 ff 01 41"],
  ["an empty reason of the application", "02 ff 00"],
  ["no type", ""],
])("malformed: %s", (_name, bytes) => {
  expect(decodeControl(unhex(bytes))).toBeUndefined();
});

test("a hello of another version is read no further", () => {
  expect(decodeControl(unhex("01 02 04 05 01"))).toEqual({ type: "other-version", version: 2 });
  expect(decodeControl(unhex("01 05"))).toEqual({ type: "other-version", version: 5 });
});

test("a control frame that decodes is encoded to the same bytes, unknown fields apart", () => {
  const some = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.tuple(fc.constantFrom(1, 2, 3, 4), fc.uint8Array({ maxLength: 12 })).map(([type, rest]) => Uint8Array.from([type, ...rest])),
    fc.tuple(hellos, fc.nat(400), fc.nat(255)).map(([hello, at, byte]) => {
      const bytes = encodeHello(hello);
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
    fc.tuple(hellos, fc.nat(2_000)).map(([hello, end]) => encodeHello(hello).subarray(0, end)),
  );
  fc.assert(
    fc.property(some, (bytes) => {
      const control = decodeControl(bytes);
      if (control === undefined || control.type === "other-version") return;
      const again = encodeControl(control);
      if (control.type === "hello") expect(decodeControl(again)).toEqual(control);
      expect(again.length).toBeLessThanOrEqual(bytes.length);
      if (again.length === bytes.length) expect(toHex(again)).toBe(toHex(bytes));
    }),
    { numRuns: 1_000 },
  );
});

function encodeControl(control: Exclude<Control, { readonly type: "other-version" }>): Uint8Array {
  switch (control.type) {
    case "hello":
      return encodeHello(control.hello);
    case "refusal":
      return encodeRefusal(control.reason);
    case "alive":
      return ALIVE_FRAME;
    case "credit":
      return encodeCredit(control.bytes);
  }
}

test("fields that a hello cannot carry are refused by name, and those that it can are copied", () => {
  const given = { 128: Uint8Array.of(1), 255: Uint8Array.of() };
  const checked = checkHelloFields(given);
  given[128].fill(9);
  expect(checked).toEqual({ 128: Uint8Array.of(1), 255: Uint8Array.of() });
  const nine = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [128 + index, new Uint8Array()]));
  // For the type checker some of them are no fields; that is the point.
  const wrong = [{ 127: new Uint8Array() }, { 256: new Uint8Array() }, { 128.5: new Uint8Array() }, { configuration: new Uint8Array() }, { 128: "text" }, { 128: new Uint8Array(257) }, nine];
  for (const one of wrong) expect(() => checkHelloFields(one as HelloFields), JSON.stringify(one).slice(0, 40)).toThrow(OptionError);
});
