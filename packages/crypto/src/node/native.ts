import type { KeyObject } from "node:crypto";
import { SecretDestroyedError } from "../errors.ts";
import type { Primitives } from "../primitives.ts";
import { keyIdOf, LoadedKey, PUBLIC_KEY_BYTES, type PublicKey, tryLoadPublicKey } from "../public-key.ts";
import type { SecretKey } from "../secret-key.ts";
import { hasNeutralR, SIGNATURE_BYTES, type Signer } from "../signature.ts";
import { type NodeCrypto, privateKeyObject } from "./der.ts";

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
        if (signature.length !== SIGNATURE_BYTES || hasNeutralR(signature)) return false;
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

/** A Buffer's bytes as the plain Uint8Array that all paths return. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
