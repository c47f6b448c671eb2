import { describe, expect, test } from "vitest";
import { parseCommand } from "../../src/resp/commands.ts";
import { NULL, failure } from "../../src/resp/reply.ts";

const parsed = (line: string) => parseCommand(line.split(" ").map((word) => Buffer.from(word)));

describe("steps up and down", () => {
  test.each([
    ["INCR k", 1n],
    ["DECR k", -1n],
    ["INCRBY k 41", 41n],
    ["INCRBY k -9223372036854775808", -(2n ** 63n)],
    ["DECRBY k 9223372036854775807", 1n - 2n ** 63n],
    ["decrby k -5", 5n],
  ])("%s is the increment of the log with an amount", (line, by) => {
    expect(parsed(line)).toMatchObject({ type: "store", command: { op: "incr", key: "k", by } });
  });

  test.each([
    ["INCRBY k", "ERR wrong number of arguments for 'incrby' command"],
    ["INCRBY k +1", "ERR value is not an integer or out of range"],
    ["INCRBY k 01", "ERR value is not an integer or out of range"],
    ["INCRBY k 9223372036854775808", "ERR value is not an integer or out of range"],
    ["DECRBY k -9223372036854775808", "ERR decrement would overflow"],
    ["DECR k 1", "ERR wrong number of arguments for 'decr' command"],
  ])("%s is refused", (line, reason) => {
    expect(parsed(line)).toEqual({ type: "refused", reply: failure(reason) });
  });
});

test("an absent value is null", () => {
  const get = parsed("GET k");
  expect(get.type === "store" && get.reply({ type: "nil" })).toBe(NULL);
});
