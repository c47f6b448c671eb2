import { type Decoded, fromHex } from "@void-system/bytes";
import { MacaroonFormatError, OptionError } from "../errors.ts";
import { refuseUnknown, shown } from "../options.ts";
import { type DecodedMacaroon, Macaroon } from "../token/macaroon.ts";
import { decodeBase64 } from "./base64.ts";
import { encodeBase64url } from "./base64url.ts";
import { MACAROON_V1_BYTES_MAX, decodeV1, encodeV1 } from "./v1-binary.ts";
import { MACAROON_BYTES_MAX, type MacaroonParts, decodeMacaroon, encodeMacaroon, encodedLength, readLeniently } from "./v2-binary.ts";
import { MACAROON_JSON_CHARACTERS_MAX, decodeV2Json, encodeV2Json } from "./v2-json.ts";

/** Options of {@link parseToken}. */
export interface ParseOptions {
  /**
   * Takes forms that other implementations take: white space around the text, capitals in hexadecimal, lengths with more
   * bytes than they need, bytes behind the signature. @defaultValue false
   */
  readonly lenient?: boolean;
}

/** Forms in which tokens are written. */
export type TokenFormat = "v1" | "v2" | "v2-json";

const JSON_START = "{".charCodeAt(0);
/** First byte of a version 2 macaroon. A version 1 macaroon begins with a digit. */
const V2_START = 2;
const HEX = /^(?:[0-9a-f]{2})+$/u;

/**
 * Reads a token of any implementation: version 1 or 2 as bytes, base64, base64url or hexadecimal, and version 2 JSON.
 * Hand the macaroon to a {@link CapabilityManager}. It checks the form only.
 *
 * @throws {@link OptionError} for an unknown option; never because of the token.
 * @example
 * ```ts
 * import { Macaroon, formatToken, parseToken } from "@void-system/macaroons";
 * const token = Macaroon.mint(new Uint8Array(32).fill(7), new TextEncoder().encode("keyid")).addCaveat("once");
 * const parsed = parseToken(formatToken(token, "v2-json"));
 * parsed.ok && parsed.macaroon.encode() === token.encode(); // => true
 * ```
 */
export function parseToken(token: string | Uint8Array, options: ParseOptions = {}): DecodedMacaroon {
  refuseUnknown("parseToken", options, ["lenient"]);
  const lenient = options.lenient === true;
  const decoded = typeof token === "string" ? decodeText(lenient ? token.trim() : token, lenient) : decodeBytes(token, lenient);
  if (!decoded.ok) return decoded;
  // Other forms are longer: so the limit that holds for every macaroon is checked on the form that all share.
  if (encodedLength(decoded.value) > MACAROON_BYTES_MAX) return { ok: false, reason: `more than ${MACAROON_BYTES_MAX} bytes` };
  return Macaroon.tryDecodeBytes(encodeMacaroon(decoded.value));
}

/**
 * Returns a token as text for other implementations: base64url of version 1 or 2, or version 2 JSON. Each is canonical:
 * equal tokens give equal texts. Keep it as you would a password.
 *
 * @throws {@link OptionError} for an unknown format.
 * @example
 * ```ts
 * import { Macaroon, formatToken } from "@void-system/macaroons";
 * const token = Macaroon.mint(new Uint8Array(32).fill(7), new TextEncoder().encode("keyid"));
 * formatToken(token, "v1").slice(0, 24); // => "MDAwZWxvY2F0aW9uIAowMDE1"
 * ```
 */
export function formatToken(token: Macaroon, format: TokenFormat): string {
  const write = Object.hasOwn(WRITERS, format) ? WRITERS[format] : undefined;
  if (write === undefined) throw new OptionError("formatToken", `a format out of ${Object.keys(WRITERS).join(", ")}`, JSON.stringify(format) ?? shown(format));
  return write(token);
}

const WRITERS = {
  v1: (token) => encodeBase64url(encodeV1(partsOf(token))),
  v2: (token) => token.encode(),
  "v2-json": (token) => encodeV2Json(partsOf(token)),
} as const satisfies Record<TokenFormat, (token: Macaroon) => string>;

function partsOf(token: Macaroon): MacaroonParts {
  const decoded = decodeMacaroon(token.toBytes());
  if (decoded.ok) return decoded.value;
  // Not reached: a macaroon writes what is read.
  throw new MacaroonFormatError(decoded.reason);
}

function decodeText(text: string, lenient: boolean): Decoded<MacaroonParts> {
  if (text.length > MACAROON_JSON_CHARACTERS_MAX) return { ok: false, reason: `more than ${MACAROON_JSON_CHARACTERS_MAX} characters` };
  if (text.startsWith("{")) return decodeV2Json(text);
  // No macaroon in base64 is hexadecimal too: its first letters are "Ag" or "MD".
  const hex = lenient && /^[0-9a-f]*$/iu.test(text) ? text.toLowerCase() : text;
  const bytes = HEX.test(hex) ? fromHex(hex) : decodeBase64(text);
  return bytes === undefined ? { ok: false, reason: "a text that is neither base64 nor hexadecimal" } : decodeBytes(bytes, lenient);
}

function decodeBytes(bytes: unknown, lenient: boolean): Decoded<MacaroonParts> {
  if (!(bytes instanceof Uint8Array)) return { ok: false, reason: `${shown(bytes)} in place of a token` };
  if (bytes.length > MACAROON_V1_BYTES_MAX) return { ok: false, reason: `more than ${MACAROON_V1_BYTES_MAX} bytes` };
  if (bytes[0] === V2_START) return decodeMacaroon(bytes, lenient ? readLeniently : undefined);
  return bytes[0] === JSON_START ? decodeJsonBytes(bytes) : decodeV1(bytes, lenient);
}

function decodeJsonBytes(bytes: Uint8Array): Decoded<MacaroonParts> {
  try {
    return decodeV2Json(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return { ok: false, reason: "bytes that are not UTF-8" };
  }
}
