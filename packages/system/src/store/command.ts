/**
 * What a client may ask of the key-value store, as data, and its bytes inside the replicated log. Fixed layout, one
 * version byte, big-endian, strict: see `docs/format.md`.
 */
import { type ByteReader, ByteWriter, decodeAll } from "@void-system/bytes";

/** One operation on the store. Keys are text of 1 to 1,024 bytes in UTF-8; values are bytes. */
export type Command =
  | { readonly op: "get"; readonly key: string }
  | { readonly op: "set"; readonly key: string; readonly value: Uint8Array; readonly when: SetCondition; readonly returnOld: boolean }
  | { readonly op: "del"; readonly keys: readonly string[] }
  | { readonly op: "incr"; readonly key: string; readonly by: bigint }
  | { readonly op: "mget"; readonly keys: readonly string[] }
  | { readonly op: "mset"; readonly entries: readonly (readonly [key: string, value: Uint8Array])[] }
  | { readonly op: "exists"; readonly keys: readonly string[] };

/** A right that a command needs on each of its keys. */
export type Access = "read" | "write";

/** When a `set` takes place: in any case, only for an absent key, only for a present one. */
export type SetCondition = "always" | "absent" | "present";

/** What a command did. */
export type Result =
  | { readonly type: "ok" }
  | { readonly type: "nil" }
  | { readonly type: "integer"; readonly value: bigint }
  | { readonly type: "value"; readonly value: Uint8Array }
  | { readonly type: "values"; readonly values: readonly (Uint8Array | undefined)[] }
  | { readonly type: "error"; readonly message: string };

/** Longest key, in bytes of UTF-8. */
export const KEY_BYTES_MAX = 1_024;
/** Longest value, in bytes. */
export const VALUE_BYTES_MAX = 524_288;
/** Most commands in one bundle. */
export const BUNDLE_COMMANDS_MAX = 1_024;
/** Most keys in one command. */
export const COMMAND_KEYS_MAX = 4_096;

/** Version of bundles, of commands and of results. */
export const BUNDLE_VERSION = 1;
/** Operations in the order of their bytes in a bundle. */
export const OPS = ["get", "set", "del", "incr", "mget", "mset", "exists"] as const;
/** Conditions of a set in the order of their bits in a bundle. */
export const CONDITIONS = ["always", "absent", "present"] as const;
/** Bit of a set that asks for the old value. */
export const RETURN_OLD = 0x80;
/** Types of results in the order of their bytes in a bundle. */
export const RESULTS = ["ok", "nil", "integer", "value", "values", "error"] as const;

const INTEGER_LIMIT = 2n ** 63n;
const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();

/**
 * What is wrong with a command that a program made, or nothing: bytes that no replica can read again must not get into
 * the log. What the face for Redis parses has passed.
 */
export function mistakeIn(command: Command): string | undefined {
  const keys = keysOf(command);
  if (keys.length === 0 || keys.length > COMMAND_KEYS_MAX) return `ERR expected 1 to at most ${COMMAND_KEYS_MAX} keys in one command, got ${keys.length}`;
  for (const key of keys) {
    // A UTF-16 unit has at most three bytes: the others need no count.
    const bytes = key.length * 3 <= KEY_BYTES_MAX ? key.length : encoder.encode(key).length;
    if (bytes === 0 || bytes > KEY_BYTES_MAX) return `ERR a key has 1 to ${KEY_BYTES_MAX} bytes, this one ${bytes}`;
    if (LONE_SURROGATE.test(key)) return "ERR a key is whole text, this one has a lone surrogate";
  }
  if (command.op === "incr" && (command.by >= INTEGER_LIMIT || command.by < -INTEGER_LIMIT)) return "ERR an increment has 64 bits";
  const values = command.op === "set" ? [command.value] : command.op === "mset" ? command.entries.map(([, value]) => value) : [];
  return values.some(({ length }) => length > VALUE_BYTES_MAX) ? `ERR a value has at most ${VALUE_BYTES_MAX} bytes` : undefined;
}

