import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { requireKey } from "../arguments.ts";
import { isBytes, requireBytes, typeNameOf } from "../bytes.ts";
import { InvalidPublicKeyError } from "../errors.ts";
import { keyIdOf, loadedKey, loadOrRefuse, type PublicKey } from "../keys/public-key.ts";
import type { SecretKey } from "../keys/secret-key.ts";
import type { SignatureScheme, Signer } from "../keys/signature.ts";

/** Length of an ML-DSA-65 public key in bytes (FIPS 204, table 2). */
export const ML_DSA_65_PUBLIC_KEY_BYTES = 1_952;
/** Length of an ML-DSA-65 signature in bytes (FIPS 204, table 2). */
export const ML_DSA_65_SIGNATURE_BYTES = 3_309;

const loaded: WeakMap<PublicKey<"ml-dsa-65">, Uint8Array> = new WeakMap();

/**
 * ML-DSA-65 (FIPS 204, pure, empty context), the deterministic variant, by noble on every platform. No quantum computer
 * is known to break it. A key is the seed of 32 bytes (ξ). The expanded key is zeroed after each signature.
 *
 * @example
 * ```ts
 * import { generateKey } from "@void-system/crypto";
 * import { mlDsa65 } from "@void-system/crypto/post-quantum";
 *
 * using key = generateKey("ml-dsa-65");
 * const signer = mlDsa65.signer(key);
 * const statement = new TextEncoder().encode("epoch 12 begins");
 * mlDsa65.verify(statement, signer.sign(statement), mlDsa65.loadPublicKey(signer.publicKey)); // => true
 * ```
 */
export const mlDsa65: SignatureScheme<"ml-dsa-65"> = {
  algorithm: "ml-dsa-65",
  publicKeyBytes: ML_DSA_65_PUBLIC_KEY_BYTES,
  signatureBytes: ML_DSA_65_SIGNATURE_BYTES,
  signer,
  loadPublicKey,
  verify(bytes, signature, key) {
    if (!isBytes(bytes) || !isBytes(signature) || signature.length !== ML_DSA_65_SIGNATURE_BYTES) return false;
    const own = key instanceof Uint8Array ? loadOrRefuse(loadPublicKey, key) : key;
    const publicKey = own ? loaded.get(own) : undefined;
    return publicKey !== undefined && ml_dsa65.verify(signature, bytes, publicKey);
  },
};

function signer(key: SecretKey<"ml-dsa-65">): Signer<"ml-dsa-65"> {
  requireKey(key, "ml-dsa-65");
  const publicKey = key.use(publicKeyOfSeed);
  return {
    algorithm: "ml-dsa-65",
    keyId: keyIdOf(publicKey),
    publicKey,
    sign(bytes) {
      requireBytes("the message", bytes);
      return key.use((seed) => signWithSeed(seed, bytes));
    },
  };
}

/** Accepts any bytes of the right length, because every value encodes a key (FIPS 204 §7.2). */
function loadPublicKey(bytes: Uint8Array): PublicKey<"ml-dsa-65"> {
  if (!isBytes(bytes) || bytes.length !== ML_DSA_65_PUBLIC_KEY_BYTES) {
    throw new InvalidPublicKeyError(
      `${ML_DSA_65_PUBLIC_KEY_BYTES} bytes of an ML-DSA-65 public key`,
      isBytes(bytes) ? `${bytes.length} bytes` : typeNameOf(bytes)
    );
  }
  const own = new Uint8Array(bytes);
  const key = loadedKey("ml-dsa-65", own);
  loaded.set(key, own);
  return key;
}

/** Returns true if this scheme has loaded `key`. */
export function isLoadedMlDsa(key: PublicKey<"ml-dsa-65">): boolean {
  return loaded.has(key);
}

/** Derives the public half of a key: ML-DSA.KeyGen_internal (FIPS 204 §6.1). */
export function publicKeyOfSeed(seed: Uint8Array): Uint8Array {
  const { publicKey, secretKey } = ml_dsa65.keygen(seed);
  secretKey.fill(0);
  return publicKey;
}

/** Signs with ML-DSA.Sign and rnd = 0 (FIPS 204 §5.2, the deterministic variant). */
export function signWithSeed(seed: Uint8Array, bytes: Uint8Array, context: Uint8Array = new Uint8Array()): Uint8Array {
  const { secretKey } = ml_dsa65.keygen(seed);
  try {
    return ml_dsa65.sign(bytes, secretKey, { extraEntropy: false, context });
  } finally {
    secretKey.fill(0);
  }
}
