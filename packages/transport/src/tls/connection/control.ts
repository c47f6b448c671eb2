import { ByteReader, ByteWriter, decodeAll } from "@void-system/bytes";
import { type Hello, HELLO_BYTES_MAX, readHello, writeHello } from "./hello.ts";

/** Version of all that passes over a link. */
export const LINK_VERSION = 4;
/**
 * Protocol that both ends must name in the TLS handshake (ALPN, RFC 7301), so that the bytes of another protocol are
 * never taken for ours.
 */
export const ALPN = "void-link/4";
/** Longest control frame: a hello of this version, and as much again for fields of later ones. */
export const CONTROL_BYTES_MAX: number = 2 * HELLO_BYTES_MAX;
/** Longest reason that an application gives for refusing a link, in characters. */
export const REASON_LENGTH_MAX = 32;

const HELLO = 1;
const REFUSAL = 2;
const ALIVE = 3;
const CREDIT = 4;
/** Code of a refusal whose reason is the application's, and follows as text. */
const APPLICATION = 255;
const REASON = /^[a-z0-9][a-z0-9-]*$/;

/**
 * Reasons for which a link is refused, in the order of their codes, from 1: the other side speaks another version, belongs to
 * another cluster, has an id that is not the one pinned for its key, is linked already, has a key that is not listed, or is a
 * second process with the key of one that is linked.
 */
export const REFUSALS: readonly string[] = ["version", "cluster", "identity", "duplicate", "unknown-key", "twin"];

/** A control frame, decoded. */
export type Control =
  | { readonly type: "hello"; readonly hello: Hello }
  | { readonly type: "other-version"; readonly version: number }
  | { readonly type: "refusal"; readonly reason: string }
  | { readonly type: "alive" }
  | { readonly type: "credit"; readonly bytes: number };

/** Bytes of a sign of life. */
export const ALIVE_FRAME: Uint8Array = Uint8Array.of(ALIVE);

/** Returns true for a reason that an application may refuse a link with: short, and none of {@link REFUSALS}. */
export function isOwnReason(reason: unknown): boolean {
  return typeof reason === "string" && reason.length <= REASON_LENGTH_MAX && REASON.test(reason) && !REFUSALS.includes(reason);
}

/** Returns the bytes of a hello. */
export function encodeHello(hello: Hello): Uint8Array {
  const writer = new ByteWriter().u8(HELLO).u8(LINK_VERSION);
  writeHello(writer, hello);
  return writer.finish();
}

/** Returns the bytes that give credit back for frames that were handed over. */
export function encodeCredit(bytes: number): Uint8Array {
  return new ByteWriter(5).u8(CREDIT).u32(bytes).finish();
}

/** Returns the bytes of a refusal, for one of {@link REFUSALS} or a reason of the application. */
export function encodeRefusal(reason: string): Uint8Array {
  const code = REFUSALS.indexOf(reason) + 1;
  const writer = new ByteWriter().u8(REFUSAL);
  return code > 0 ? writer.u8(code).finish() : writer.u8(APPLICATION).ascii(reason).finish();
}

/** Decodes a control frame; undefined for one that breaks the format in any byte. */
export function decodeControl(bytes: Uint8Array): Control | undefined {
  const decoded = decodeAll(bytes, readControl);
  return decoded.ok ? decoded.value : undefined;
}

function readControl(reader: ByteReader): Control {
  const type = reader.u8();
  switch (type) {
    case HELLO: {
      const version = reader.u8();
      if (version === LINK_VERSION) return { type: "hello", hello: readHello(reader) };
      reader.restView(); // whatever another version says there
      return { type: "other-version", version };
    }
    case REFUSAL:
      return { type: "refusal", reason: readReason(reader) };
    case ALIVE:
      return { type: "alive" };
    case CREDIT: {
      const bytes = reader.u32();
      return bytes > 0 ? { type: "credit", bytes } : reader.fail("credit above 0", "0");
    }
    default:
      return reader.fail("a type of control frame", `${type}`, 0);
  }
}

function readReason(reader: ByteReader): string {
  const code = reader.u8();
  if (code !== APPLICATION) return REFUSALS[code - 1] ?? reader.fail("a code of a refusal", `${code}`);
  const reason = reader.ascii(REASON_LENGTH_MAX);
  return isOwnReason(reason) ? reason : reader.fail("a reason of the application", reason);
}
