/** The identifier of tokens minted here: version, key id, nonce. See docs/format.md. */

/** Length of the nonce that makes an identifier unique, in bytes. */
export const NONCE_BYTES = 16;
/** Longest key id, in characters. */
export const KEY_ID_LENGTH_MAX = 64;

const VERSION = 1;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/** Whether a text may name a root key: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or digit. */
export function isKeyId(text: string): boolean {
  return text.length <= KEY_ID_LENGTH_MAX && KEY_ID.test(text);
}

/** The identifier of a new token. */
export function makeIdentifier(keyId: string, nonce: Uint8Array): Uint8Array {
  const name = Array.from(keyId, (letter) => letter.charCodeAt(0));
  return Uint8Array.from([VERSION, name.length, ...name, ...nonce]);
}

/** The key id of an identifier made here, or `undefined` for any other. */
export function keyIdOf(identifier: Uint8Array): string | undefined {
  const [version, length = 0] = identifier;
  if (version !== VERSION || identifier.length !== 2 + length + NONCE_BYTES) return undefined;
  const keyId = String.fromCharCode(...identifier.subarray(2, 2 + length));
  return isKeyId(keyId) ? keyId : undefined;
}
