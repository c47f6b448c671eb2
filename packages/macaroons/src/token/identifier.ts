/** The identifier of tokens minted here: version, key id, nonce. See docs/format.md. */

import { ByteWriter, decodeAll } from "@void-system/bytes";

/** Length of the nonce that makes an identifier unique, in bytes. */
export const NONCE_BYTES = 16;
/** Longest key id, in characters. */
export const KEY_ID_LENGTH_MAX = 64;

const VERSION = 1;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/** Returns true if a text may name a root key: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or digit. */
export function isKeyId(text: string): boolean {
  return text.length <= KEY_ID_LENGTH_MAX && KEY_ID.test(text);
}

/** Returns the identifier of a new token. */
export function makeIdentifier(keyId: string, nonce: Uint8Array): Uint8Array {
  return new ByteWriter(2 + keyId.length + nonce.length).u8(VERSION).ascii(keyId).raw(nonce).finish();
}

/** Returns the key id of an identifier made here, or `undefined` for any other. */
export function keyIdOf(identifier: Uint8Array): string | undefined {
  const decoded = decodeAll(identifier, (reader) => {
    if (reader.u8() !== VERSION) reader.fail(`version ${VERSION}`, "another", 0);
    const keyId = reader.ascii(KEY_ID_LENGTH_MAX);
    reader.rawView(NONCE_BYTES);
    return keyId;
  });
  return decoded.ok && isKeyId(decoded.value) ? decoded.value : undefined;
}
