/** Store commands at random: few keys, so that they meet. */
import { type ByteReader, decodeAll } from "@void-system/bytes";
import fc from "fast-check";
import { BUNDLE_COMMANDS_MAX, BUNDLE_VERSION, type Command, COMMAND_KEYS_MAX, CONDITIONS, KEY_BYTES_MAX, OPS, VALUE_BYTES_MAX } from "../../src/store/command.ts";

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

/** Decodes the commands of a bundle, apart from the way in which the machine reads them; `undefined` for other bytes. */
export function decodeCommands(bytes: Uint8Array): readonly Command[] | undefined {
  const decoded = decodeAll(bytes, (reader) => {
    if (reader.u8() !== BUNDLE_VERSION) reader.fail("version 1", "another");
    const count = reader.u16();
    if (count > BUNDLE_COMMANDS_MAX) reader.fail("fewer commands", `${count}`);
    return Array.from({ length: count }, () => readCommand(reader));
  });
  return decoded.ok ? decoded.value : undefined;
}

function readCommand(reader: ByteReader): Command {
  const op = OPS[reader.u8()];
  switch (op) {
    case "get":
      return { op, key: readKey(reader) };
    case "set": {
      const key = readKey(reader);
      const value = reader.block(VALUE_BYTES_MAX);
      const flags = reader.u8();
      const when = CONDITIONS[flags & 0x7f];
      if (when === undefined) return reader.fail("a known condition", `${flags & 0x7f}`);
      return { op, key, value, when, returnOld: (flags & 0x80) !== 0 };
    }
    case "incr":
      return { op, key: readKey(reader), by: reader.i64() };
    case "mset":
      return { op, entries: many(reader, () => [readKey(reader), reader.block(VALUE_BYTES_MAX)] as const) };
    case "del":
    case "mget":
    case "exists":
      return { op, keys: many(reader, () => readKey(reader)) };
    default:
      return reader.fail("a known operation", "another one");
  }
}

function readKey(reader: ByteReader): string {
  const key = reader.text(KEY_BYTES_MAX);
  if (key === "") reader.fail("a key", "an empty one");
  return key;
}

function many<T>(reader: ByteReader, read: () => T): readonly T[] {
  const count = reader.u16();
  if (count === 0 || count > COMMAND_KEYS_MAX) reader.fail(`1 to ${COMMAND_KEYS_MAX} keys`, `${count}`);
  return Array.from({ length: count }, read);
}
