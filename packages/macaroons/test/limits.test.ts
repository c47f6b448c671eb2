import { expect, test } from "vitest";
import {
  CAVEATS_MAX,
  CaveatError,
  FIELD_BYTES_MAX,
  MACAROON_BYTES_MAX,
  MACAROON_CHARACTERS_MAX,
  Macaroon,
  MacaroonError,
  MacaroonFormatError,
  MintError,
} from "../src/index.ts";

const key = new Uint8Array(32);
const id = Uint8Array.of(1);

/** Why bytes are refused. */
function reason(bytes: readonly number[]): string {
  const decoded = Macaroon.tryDecodeBytes(Uint8Array.from(bytes));
  return decoded.ok ? "none" : decoded.reason;
}

test("caveats: their number, their length, the whole", () => {
  let macaroon = Macaroon.mint(key, id);
  for (let n = 0; n < CAVEATS_MAX; n++) macaroon = macaroon.addCaveat("once");
  expect(Macaroon.decode(macaroon.encode()).caveats).toHaveLength(CAVEATS_MAX);
  expect(() => macaroon.addCaveat("once")).toThrow(CaveatError);
  const long = Macaroon.mint(key, id).addCaveat("x".repeat(FIELD_BYTES_MAX));
  expect(Macaroon.decode(long.encode()).caveats).toEqual(["x".repeat(FIELD_BYTES_MAX)]);
  expect(() => long.addCaveat("x".repeat(FIELD_BYTES_MAX + 1))).toThrow(CaveatError);
  expect(() => long.addCaveat("\ud800")).toThrow(/half of one/u);
  let whole = long;
  for (let n = 0; n < 2; n++) whole = whole.addCaveat("x".repeat(FIELD_BYTES_MAX));
  expect(() => whole.addCaveat("x".repeat(FIELD_BYTES_MAX))).toThrow(/at most 16384 bytes/u);
  const room = MACAROON_BYTES_MAX - whole.toBytes().length - 4;
  const full = whole.addCaveat("x".repeat(room));
  expect(full.toBytes()).toHaveLength(MACAROON_BYTES_MAX);
  expect(full.encode()).toHaveLength(MACAROON_CHARACTERS_MAX);
  expect(Macaroon.decode(full.encode()).caveats).toHaveLength(4);
  expect(() => whole.addCaveat("x".repeat(room + 1))).toThrow(CaveatError);
});

test("fields whose length takes one byte, and two", () => {
  for (const length of [1, 127, 128, 129, 200, 255, 256, FIELD_BYTES_MAX]) {
    const field = new Uint8Array(length).fill(0x78);
    const macaroon = Macaroon.mint(key, field, "x".repeat(length)).addCaveat(field).addCaveat("once");
    const bytes = macaroon.toBytes();
    const low = length > 127 ? [(length & 127) | 128, length >> 7] : [length];
    expect([...bytes.subarray(0, 2 + low.length)]).toEqual([2, 1, ...low]);
    expect(bytes).toHaveLength(3 + 3 * (1 + low.length + length) + 1 + 7 + 34);
    const read = Macaroon.decode(macaroon.encode());
    expect(read.location).toBe("x".repeat(length));
    expect(read.identifier).toEqual(field);
    expect(read.caveats).toEqual(["x".repeat(length), "once"]);
    expect(read.isSignedBy(key)).toBe(true);
  }
});

test("identifiers and locations", () => {
  expect(() => Macaroon.mint(key, new Uint8Array(0))).toThrow(MintError);
  expect(() => Macaroon.mint(key, new Uint8Array(FIELD_BYTES_MAX + 1))).toThrow(MintError);
  expect(() => Macaroon.mint(key, id, "x".repeat(FIELD_BYTES_MAX + 1))).toThrow(MintError);
});

test("damage is named, and nothing but the package's error is thrown", () => {
  const header = [2, 2, 1, 7, 0];
  const signature = [6, 32, ...Array.from({ length: 32 }, () => 0)];
  const caveat = [2, 1, 9, 0];
  expect(reason([...header, ...caveat, 0, ...signature])).toBe("none");
  expect(reason([])).toBe("other bytes: expected 1 bytes at byte 0, got 0, cut short");
  expect(reason([1, ...header.slice(1), 0, ...signature])).toBe("other bytes: expected version 2 at byte 0, got byte 1");
  expect(reason([2, 2, 0, 0, 0, ...signature])).toBe("other bytes: expected an identifier at byte 3, got an empty one");
  expect(reason([...header, ...caveat, 0, ...signature, 0])).toBe("other bytes: expected the end at byte 44, got 1 more bytes");
  expect(reason([...header, 2, 0x81, 0, 9, 0, 0, ...signature])).toBe("other bytes: expected a number in the fewest bytes at byte 6, got one with a byte too many");
  expect(reason([...header, 2, 0xff, 0xff, 0x7f])).toBe("other bytes: expected a number of at most 4096 at byte 6, got a larger one");
  expect(reason([...header, 2, 0x81, 0x20])).toBe("other bytes: expected a number of at most 4096 at byte 6, got a larger one");
  expect(reason([...header, 2, 100, 1])).toBe("other bytes: expected 100 bytes at byte 7, got 1, cut short");
  expect(reason([...header, 1, 1, 0x61, ...caveat, 0, ...signature])).toBe("other bytes: expected no location on a first-party caveat at byte 11, got one");
  expect(reason([2, 1, 1, 0xff, 2, 1, 7, 0, 0, ...signature])).toBe("other bytes: expected a location in UTF-8 at byte 4, got other bytes");
  expect(reason([...header, 2, 1, 9, 4, 1, 0, 0, 0, ...signature])).toBe("other bytes: expected a sealed key of 72 bytes at byte 11, got 1");
  expect(reason([...header, 3, 0, 0, ...signature])).toBe("other bytes: expected a caveat at byte 5, got byte 3");
  const caveats = Array.from({ length: CAVEATS_MAX + 1 }, () => caveat).flat();
  expect(reason([...header, ...caveats, 0, ...signature])).toBe("other bytes: expected at most 256 caveats at byte 1029, got more");
  expect(reason(Array.from({ length: MACAROON_BYTES_MAX + 1 }, () => 2))).toBe("more than 16384 bytes");
  for (const text of ["", "AA", "x", "ü", "A".repeat(MACAROON_CHARACTERS_MAX + 1)]) {
    expect(() => Macaroon.decode(text)).toThrow(MacaroonFormatError);
    expect(() => Macaroon.decode(text)).toThrow(MacaroonError);
  }
});

test("a macaroon does not change when the bytes around it do", () => {
  const source = Macaroon.mint(key, id).addCaveat("once").toBytes();
  const decoded = Macaroon.tryDecodeBytes(source);
  const macaroon = decoded.ok ? decoded.macaroon : undefined;
  source.fill(0);
  macaroon?.identifier.fill(0);
  macaroon?.toBytes().fill(0);
  expect(macaroon?.isSignedBy(key)).toBe(true);
  const caveat = new TextEncoder().encode("once");
  const other = Macaroon.mint(key, id).addCaveat(caveat);
  caveat.fill(0);
  expect(other.caveats).toEqual(["once"]);
});

test("a token keeps its own bytes, whatever its maker does to the buffers", () => {
  const identifier = Buffer.from("id");
  const caveat = Buffer.from("user = alice");
  const token = Macaroon.mint(new Uint8Array(32).fill(1), identifier).addCaveat(caveat);
  const before = token.encode();
  identifier.fill(0);
  caveat.fill(0);
  expect(token.encode()).toEqual(before);
});
