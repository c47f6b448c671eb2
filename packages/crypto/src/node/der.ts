import type { KeyObject } from "node:crypto";
import { requireKey } from "../arguments.ts";
import { requireBytes } from "../bytes.ts";
import { loadPublicKey } from "../ed25519/load-public-key.ts";
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import type { NodeCrypto } from "../internal/builtin-crypto.ts";
import type { SecretKey } from "../keys/secret-key.ts";

/** DER of a PKCS#8 Ed25519 key up to its seed (RFC 8410 §7). */
export const PKCS8_PREFIX: Uint8Array = Uint8Array.of(
  0x30,
  0x2e,
  2,
  1,
  0,
  0x30,
  5,
  6,
  3,
  0x2b,
  0x65,
  0x70,
  4,
  0x22,
  4,
  0x20
);
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0);

/** Returns the key as OpenSSL holds it. The intermediate DER is zeroed. */
export function privateKeyObject(crypto: NodeCrypto, key: SecretKey<"ed25519">): KeyObject {
  requireKey(key, "ed25519");
  const der = key.use((seed) => Buffer.concat([PKCS8_PREFIX, seed]));
  try {
    return crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } finally {
    der.fill(0);
  }
}

/**
 * Returns an Ed25519 public key as DER (SubjectPublicKeyInfo, RFC 8410 §4), the 44 bytes that certificates and TLS
 * show.
 *
 * @throws InvalidPublicKeyError if the key is not one that loadPublicKey accepts.
 * @example
 * ```ts
 * import { generateKey } from "@void-system/crypto";
 * import { ed25519, publicKeyFromSpki, spkiOf } from "@void-system/crypto/node";
 *
 * const { publicKey } = ed25519.signer(generateKey("ed25519"));
 * const spki = spkiOf(publicKey);
 * spki.length; // => 44
 * publicKeyFromSpki(spki); // => publicKey
 * ```
 */
export function spkiOf(publicKey: Uint8Array): Uint8Array {
  return Uint8Array.from([...SPKI_PREFIX, ...loadPublicKey(publicKey).toBytes()]);
}

/**
 * Returns the 32 bytes of an Ed25519 public key in DER, or undefined for any other DER.
 *
 * @throws InvalidOptionError for anything but bytes, such as PEM.
 */
export function publicKeyFromSpki(spki: Uint8Array): Uint8Array | undefined {
  requireBytes("a public key in DER", spki);
  if (spki.length !== SPKI_PREFIX.length + PUBLIC_KEY_BYTES) return undefined;
  if (!SPKI_PREFIX.every((byte, index) => spki[index] === byte)) return undefined;
  return Uint8Array.from(spki.subarray(SPKI_PREFIX.length));
}
