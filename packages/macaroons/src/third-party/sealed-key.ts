/**
 * The verification-key id of a third party's caveat (`vId` in Birgisson et al. 2014, §V): the discharge's key, sealed
 * under the signature before the caveat. XSalsa20-Poly1305, the secretbox of NaCl, as every implementation does it.
 */
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { SEALED_KEY_BYTES } from "../format/v2-binary.ts";

/** Length of the nonce in front of sealed bytes. */
export const NONCE_BYTES = 24;

/** Returns the nonce and the sealed bytes, in one. The nonce must never have been used with this key. */
export function sealBytes(bytes: Uint8Array, key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const sealed = xsalsa20poly1305(key, nonce).encrypt(bytes);
  const whole = new Uint8Array(NONCE_BYTES + sealed.length);
  whole.set(nonce);
  whole.set(sealed, NONCE_BYTES);
  return whole;
}

/** Returns what {@link sealBytes} sealed under this key, or `undefined` if it did not. */
export function openBytes(sealed: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (sealed.length < NONCE_BYTES) return undefined;
  try {
    return xsalsa20poly1305(key, sealed.subarray(0, NONCE_BYTES)).decrypt(sealed.subarray(NONCE_BYTES));
  } catch {
    // The one reason for the cipher to throw here: the tag is wrong or missing.
    return undefined;
  }
}

/**
 * Opens the key of a discharge that a third party's caveat carries, or returns `undefined` if it was not sealed under
 * `tag`. Give it to the {@link CapabilityManager} that is to accept discharges: programs without third parties do not
 * load the cipher.
 *
 * @example
 * ```ts
 * import { CapabilityManager, MacaroonFactory, createStandardVerifier, openSealedKey } from "@void-system/macaroons";
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const manager = new CapabilityManager(factory, createStandardVerifier(), { openSealedKey });
 * ```
 */
export function openSealedKey(sealedKey: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
  return sealedKey.length === SEALED_KEY_BYTES ? openBytes(sealedKey, tag) : undefined;
}
