import type { KeyObject } from "node:crypto";
import { SecretDestroyedError } from "../errors.ts";
import type { Primitives } from "../primitives.ts";
import { keyIdOf, LoadedKey, PUBLIC_KEY_BYTES, type PublicKey, tryLoadPublicKey } from "../public-key.ts";
import type { SecretKey } from "../secret-key.ts";
import { SIGNATURE_BYTES, type Signer } from "../signature.ts";

/** What this file asks of node:crypto; handed in, so that no portable file imports it. */
export type NodeCrypto = typeof import("node:crypto");

/** DER of a PKCS#8 Ed25519 key up to its seed (RFC 8410 §7). */
export const PKCS8_PREFIX: Uint8Array = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
/** DER of an Ed25519 public key (SPKI) up to its bytes (RFC 8410 §4). */
export const SPKI_PREFIX: Uint8Array = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0);

/** The fast path, on OpenSSL. */
export function native(crypto: NodeCrypto): Primitives {
  const publicKeys = new WeakMap<PublicKey, KeyObject>();

  function publicKeyObject(key: PublicKey): KeyObject {
    const known = publicKeys.get(key);
    if (known !== undefined) return known;
    const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key.toBytes()).toString("base64url") };
    const made = crypto.createPublicKey({ key: jwk, format: "jwk" }); // 9 times as fast as from DER
    publicKeys.set(key, made);
    return made;
  }

  return {
    ed25519: {
      algorithm: "ed25519",
      signer: (key) => signer(crypto, key),
      verify(bytes, signature, key) {
        if (signature.length !== SIGNATURE_BYTES) return false;
        const loaded = key instanceof Uint8Array ? tryLoadPublicKey(key) : key;
        if (loaded === undefined || LoadedKey.pointOf(loaded) === undefined) return false;
        return crypto.verify(null, bytes, publicKeyObject(loaded), signature);
      },
    },
    digest: (bytes) => plain(crypto.hash("sha256", bytes, "buffer")),
    hmacSha256: (key, bytes) => plain(crypto.createHmac("sha256", key).update(bytes).digest()),
  };
}

function signer(crypto: NodeCrypto, key: SecretKey<"ed25519">): Signer {
  const secret = privateKeyObject(crypto, key);
  const spki = crypto.createPublicKey(secret).export({ type: "spki", format: "der" });
  const publicKey = Uint8Array.from(spki.subarray(-PUBLIC_KEY_BYTES));
  return {
    algorithm: "ed25519",
    keyId: keyIdOf(publicKey),
    publicKey,
    sign(bytes) {
      if (key.destroyed) throw new SecretDestroyedError(key.algorithm);
      return plain(crypto.sign(null, bytes, secret));
    },
  };
}

/** The key as OpenSSL holds it; the DER in between is zeroed. */
export function privateKeyObject(crypto: NodeCrypto, key: SecretKey<"ed25519">): KeyObject {
  const der = key.use((seed) => Buffer.concat([PKCS8_PREFIX, seed]));
  try {
    return crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } finally {
    der.fill(0);
  }
}

/** A Buffer's bytes as the plain Uint8Array that all paths return. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
