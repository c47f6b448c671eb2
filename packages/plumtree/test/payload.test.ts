import { describe, expect, test } from "vitest";
import { InvalidValueError, PAYLOAD_BYTES_MAX, PlumtreeNode, VALUE_DEPTH_MAX } from "../src/index.ts";
import { decodePayload, encodePayload } from "../src/codec/payload.ts";

const nested = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}1${"]".repeat(levels)}`);
class Point {
  readonly x = 1;
}

describe("what is broadcast", () => {
  test("arrives as it was", async () => {
    const sent: readonly unknown[] = [
      null, 10n, 2n ** 63n, -(2n ** 63n), Number.NaN, -0, Number.POSITIVE_INFINITY, 2 ** 53 + 2, { toString: 1 }, "\uFEFFx",
      new Uint8Array(PAYLOAD_BYTES_MAX - 6), Array.from({ length: 20_000 }, () => []), nested(VALUE_DEPTH_MAX),
    ];
    const [a, b] = [new PlumtreeNode("payload-a"), new PlumtreeNode("payload-b")];
    a.addPeer("payload-b");
    const got = new Map<string, unknown>();
    const all = new Promise<void>((resolve) => {
      b.subscribe((event) => {
        if (event.type === "message") got.set(event.id, event.value);
        if (got.size === sent.length) resolve();
      });
    });
    const ids = sent.map((value) => a.broadcast(value));
    await all;
    a.close();
    b.close();
    for (const [index, id] of ids.entries()) expect(got.get(id)).toStrictEqual(sent[index]);
  });

  test.each([
    ["undefined", undefined, "value: "],
    ["a property that is undefined", { a: undefined }, "value.a: "],
    ["an element that is undefined", [undefined], "value[0]: "],
    ["a bigint beyond 64 bits", 2n ** 64n, "value: "],
    ["a Map", new Map([["a", 1]]), "value: "],
    ["a Set", new Set([1]), "value: "],
    ["a Date", { users: [{ born: new Date(0) }] }, "value.users[0].born: "],
    ["a RegExp", /x/, "value: "],
    ["a symbol", Symbol("x"), "value: "],
    ["a function", () => 1, "value: "],
    ["an instance of a class", new Point(), "value: "],
    ["the key __proto__", JSON.parse('{"__proto__":{"x":1}}'), "value.__proto__: "],
    ["another typed array", new Uint16Array([1, 2]), "value: "],
    ["an ArrayBuffer", new ArrayBuffer(2), "value: "],
    ["an Error", new Error("e"), "value: "],
    ["half of a surrogate pair", "\ud800", "value: "],
    ["a hole", new Array(1), "value[0]: "],
    ["toJSON", { toJSON: () => 5 }, "value.toJSON: "],
    ["a Number object", new Number(5), "value: "],
    ["too deep a nesting", nested(VALUE_DEPTH_MAX + 1), "at most 64 levels"],
    ["too long a string", "x".repeat(PAYLOAD_BYTES_MAX), `at most ${PAYLOAD_BYTES_MAX} bytes`],
  ])("or is refused by name: %s", (_, value, message) => {
    expect(() => encodePayload(value)).toThrow(InvalidValueError);
    expect(() => encodePayload(value)).toThrow(message);
  });
});

test("payloads of the format before are refused", () => {
  for (const payload of ["c3", "02", "81a16101", "93010203"]) {
    expect(decodePayload(new Uint8Array(Buffer.from(payload, "hex"))).ok).toBe(false);
  }
});
