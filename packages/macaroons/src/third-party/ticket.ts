/**
 * Ticket: the id of a third party's caveat that carries the discharge's key and the condition, sealed for the third
 * party. So the third party needs no database that it shares with the issuer. See docs/format.md.
 */
import { ByteWriter, decodeAll } from "@void-system/bytes";
import { hmacSha256 } from "@void-system/crypto";
import { NONCE_BYTES, openBytes, sealBytes } from "./sealed-key.ts";

/** Length of the root key of a discharge, in bytes. */
export const CAVEAT_KEY_BYTES = 32;

const VERSION = 1;
const LABEL = /* @__PURE__ */ new TextEncoder().encode("void-macaroons-ticket-1");

/** Contents of a ticket. */
export interface Ticket {
  /** Root key of the discharge. */
  readonly caveatKey: Uint8Array;
  /** Condition for the third party to check. */
  readonly condition: string;
}

/** Returns the key that seals tickets. The shared key may serve other purposes besides. */
export function ticketKey(sharedKey: Uint8Array): Uint8Array {
  return hmacSha256(sharedKey, LABEL);
}

/** Returns the id of a caveat. The nonce must never have been used with this key. */
export function sealTicket({ caveatKey, condition }: Ticket, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const content = new ByteWriter().raw(caveatKey).raw(new TextEncoder().encode(condition)).finish();
  const sealed = sealBytes(content, key, nonce);
  return new ByteWriter(1 + sealed.length).u8(VERSION).raw(sealed).finish();
}

/** Returns the contents of a ticket sealed under this key, or `undefined` for any other id. */
export function openTicket(id: Uint8Array, key: Uint8Array): Ticket | undefined {
  const content = id[0] === VERSION && id.length > NONCE_BYTES ? openBytes(id.subarray(1), key) : undefined;
  if (content === undefined) return undefined;
  const decoded = decodeAll(content, (reader) => ({
    caveatKey: reader.raw(CAVEAT_KEY_BYTES),
    condition: reader.utf8(reader.remaining),
  }));
  return decoded.ok ? decoded.value : undefined;
}
