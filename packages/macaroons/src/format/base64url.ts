/** Base64url without padding (RFC 4648 §5), decoded strictly: each byte string has exactly one text. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** Stands for a letter that is not in the alphabet. Above every value. */
const NONE = 64;
const CODES: Uint8Array = /* @__PURE__ */ Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
/** Value of each ASCII code. */
const VALUES: Uint8Array = /* @__PURE__ */ Uint8Array.from({ length: 128 }, (_, code) =>
  CODES.includes(code) ? CODES.indexOf(code) : NONE,
);

const decoder = /* @__PURE__ */ new TextDecoder();

/** The text of bytes. */
export function encodeBase64url(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let bits = 0;
  let pending = 0;
  let at = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text[at++] = CODES[(pending >> (bits - 6)) & 63] ?? 0;
    pending &= 63;
  }
  if (bits > 0) text[at] = CODES[(pending << (6 - bits)) & 63] ?? 0;
  return decoder.decode(text);
}

/** The bytes of a text, or `undefined` for a letter out of the alphabet, padding, or bits that stand for nothing. */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let pending = 0;
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const value = VALUES[text.charCodeAt(index)] ?? NONE;
    if (value === NONE) return undefined;
    pending = (pending << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = pending >> bits;
    pending &= (1 << bits) - 1;
  }
  return pending === 0 ? bytes : undefined;
}
