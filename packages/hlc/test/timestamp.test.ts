import { describe, expect, test } from "vitest";
import {
  compareTimestamps,
  decodeTimestamp,
  decodeTimestamp16,
  encodeTimestamp,
  encodeTimestamp16,
  HLCTimestamp,
  InvalidTimestampError,
  LOGICAL_MAX,
  parseTimestamp,
  PHYSICAL_MS_MAX,
  timestampFromBigInt,
  timestampToBigInt,
  timestampToISO,
} from "../src/index.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

/** Frozen: a change here is a change of the format. */
const VECTORS = [
  { physicalMs: 0, logical: 0, nodeId: "a", bytes: "000000000000000061", bytes16: "00000000000000006100000000000000", text: "000000000000-0000-a" },
  {
    physicalMs: 1_700_000_000_000,
    logical: 3,
    nodeId: "node_a",
    bytes: "018bcfe5680000036e6f64655f61",
    bytes16: "018bcfe5680000036e6f64655f610000",
    text: "018bcfe56800-0003-node_a",
  },
  {
    physicalMs: PHYSICAL_MS_MAX,
    logical: LOGICAL_MAX,
    nodeId: "Z9.:@_-z",
    bytes: "ffffffffffffffff5a392e3a405f2d7a",
    bytes16: "ffffffffffffffff5a392e3a405f2d7a",
    text: "ffffffffffff-ffff-Z9.:@_-z",
  },
] as const;

describe("formats", () => {
  test.each(VECTORS)("frozen vector $text", (vector) => {
    const stamp = new HLCTimestamp(vector.physicalMs, vector.logical, vector.nodeId);
    expect(hex(encodeTimestamp(stamp))).toBe(vector.bytes);
    expect(hex(encodeTimestamp16(stamp))).toBe(vector.bytes16);
    expect(String(stamp)).toBe(vector.text);
    expect(timestampToBigInt(stamp)).toBe(BigInt(`0x${vector.bytes16}`));
    expect(timestampFromBigInt(BigInt(`0x${vector.bytes16}`))).toEqual(stamp);
    expect(decodeTimestamp(bytes(vector.bytes))).toEqual(stamp);
    expect(decodeTimestamp16(bytes(vector.bytes16))).toEqual(stamp);
    expect(parseTimestamp(vector.text)).toEqual(stamp);
  });

  test.each(["", "00".repeat(8), "00".repeat(9), "000000000000000020", "0000000000000000e9", `${"00".repeat(8)}${"61".repeat(65)}`])(
    "bytes %s are not a timestamp",
    (text) => {
      expect(() => decodeTimestamp(bytes(text))).toThrow(InvalidTimestampError);
    },
  );

  test.each(["00".repeat(15), "00".repeat(16), "000000000000000061006200000000ff", "00000000000000006100620000000000"])(
    "16 bytes %s are no timestamp",
    (text) => {
      expect(() => decodeTimestamp16(bytes(text))).toThrow(InvalidTimestampError);
    },
  );

  test.each(["", "018bcfe56800-0003-", "018BCFE56800-0003-a", "18bcfe56800-0003-a", " 018bcfe56800-0003-a", "018bcfe56800-0003-a\n"])(
    "text %j is not a timestamp",
    (text) => {
      expect(() => parseTimestamp(text)).toThrow(InvalidTimestampError);
    },
  );

  test.each([-1n, 0n, 1n << 128n, (1n << 128n) | BigInt("0x00000000000000006100000000000000")])("the number %s is no timestamp", (value) => {
    expect(() => timestampFromBigInt(value)).toThrow(InvalidTimestampError);
  });

  test("a name that does not fit into 16 bytes is refused, not hashed", () => {
    expect(() => encodeTimestamp16(new HLCTimestamp(1, 1, "void-primary"))).toThrow(/at most 8 characters/);
    expect(() => encodeTimestamp16({ physicalMs: -1, logical: 0, nodeId: "a" })).toThrow(InvalidTimestampError);
    expect(() => timestampToBigInt(new HLCTimestamp(1, 1, "void-primary"))).toThrow(/at most 8 characters/);
  });

  test("text for people", () => {
    expect(timestampToISO({ physicalMs: PHYSICAL_MS_MAX, logical: 7, nodeId: "a" })).toBe("+010889-08-02T05:31:50.655Z+7 a");
  });
});

describe("HLCTimestamp", () => {
  test.each([
    [-1, 0, "a"],
    [0.5, 0, "a"],
    [Number.NaN, 0, "a"],
    [PHYSICAL_MS_MAX + 1, 0, "a"],
    [0, -1, "a"],
    [0, LOGICAL_MAX + 1, "a"],
    [0, 0.5, "a"],
    [0, 0, ""],
    [0, 0, "-a"],
    [0, 0, "é"],
    [0, 0, "a b"],
    [0, 0, "a".repeat(65)],
  ])("refuses %s, %s, %s", (physicalMs, logical, nodeId) => {
    expect(() => new HLCTimestamp(physicalMs, logical, nodeId)).toThrow(InvalidTimestampError);
    expect(() => HLCTimestamp.from({ physicalMs, logical, nodeId })).toThrow(InvalidTimestampError);
  });

  test("operators and the default sort use the total order", () => {
    const sorted = [new HLCTimestamp(1, 0, "b"), new HLCTimestamp(1, 1, "a"), new HLCTimestamp(2, 0, "a"), new HLCTimestamp(10, 0, "a")];
    expect(sorted.toReversed().sort()).toEqual(sorted);
    expect(sorted.toReversed().sort(compareTimestamps)).toEqual(sorted);
    expect(sorted[0]! < sorted[1]!).toBe(true);
    expect(sorted[3]! > sorted[2]!).toBe(true);
    expect(compareTimestamps(sorted[0]!, { physicalMs: 1, logical: 0, nodeId: "b" })).toBe(0);
  });
});
