import { expect, test } from "vitest";
import {
  coarseClock,
  decodeTimestamp,
  decodeTimestamp16,
  HLCError,
  HLCTimestamp,
  HLCVersionStore,
  HybridLogicalClock,
  LevelSnapshots,
  LWWRegister,
  merkleDigest,
  parseTimestamp,
  Quarantine,
  SHARED_CLOCK_BYTES,
  SharedClock,
} from "../src/index.ts";

/** For callers without types, whose mistakes the compiler does not see. */
const any = (value: unknown): never => value as never;
const at = new HLCTimestamp(1, 0, "a");
const clock = new HybridLogicalClock("a");
const hash = (bytes: Uint8Array): Uint8Array => new Uint8Array(32).fill(bytes.length);
const store = new HLCVersionStore({ digest: merkleDigest(hash) });
const level = { sublevel: () => any({}) };

/** Calls that must throw a typed error, and what it must name. */
const calls: readonly (readonly [string, () => unknown])[] = [
  ["options.readings to be absent", () => coarseClock(any({ readings: 5 }))],
  ["readingsMax to be a number >= 1", () => coarseClock(any({ readingsMax: "5" }))],
  ["staleMs to be milliseconds >= 0", () => coarseClock({ staleMs: -1 })],
  ["wallMs to be a function", () => coarseClock(any({ wallMs: 5 }))],
  ["options to be an object", () => coarseClock(any(null))],
  ["options to be an object; got an array", () => coarseClock(any([]))],
  ["memory to be a SharedArrayBuffer", () => new SharedClock("a", any(undefined))],
  ["memory to be a SharedArrayBuffer", () => new SharedClock("a", any(new ArrayBuffer(SHARED_CLOCK_BYTES)))],
  ["options.reserved to be absent", () => new SharedClock("a", new SharedArrayBuffer(SHARED_CLOCK_BYTES), any({ reserved: 5 }))],
  ["clock to be a HybridLogicalClock", () => new Quarantine(any(undefined))],
  ["options.items to be absent", () => new Quarantine(clock, any({ items: 5 }))],
  ["itemsMax to be a number >= 0", () => new Quarantine(clock, any({ itemsMax: "5" }))],
  ["holdMs to be milliseconds >= 0", () => new Quarantine(clock, any({ holdMs: "5" }))],
  ["options.maxbytes to be absent", () => new HLCVersionStore(any({ maxbytes: 5 }))],
  ["maxBytes to be bytes >= 0", () => new HLCVersionStore(any({ maxBytes: "5" }))],
  ["digest to be the result of merkleDigest(hash)", () => new HLCVersionStore(any({ digest: null }))],
  ["options.chunkByte to be absent", () => merkleDigest(hash, any({ chunkByte: 5 }))],
  ["hash to be a function", () => merkleDigest(any("sha256"))],
  ["level to be an abstract-level database", () => new LevelSnapshots(any(undefined), { hash })],
  ["options to be an object", () => new LevelSnapshots(level, any(undefined))],
  ["options.nam to be absent", () => new LevelSnapshots(level, any({ hash, nam: "x" }))],
  ["name to be a string", () => new LevelSnapshots(level, any({ hash, name: 5 }))],
  ["range.prefx to be absent", () => new HLCVersionStore().scan(any({ prefx: "a" }))],
  ["prefix to be a string", () => new HLCVersionStore().scan(any({ prefix: 5 }))],
  ["limit to be a whole number >= 0", () => new HLCVersionStore().scan({ limit: -1 })],
  ["from to be a Uint8Array", () => new HLCVersionStore().rows.scan(any({ from: "a" }))],
  ["hashKey to be 16 bytes; got 8 bytes", () => new HLCVersionStore({ hashKey: new Uint8Array(8) })],
  ["ordered to be true or false", () => new HLCVersionStore(any({ ordered: 1 }))],
  ["pagesMax to be pages >= 1", () => store.snapshot().hashSome(0)],
  ["a scan of all entries of now, or a store made with ordered: true; got \"a range\"", () => new HLCVersionStore().scan({ from: "a" })],
  ["range to be an object", () => new HLCVersionStore().scan(any("a"))],
  ["from to be a string", () => new HLCVersionStore().scan(any({ from: 5 }))],
  ["a value that is a Uint8Array (TextEncoder makes one of text); got \"v\"", () => new HLCVersionStore().put("k", any("v"), at)],
  ["a value that is a Uint8Array", () => new HLCVersionStore().put("k", any(undefined), at)],
  ["a value that is a Uint8Array", () => new HLCVersionStore().begin(at).put("k", any(undefined))],
  ["a value that is a Uint8Array", () => new HLCVersionStore().merge("k", any("v"), at)],
  ["a key that is a string; got 5", () => new HLCVersionStore().put(any(5), new Uint8Array(1), at)],
  ["a timestamp, with physicalMs, logical and nodeId; got 1700000000000", () => new HLCVersionStore().put("k", new Uint8Array(1), any(1_700_000_000_000))],
  ["a timestamp, with physicalMs, logical and nodeId; got undefined", () => new HLCVersionStore().begin(any(undefined))],
  ["codec to be an object with encode and decode", () => new LWWRegister(5, at, any({}))],
  ["codec to be an object with encode and decode", () => LWWRegister.fromBytes(new Uint8Array(9), any({}))],
  ["a codec that encodes to a Uint8Array", () => new LWWRegister(5, at, { encode: () => any("5") })],
  ["a register as a Uint8Array", () => LWWRegister.fromBytes(any("5"))],
  ["another LWWRegister", () => new LWWRegister(5, at).merge(any({ value: 5 }))],
  ["a snapshot with chunks, one after another; got 5", () => store.restore(any(5))],
  ["a snapshot with chunks, one after another; got undefined", () => store.restore(any(undefined))],
  ["a snapshot with chunks, one after another; got a value of type object", () => store.restore(any(Promise.resolve([])))],
  ["a snapshot with chunks that are Uint8Arrays; got 5", () => store.restore(any([5]))],
  ["a snapshot with chunks that are Uint8Arrays; got \"V\"", () => store.restore(any("VHS"))],
  ["a snapshot with chunks that are Uint8Arrays; got undefined", () => store.chunkHash(any(undefined))],
  ["a timestamp of 9 to 72 bytes", () => decodeTimestamp(any("000000000001"))],
  ["a timestamp of 16 bytes", () => decodeTimestamp16(any("0000000000000001"))],
  ["a timestamp like 018bcfe56800-0003-node_a", () => parseTimestamp(any(at))],
];
test.each(calls)("a wrong argument is refused by a typed error that names it: %s", (named, call) => {
  expect(call).toThrow(HLCError);
  expect(call).toThrow(named);
});
