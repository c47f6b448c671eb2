/**
 * Replies of the Redis serialization protocol, in both dialects: 2, and 3 that a client asks for by `HELLO 3`.
 */

/** Reply of a command. */
export type Reply =
  | { readonly type: "simple"; readonly text: string }
  | { readonly type: "error"; readonly text: string }
  | { readonly type: "integer"; readonly value: bigint }
  | { readonly type: "bulk"; readonly bytes: Uint8Array }
  | { readonly type: "null" }
  | { readonly type: "array"; readonly items: readonly Reply[] }
  | { readonly type: "map"; readonly entries: readonly (readonly [string, Reply])[] };

/** The dialects of the protocol. */
export type RespVersion = 2 | 3;

const encoder = new TextEncoder();

/** `+OK`. */
export const OK: Reply = { type: "simple", text: "OK" };
/** The absent value. */
export const NULL: Reply = { type: "null" };

/** A text as a bulk string. */
export function bulk(text: string): Reply {
  return { type: "bulk", bytes: encoder.encode(text) };
}

/** An error line: a code in capitals, then words. Line breaks would end the line, so they become spaces. */
export function failure(text: string): Reply {
  return { type: "error", text: text.replaceAll(/[\r\n]+/g, " ") };
}

/**
 * The bytes of a reply.
 *
 * @example
 * ```ts
 * import { encodeReply } from "@void-system/system";
 * new TextDecoder().decode(encodeReply({ type: "integer", value: 3n }, 3)); // => ":3\r\n"
 * ```
 */
export function encodeReply(reply: Reply, version: RespVersion): Uint8Array {
  const parts: Uint8Array[] = [];
  write(reply, version, parts);
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}

function write(reply: Reply, version: RespVersion, parts: Uint8Array[]): void {
  const line = (text: string): unknown => parts.push(encoder.encode(`${text}\r\n`));
  switch (reply.type) {
    case "simple":
      return void line(`+${reply.text}`);
    case "error":
      return void line(`-${reply.text}`);
    case "integer":
      return void line(`:${reply.value}`);
    case "null":
      return void line(version === 3 ? "_" : "$-1");
    case "bulk":
      line(`$${reply.bytes.length}`);
      parts.push(reply.bytes);
      return void line("");
    case "array":
      line(`*${reply.items.length}`);
      return reply.items.forEach((item) => write(item, version, parts));
    case "map":
      line(version === 3 ? `%${reply.entries.length}` : `*${reply.entries.length * 2}`);
      return reply.entries.forEach(([key, value]) => {
        write(bulk(key), version, parts);
        write(value, version, parts);
      });
  }
}
