import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Command, decodeResults, encodeCommands } from "../../src/store/command.ts";
import { command, decodeCommands, text } from "../support/commands.ts";

describe("the codec of commands and results", () => {
  test("gives back what went in", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        expect(decodeCommands(encodeCommands(commands))).toEqual(commands);
      }),
    );
  });

  test("refuses every cut, and bytes behind the end", () => {
    const bytes = encodeCommands([
      { op: "mset", entries: [["a", text("1")], ["b", text("")]] },
      { op: "set", key: "k", value: text("v"), when: "absent", returnOld: true },
    ]);
    for (let length = 0; length < bytes.length; length++) expect(decodeCommands(bytes.subarray(0, length))).toBeUndefined();
    expect(decodeCommands(Uint8Array.of(...bytes, 0))).toBeUndefined();
  });

  test("any bytes are commands or nothing, never a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(() => [decodeCommands(bytes), decodeResults(bytes)]).not.toThrow();
      }),
    );
  });

  test("is frozen: version 1", () => {
    const commands: readonly Command[] = [{ op: "get", key: "a" }, { op: "incr", key: "n", by: -2n }];
    expect(Buffer.from(encodeCommands(commands)).toString("hex")).toBe("010002000001610300016efffffffffffffffe");
    const set: Command = { op: "set", key: "a", value: Uint8Array.of(0, 255), when: "absent", returnOld: true };
    expect(Buffer.from(encodeCommands([set])).toString("hex")).toBe("010001010001610000000200ff81");
    const results = new Uint8Array(Buffer.from("010003010400020001000000017805000145", "hex"));
    expect(decodeResults(results)).toEqual([{ type: "nil" }, { type: "values", values: [undefined, text("x")] }, { type: "error", message: "E" }]);
  });
});