/** The bytes of a bundle: commands that are executed one after the other, as one entry of the log. */
export function encodeCommands(commands: readonly Command[]): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(BUNDLE_VERSION);
  writer.u16(commands.length);
  for (const command of commands) writeCommand(writer, command);
  return writer.finish();
}

/** The results of a bundle, or `undefined` for bytes that no replica made. */
export function decodeResults(bytes: Uint8Array): readonly Result[] | undefined {
  const decoded = decodeAll(bytes, (reader) => {
    const version = reader.u8();
    if (version !== BUNDLE_VERSION) reader.fail(`version ${BUNDLE_VERSION}`, `${version}`);
    const count = reader.u16();
    if (count > BUNDLE_COMMANDS_MAX) reader.fail(`at most ${BUNDLE_COMMANDS_MAX} items`, `${count}`);
    const items: Result[] = [];
    while (items.length < count) items.push(readResult(reader));
    return items;
  });
  return decoded.ok ? decoded.value : undefined;
}

/** Keys that a command reads or writes. */
export function keysOf(command: Command): readonly string[] {
  switch (command.op) {
    case "get":
    case "set":
    case "incr":
      return [command.key];
    case "mset":
      return command.entries.map(([key]) => key);
    case "del":
    case "mget":
    case "exists":
      return command.keys;
  }
}

/** Returns the rights that a command needs. One that changes a value and returns the old one needs both. */
export function accessOf(command: Command): readonly Access[] {
  switch (command.op) {
    case "get":
    case "mget":
    case "exists":
      return ["read"];
    case "incr":
      return ["read", "write"];
    case "set":
      return command.returnOld || command.when !== "always" ? ["read", "write"] : ["write"];
    case "mset":
    case "del":
      return ["write"];
  }
}

/** Returns about how many bytes a command has in the log, never fewer. */
export function sizeOf(command: Command): number {
  const keys = keysOf(command).reduce((sum, key) => sum + key.length * 3 + 2, 8);
  if (command.op === "set") return keys + command.value.length;
  return command.op === "mset" ? command.entries.reduce((sum, [, value]) => sum + value.length + 4, keys) : keys;
}

function writeCommand(writer: ByteWriter, command: Command): ByteWriter {
  writer.u8(OPS.indexOf(command.op));
  switch (command.op) {
    case "get":
      return writer.text(command.key);
    case "set":
      return writer
        .text(command.key)
        .block(command.value)
        .u8(CONDITIONS.indexOf(command.when) | (command.returnOld ? RETURN_OLD : 0));
    case "incr":
      return writer.text(command.key).i64(command.by);
    case "mset":
      writer.u16(command.entries.length);
      for (const [key, value] of command.entries) writer.text(key).block(value);
      return writer;
    case "del":
    case "mget":
    case "exists":
      writer.u16(command.keys.length);
      for (const key of command.keys) writer.text(key);
      return writer;
  }
}

function many<T>(reader: ByteReader, read: () => T): readonly T[] {
  const count = reader.u16();
  if (count === 0 || count > COMMAND_KEYS_MAX) reader.fail(`1 to ${COMMAND_KEYS_MAX} keys`, `${count}`);
  return Array.from({ length: count }, read);
}

function readResult(reader: ByteReader): Result {
  const type = RESULTS[reader.u8()];
  switch (type) {
    case "ok":
    case "nil":
      return { type };
    case "integer":
      return { type, value: reader.i64() };
    case "value":
      return { type, value: reader.block(VALUE_BYTES_MAX) };
    case "values":
      return { type, values: many(reader, () => (readFlag(reader) ? reader.block(VALUE_BYTES_MAX) : undefined)) };
    case "error":
      return { type, message: reader.text(KEY_BYTES_MAX) };
    default:
      return reader.fail("a known result", "another one");
  }
}

function readFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  if (flag > 1) reader.fail("a flag of 0 or 1", `${flag}`);
  return flag === 1;
}
