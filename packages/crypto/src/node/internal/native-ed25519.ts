import type { KeyObject } from "node:crypto";
import { isBytes, requireBytes } from "../../bytes.ts";
import { hasNeutralR, SIGNATURE_BYTES } from "../../ed25519/equation.ts";
import { loadPublicKey, pointOf } from "../../ed25519/load-public-key.ts";
import { PUBLIC_KEY_BYTES } from "../../ed25519/point.ts";
import { SecretDestroyedError } from "../../errors.ts";
import type { FreshKey } from "../../ed25519/internal/single-use.ts";
import { keyIdOf, loadOrRefuse, type PublicKey } from "../../keys/public-key.ts";
import type { SecretKey } from "../../keys/secret-key.ts";
import type { SignatureScheme, Signer } from "../../keys/signature.ts";
import type { VerifyUnder } from "../../ed25519/internal/single-use.ts";
import type { NodeCrypto } from "../../internal/builtin-crypto.ts";
import { privateKeyObject } from "../der.ts";
import { plain } from "./native-hash.ts";

/** Ed25519 on OpenSSL. */
export function nativeEd25519(crypto: NodeCrypto): SignatureScheme {
  const publicKeys = new WeakMap<PublicKey, KeyObject>();

  /** Returns undefined for an object that only looks like a loaded key. */
  function keyObjectOf(key: PublicKey): KeyObject | undefined {
    const known = publicKeys.get(key);
    if (known !== undefined) return known;
    if (pointOf(key) === undefined) return undefined;
    const made = publicKeyObject(crypto, key.toBytes());
    publicKeys.set(key, made);
    return made;
  }

  return {
    algorithm: "ed25519",
    publicKeyBytes: PUBLIC_KEY_BYTES,
    signatureBytes: SIGNATURE_BYTES,
    signer: (key) => signer(crypto, key),
    loadPublicKey,
    verify(bytes, signature, key) {
      if (!isVerifiable(bytes, signature)) return false;
      const loaded = key instanceof Uint8Array ? loadOrRefuse(loadPublicKey, key) : key;
      const object = loaded ? keyObjectOf(loaded) : undefined;
      return object !== undefined && crypto.verify(null, bytes, object, signature);
    },
  };
}

/** Fast form of the portable path's `verifierUnder`, with the same contract. */
export function nativeVerifierUnder(crypto: NodeCrypto): (publicKey: Uint8Array) => VerifyUnder {
  return (publicKey) => {
    const object = publicKeyObject(crypto, publicKey);
    return (bytes, signature) => isVerifiable(bytes, signature) && crypto.verify(null, bytes, object, signature);
  };
}

/**
 * Returns true for arguments that may go to OpenSSL. (node:crypto would accept text as bytes, which the portable path
 * does not.)
 */
function isVerifiable(bytes: Uint8Array, signature: Uint8Array): boolean {
  return isBytes(bytes) && isBytes(signature) && signature.length === SIGNATURE_BYTES && !hasNeutralR(signature);
}

/**
 * Imports a key as JWK, 9 times as fast as from DER. OpenSSL decodes the point only when it verifies, so nothing throws
 * here.
 */
function publicKeyObject(crypto: NodeCrypto, bytes: Uint8Array): KeyObject {
  return crypto.createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: base64url(bytes) }, format: "jwk" });
}

function base64url({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString("base64url");
}

function signer(crypto: NodeCrypto, key: SecretKey<"ed25519">): Signer {
  const secret = privateKeyObject(crypto, key);
  const publicKey = publicBytesOf(crypto.createPublicKey(secret));
  return { algorithm: "ed25519", keyId: keyIdOf(publicKey), publicKey, sign: signWith(crypto, key, secret) };
}

/**
 * Prepares a key that signs once or twice. It goes through JWK, which takes a tenth of the time of DER, and the seed
 * passes through short-lived strings. The public half is read from the secret's own JWK: a key object for it is not
 * needed and would cost a few per cent, mostly when it is collected.
 *
 * It does not use `generateKeyPairSync`: on Node 20, exporting such a key can deadlock on a lock that the export itself
 * holds, if a garbage collection runs during it.
 */
export function nativeFreshKey(crypto: NodeCrypto, key: SecretKey<"ed25519">): FreshKey {
  const secret = key.use((seed) => privateFromJwk(crypto, seed)) ?? privateKeyObject(crypto, key);
  return { key, publicKey: publicBytesOf(secret), sign: signWith(crypto, key, secret) };
}

/** Placeholder for a public half that is not known yet. */
const ANY_X = "A".repeat(43);

/** Returns undefined if the runtime insists on the public half, which is not known yet. */
function privateFromJwk(crypto: NodeCrypto, seed: Uint8Array): KeyObject | undefined {
  try {
    const jwk = { kty: "OKP", crv: "Ed25519", d: base64url(seed), x: ANY_X };
    return crypto.createPrivateKey({ key: jwk, format: "jwk" });
  } catch {
    return undefined;
  }
}

function signWith(crypto: NodeCrypto, key: SecretKey<"ed25519">, secret: KeyObject): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    requireBytes("the message", bytes);
    if (key.destroyed) throw new SecretDestroyedError(key.algorithm);
    return plain(crypto.sign(null, bytes, secret));
  };
}

/** Returns the public bytes of either half of a key. Exporting as JWK is 20 times as fast as DER. */
function publicBytesOf(key: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url"));
}
