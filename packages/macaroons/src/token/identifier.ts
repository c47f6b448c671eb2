/** The identifier of tokens minted here: version, key id, nonce, notes. See docs/format.md. */

import { ByteWriter, decodeAll } from "@void-system/bytes";
import { type MintingNotes, readNotes, writeNotes } from "./minting-notes.ts";

/** Length of the nonce that makes an identifier unique, in bytes. */
export const NONCE_BYTES = 16;
/** Longest key id, in characters. */
export const KEY_ID_LENGTH_MAX = 64;

const VERSION = 1;
/** With notes behind the nonce. */
const VERSION_WITH_NOTES = 2;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._:@-]*$/;

/** Returns true if a text may name a root key: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`, beginning with a letter or digit. */
export function isKeyId(text: string): boolean {
  return text.length <= KEY_ID_LENGTH_MAX && KEY_ID.test(text);
}

/** Returns the identifier of a new token. */
export function makeIdentifier(keyId: string, nonce: Uint8Array, notes: MintingNotes): Uint8Array {
  const hasNotes = notes.mintedAtMs !== undefined || notes.memo !== undefined;
  const writer = new ByteWriter(2 + keyId.length + nonce.length).u8(hasNotes ? VERSION_WITH_NOTES : VERSION).ascii(keyId).raw(nonce);
  return (hasNotes ? writeNotes(writer, notes) : writer).finish();
}

/** Content of an identifier made here. */
export interface IdentifierParts extends MintingNotes {
  /** Names the root key. */
  readonly keyId: string;
}

/** Returns the content of an identifier made here, or `undefined` for any other. */
export function readIdentifier(identifier: Uint8Array): IdentifierParts | undefined {
  const decoded = decodeAll(identifier, (reader) => {
    const version = reader.u8();
    if (version !== VERSION && version !== VERSION_WITH_NOTES) reader.fail(`version ${VERSION} or ${VERSION_WITH_NOTES}`, "another", 0);
    const keyId = reader.ascii(KEY_ID_LENGTH_MAX);
    reader.rawView(NONCE_BYTES);
    return version === VERSION ? { keyId } : { keyId, ...readNotes(reader) };
  });
  return decoded.ok && isKeyId(decoded.value.keyId) ? decoded.value : undefined;
}

/** Returns the key id of an identifier made here, or `undefined` for any other. */
export function keyIdOf(identifier: Uint8Array): string | undefined {
  return readIdentifier(identifier)?.keyId;
}
