/**
 * The commands that a RESP client may use: their arity, what they mean to the store, and how a result reads as a reply.
 * Names, arities and texts are those of Redis 7 (https://redis.io/docs/latest/commands/), so that its clients feel at home.
 */
import { COMMAND_KEYS_MAX, type Command, KEY_BYTES_MAX, type Result, type SetCondition, VALUE_BYTES_MAX } from "../store/command.ts";
import { NULL, OK, type Reply, failure } from "./reply.ts";

/** Parsed command line. */
export type Parsed =
  | { readonly type: "store"; readonly command: Command; readonly reply: (result: Result) => Reply }
  | { readonly type: "connection"; readonly name: ConnectionCommand; readonly words: readonly Uint8Array[] }
  | { readonly type: "refused"; readonly reply: Reply };

/** Commands about the connection itself, which the server answers. */
export type ConnectionCommand =
  | "PING"
  | "ECHO"
  | "AUTH"
  | "HELLO"
  | "QUIT"
  | "INFO"
  | "CLIENT"
  | "SELECT"
  | "MULTI"
  | "EXEC"
  | "DISCARD"
  | "WATCH";

type Words = readonly Uint8Array[];

/** Number of words of a command, its name included. `-n` means at least n. */
const CONNECTION: Readonly<Record<ConnectionCommand, number>> = {
  PING: -1,
  ECHO: 2,
  AUTH: -2,
  HELLO: -1,
  QUIT: -1,
  INFO: -1,
  CLIENT: -2,
  SELECT: 2,
  MULTI: 1,
  EXEC: 1,
  DISCARD: 1,
  WATCH: -2,
};

const STORE: Readonly<Record<string, { readonly arity: number; readonly parse: (words: Words) => Parsed }>> = {
  GET: { arity: 2, parse: ([, key]) => store({ op: "get", key: text(key) }, bulkOrNull) },
  SET: { arity: -3, parse: parseSet },
  DEL: { arity: -2, parse: ([, ...keys]) => store({ op: "del", keys: keys.map(text) }, integer) },
  EXISTS: { arity: -2, parse: ([, ...keys]) => store({ op: "exists", keys: keys.map(text) }, integer) },
  INCR: { arity: 2, parse: ([, key]) => increment(key, 1n) },
  INCRBY: { arity: 3, parse: ([, key, amount]) => increment(key, int64(amount)) },
  DECR: { arity: 2, parse: ([, key]) => increment(key, -1n) },
  DECRBY: { arity: 3, parse: ([, key, amount]) => increment(key, -int64(amount)) },
  MGET: { arity: -2, parse: ([, ...keys]) => store({ op: "mget", keys: keys.map(text) }, bulks) },
  MSET: { arity: -3, parse: parseMset },
};

const INT64_MAX = 2n ** 63n - 1n;

/** When this is thrown, a word cannot be what its place asks for. It ends as an error reply. */
class BadWord extends Error {}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Understands one command. Never throws. */
export function parseCommand(words: Words): Parsed {
  const name = ascii(words[0]).toUpperCase();
  const connection = connectionCommand(name);
  const arity = connection ? CONNECTION[connection] : STORE[name]?.arity;
  if (arity === undefined) return refused(unknownCommand(words));
  if (arity > 0 ? words.length !== arity : words.length < -arity) {
    return refused(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
  }
  if (connection) return { type: "connection", name: connection, words };
  try {
    return STORE[name]?.parse(words) ?? refused(unknownCommand(words));
  } catch (error) {
    if (error instanceof BadWord) return refused(error.message);
    throw error;
  }
}

/** A word as plain ASCII for names and options; other bytes become `?`, which no name has. */
export function ascii(word: Uint8Array | undefined): string {
  return Array.from(word?.subarray(0, 128) ?? [], (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "?")).join("");
}

function connectionCommand(name: string): ConnectionCommand | undefined {
  return Object.keys(CONNECTION).find((known): known is ConnectionCommand => known === name);
}

function unknownCommand(words: Words): string {
  const shown = words.slice(1, 4).map((word) => `'${ascii(word)}'`);
  return `ERR unknown command '${ascii(words[0])}', with args beginning with: ${shown.join(" ")}`;
}

function store(command: Command, reply: (result: Result) => Reply): Parsed {
  if ("keys" in command && command.keys.length > COMMAND_KEYS_MAX) return refused(`ERR at most ${COMMAND_KEYS_MAX} keys in one command`);
  return { type: "store", command, reply: (result) => (result.type === "error" ? failure(result.message) : reply(result)) };
}

function refused(reason: string): Parsed {
  return { type: "refused", reply: failure(reason) };
}

function parseSet([, key, value, ...options]: Words): Parsed {
  let when: SetCondition = "always";
  let returnOld = false;
  for (const option of options.map((word) => ascii(word).toUpperCase())) {
    if (option === "GET") returnOld = true;
    else if ((option === "NX" || option === "XX") && when === "always") when = option === "NX" ? "absent" : "present";
    else return refused("ERR syntax error: SET takes NX or XX, and GET; keys do not expire here");
  }
  return store({ op: "set", key: text(key), value: bytes(value), when, returnOld }, returnOld ? bulkOrNull : okOrNull);
}

/** Every step up or down is one kind of command in the log. */
function increment(key: Uint8Array | undefined, by: bigint): Parsed {
  return by > INT64_MAX ? refused("ERR decrement would overflow") : store({ op: "incr", key: text(key), by }, integer);
}

function parseMset([, ...words]: Words): Parsed {
  if (words.length % 2 !== 0) return refused("ERR wrong number of arguments for 'mset' command");
  if (words.length / 2 > COMMAND_KEYS_MAX) return refused(`ERR at most ${COMMAND_KEYS_MAX} keys in one command`);
  const entries = Array.from({ length: words.length / 2 }, (_, index) => [text(words[index * 2]), bytes(words[index * 2 + 1])] as const);
  return store({ op: "mset", entries }, okOrNull);
}

function text(word: Uint8Array | undefined): string {
  if (!word || word.length === 0 || word.length > KEY_BYTES_MAX) throw new BadWord(`ERR a key has 1 to ${KEY_BYTES_MAX} bytes, this one ${word?.length ?? 0}`);
  try {
    return decoder.decode(word);
  } catch {
    throw new BadWord("ERR a key is text in UTF-8; these bytes are not");
  }
}

function bytes(word: Uint8Array | undefined): Uint8Array {
  if (!word || word.length > VALUE_BYTES_MAX) throw new BadWord(`ERR a value has at most ${VALUE_BYTES_MAX} bytes`);
  return word;
}

function integer(result: Result): Reply {
  return result.type === "integer" ? { type: "integer", value: result.value } : NULL;
}

/** An amount as Redis reads it: decimal, no spaces, no leading zeros, within 64 bits. */
function int64(word: Uint8Array | undefined): bigint {
  const digits = ascii(word);
  const value = /^(0|-?[1-9]\d{0,18})$/.test(digits) ? BigInt(digits) : undefined;
  if (value === undefined || value > INT64_MAX || value < -INT64_MAX - 1n) throw new BadWord("ERR value is not an integer or out of range");
  return value;
}

function okOrNull(result: Result): Reply {
  return result.type === "ok" ? OK : NULL;
}

function bulkOrNull(result: Result): Reply {
  return result.type === "value" ? { type: "bulk", bytes: result.value } : NULL;
}

function bulks(result: Result): Reply {
  const values = result.type === "values" ? result.values : [];
  return { type: "array", items: values.map((value) => (value ? { type: "bulk", bytes: value } : NULL)) };
}
