/** Store commands at random: few keys, so that they meet. */
import fc from "fast-check";
import type { Command } from "../../src/store/command.ts";

export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const key = fc.constantFrom("a", "b", "c", "d", "schlüssel/☃");
const value = fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.bigInt({ min: -5n, max: 5n }).map((number) => text(String(number))));
export const command: fc.Arbitrary<Command> = fc.oneof(
  key.map((k): Command => ({ op: "get", key: k })),
  fc.record({ op: fc.constant("set" as const), key, value, when: fc.constantFrom("always" as const, "absent" as const, "present" as const), returnOld: fc.boolean() }),
  fc.array(key, { minLength: 1, maxLength: 5 }).chain((keys) => fc.constantFrom<Command>({ op: "del", keys }, { op: "mget", keys }, { op: "exists", keys })),
  fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 5 }).map((entries): Command => ({ op: "mset", entries })),
  fc.record({ op: fc.constant("incr" as const), key, by: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }) }),
);
