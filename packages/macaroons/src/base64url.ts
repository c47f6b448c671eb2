/** Base64url without padding (RFC 4648 §5), decoded strictly: each byte string has exactly one text. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  [...ALPHABET].map((letter, value) => [letter, value]),
);

/** The text of bytes. */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let pending = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += ALPHABET.charAt((pending >> (bits - 6)) & 63);
    pending &= 63;
  }
  return bits > 0 ? text + ALPHABET.charAt((pending << (6 - bits)) & 63) : text;
}

/** The bytes of a text, or `undefined` for a letter out of the alphabet, padding, or bits that stand for nothing. */
export function decodeBase64url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let pending = 0;
  let at = 0;
  for (const letter of text) {
    const value = VALUES.get(letter);
    if (value === undefined) return undefined;
    pending = (pending << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = pending >> bits;
    at += 1;
    pending &= (1 << bits) - 1;
  }
  return pending === 0 ? bytes : undefined;
}
