import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HLCTimestamp, InvalidRegisterError, LWWRegister, REGISTER_VALUE_BYTES_MAX, type ValueCodec } from "../src/index.ts";

const at = (physicalMs: number, nodeId = "a") => new HLCTimestamp(physicalMs, 0, nodeId);
const raw: ValueCodec<Uint8Array> = { encode: (value) => value.slice(), decode: (bytes) => bytes };

describe("LWWRegister", () => {
  test("the newest write wins, whichever comes last", () => {
    const register = new LWWRegister("one", at(1));
    expect(register.set("three", at(3))).toBe(true);
    expect(register.set("two", at(2))).toBe(false);
    expect(register.set("three", at(3))).toBe(false);
    expect([register.value, register.at.physicalMs]).toEqual(["three", 3]);
  });

  test("frozen vector", () => {
    const bytes = new LWWRegister({ on: true }, new HLCTimestamp(1_700_000_000_000, 3, "node_a")).toBytes();
    expect(Buffer.from(bytes).toString("hex")).toBe("010e018bcfe5680000036e6f64655f617b226f6e223a747275657d");
    expect(LWWRegister.fromBytes(bytes).value).toEqual({ on: true });
  });

  test.each([
    ["nothing", ""],
    ["another version", "020900000000000000006131"],
    ["a cut timestamp", "0109000000000000"],
    ["a timestamp that is none", "010900000000000000002031"],
    ["no value", "0109000000000000000061"],
    ["a value that does not decode", "01090000000000000000617b"],
    ["a value with more behind it", "01090000000000000000613120"],
    ["a value that is not UTF-8", "010900000000000000006122ff22"],
  ])("%s is no register", (_, hex) => {
    expect(() => LWWRegister.fromBytes(new Uint8Array(Buffer.from(hex, "hex")))).toThrow(InvalidRegisterError);
  });

  test("values are bounded, and must encode", () => {
    expect(() => new LWWRegister("x".repeat(REGISTER_VALUE_BYTES_MAX), at(1))).toThrow(InvalidRegisterError);
    expect(() => new LWWRegister<unknown>(undefined, at(1))).toThrow(InvalidRegisterError);
    const register = new LWWRegister<unknown>(1, at(1));
    expect(() => register.set(() => 1, at(2))).toThrow(InvalidRegisterError);
    expect(register.value).toBe(1);
    const circular: unknown[] = [];
    circular.push(circular);
    for (const bad of [circular, 1n]) {
      expect(() => register.set(bad, at(2))).toThrow(InvalidRegisterError);
      expect(() => new LWWRegister<unknown>(bad, at(2))).toThrow(InvalidRegisterError);
    }
  });

  test("keeps its bytes, even if the codec reuses its buffer", () => {
    const bytes = Buffer.from("x");
    const register = new LWWRegister<Uint8Array>(bytes, at(1), { encode: (value) => value });
    const before = register.toBytes();
    bytes[0] = 0;
    expect(register.toBytes()).toEqual(before);
  });
});

const stamp = fc.tuple(fc.nat({ max: 3 }), fc.constantFrom("a", "b")).map(([ms, id]) => at(ms, id));
// Stamps collide often and on purpose: the laws must hold even when two writers use one stamp twice.
const write = fc.tuple(fc.uint8Array({ maxLength: 2 }), stamp);
const register = ([value, when]: readonly [Uint8Array, HLCTimestamp]) => new LWWRegister(value, when, raw);

describe("laws of merge", () => {
  test("merging is commutative, associative and idempotent", () => {
    fc.assert(
      fc.property(write, write, write, (a, b, c) => {
        const merged = (...writes: (readonly [Uint8Array, HLCTimestamp])[]) => {
          const [first, ...rest] = writes.map(register);
          for (const other of rest) first!.merge(other);
          return first!;
        };
        expect(merged(a, b).toBytes()).toEqual(merged(b, a).toBytes());
        const right = register(a);
        right.merge(merged(b, c));
        expect(merged(a, b, c).toBytes()).toEqual(right.toBytes());
        expect(merged(a, b, b, a).toBytes()).toEqual(merged(a, b).toBytes());
        expect(LWWRegister.fromBytes(merged(a, b).toBytes(), raw).toBytes()).toEqual(merged(a, b).toBytes());
      }),
    );
  });

  test("any order and any repetition of writes converges to equal bytes", () => {
    const cases = fc.array(write, { minLength: 1, maxLength: 30 }).chain((writes) =>
      fc.tuple(fc.constant(writes), fc.shuffledSubarray([...writes, ...writes], { minLength: writes.length * 2, maxLength: writes.length * 2 })),
    );
    fc.assert(
      fc.property(cases, ([writes, shuffled]) => {
        const result = (list: typeof writes) => {
          const start = register(list[0]!);
          for (const [value, when] of list) start.set(value, when);
          return start.toBytes();
        };
        expect(result(shuffled)).toEqual(result(writes));
      }),
    );
  });
});
