import { concatBytes } from "@noble/hashes/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { requireKey } from "../arguments.ts";
import { isBytes, requireBytes, typeNameOf } from "../bytes.ts";
import { ed25519 } from "../ed25519/ed25519.ts";
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import { InvalidPublicKeyError } from "../errors.ts";
import { ML_DSA_65_PUBLIC_KEY_BYTES, ML_DSA_65_SIGNATURE_BYTES, publicKeyOfSeed, signWithSeed } from "./ml-dsa.ts";
import { keyIdOf, loadedKey, loadOrRefuse, type PublicKey } from "../keys/public-key.ts";
import { importKey, type SecretKey } from "../keys/secret-key.ts";
import type { SignatureScheme, Signer } from "../keys/signature.ts";

/** Length of a hybrid public key in bytes: ML-DSA-65, then Ed25519. */
export const HYBRID_PUBLIC_KEY_BYTES: number = ML_DSA_65_PUBLIC_KEY_BYTES + PUBLIC_KEY_BYTES;
/** Length of a hybrid signature in bytes: ML-DSA-65, then Ed25519. */
export const HYBRID_SIGNATURE_BYTES: number = ML_DSA_65_SIGNATURE_BYTES + SIGNATURE_BYTES;

/** Length of the ML-DSA half of a secret key. The Ed25519 half follows. */
const SEED_BYTES = 32;
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const PREFIX: Uint8Array = /* @__PURE__ */ ascii("CompositeAlgorithmSignatures2025");
const LABEL: Uint8Array = /* @__PURE__ */ ascii("COMPSIG-MLDSA65-Ed25519-SHA512");

interface Halves {
  readonly mlDsa: Uint8Array;
  readonly ed25519: PublicKey;
}

const loaded: WeakMap<PublicKey<"ml-dsa-65+ed25519">, Halves> = new WeakMap();

/**
 * ML-DSA-65 and Ed25519 at once: a signature is secure while either scheme is. Both halves must verify, over a message
 * that names the combination, so that neither half passes as its own scheme's signature of the same message. The scheme
 * is id-MLDSA65-Ed25519-SHA512 of draft-ietf-lamps-pq-composite-sigs, with an empty context. Never use a half of a key
 * by itself: the Ed25519 half of a signature is an Ed25519 signature of the message that names the combination.
 *
 * @example
 * ```ts
 * import { generateKey } from "@void-system/crypto";
 * import { hybridSignature } from "@void-system/crypto/post-quantum";
 *
 * using key = generateKey("ml-dsa-65+ed25519");
 * const signer = hybridSignature.signer(key);
 * const statement = new TextEncoder().encode("these are the members of the cluster");
 * const signature = signer.sign(statement);
 * const theirs = hybridSignature.loadPublicKey(signer.publicKey);
 * hybridSignature.verify(statement, signature, theirs); // => true
 * hybridSignature.verify(statement, signature.fill(0, 3_309), theirs); // => false
 * ```
 */
export const hybridSignature: SignatureScheme<"ml-dsa-65+ed25519"> = {
  algorithm: "ml-dsa-65+ed25519",
  publicKeyBytes: HYBRID_PUBLIC_KEY_BYTES,
  signatureBytes: HYBRID_SIGNATURE_BYTES,
  signer,
  loadPublicKey,
  verify(bytes, signature, key) {
    if (!isBytes(bytes) || !isBytes(signature) || signature.length !== HYBRID_SIGNATURE_BYTES) return false;
    const own = key instanceof Uint8Array ? loadOrRefuse(loadPublicKey, key) : key;
    const halves = own ? loaded.get(own) : undefined;
    if (halves === undefined) return false;
    const message = representative(bytes);
    return (
      ed25519.verify(message, signature.subarray(ML_DSA_65_SIGNATURE_BYTES), halves.ed25519) && // the cheap half first
      ml_dsa65.verify(signature.subarray(0, ML_DSA_65_SIGNATURE_BYTES), message, halves.mlDsa, { context: LABEL })
    );
  },
};

function signer(key: SecretKey<"ml-dsa-65+ed25519">): Signer<"ml-dsa-65+ed25519"> {
  requireKey(key, "ml-dsa-65+ed25519");
  const publicKey = key.use((seeds) =>
    concatBytes(
      publicKeyOfSeed(seeds.subarray(0, SEED_BYTES)),
      withEd25519(seeds, (half) => half.publicKey)
    )
  );
  return {
    algorithm: "ml-dsa-65+ed25519",
    keyId: keyIdOf(publicKey),
    publicKey,
    sign(bytes) {
      requireBytes("the message", bytes);
      const message = representative(bytes);
      return key.use((seeds) =>
        concatBytes(
          signWithSeed(seeds.subarray(0, SEED_BYTES), message, LABEL),
          withEd25519(seeds, (half) => half.sign(message))
        )
      );
    },
  };
}

/** Lends a signer of the Ed25519 half, and zeroes its copy of the seed. */
function withEd25519<R>(seeds: Uint8Array, borrow: (half: Signer) => R): R {
  const key = importKey("ed25519", seeds.subarray(SEED_BYTES));
  try {
    return borrow(ed25519.signer(key));
  } finally {
    key.destroy();
  }
}

function loadPublicKey(bytes: Uint8Array): PublicKey<"ml-dsa-65+ed25519"> {
  if (!isBytes(bytes) || bytes.length !== HYBRID_PUBLIC_KEY_BYTES) {
    throw new InvalidPublicKeyError(
      `${HYBRID_PUBLIC_KEY_BYTES} bytes of a hybrid public key`,
      isBytes(bytes) ? `${bytes.length} bytes` : typeNameOf(bytes)
    );
  }
  const own = new Uint8Array(bytes);
  const halves = {
    mlDsa: own.subarray(0, ML_DSA_65_PUBLIC_KEY_BYTES),
    ed25519: ed25519.loadPublicKey(own.subarray(ML_DSA_65_PUBLIC_KEY_BYTES)),
  };
  const key = loadedKey("ml-dsa-65+ed25519", own);
  loaded.set(key, halves);
  return key;
}

/** Returns true if this scheme has loaded `key`. */
export function isLoadedHybrid(key: PublicKey<"ml-dsa-65+ed25519">): boolean {
  return loaded.has(key);
}

/**
 * Builds M' of the draft, §2, which both halves sign: prefix, label, length of the (empty) context, digest of the
 * message.
 */
function representative(bytes: Uint8Array): Uint8Array {
  return concatBytes(PREFIX, LABEL, Uint8Array.of(0), sha512(bytes));
}
