import { bytesToHex } from "@noble/hashes/utils.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { brandKeyId, type KeyId } from "../brand.ts";
import { InvalidPublicKeyError } from "../errors.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";

/** Bytes of a key's hash in its id. With 128 bits, finding two keys with one id takes about 2^64 tries. */
const KEY_ID_BYTES = 16;

/**
 * A public key that was checked when it was loaded. {@link SignatureScheme.loadPublicKey} is the only way to get one.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
 *
 * const signer = ed25519.signer(generateKey("ed25519"));
 * const key = loadPublicKey(signer.publicKey);
 * key.keyId === signer.keyId; // => true
 * ```
 */
export interface PublicKey<A extends SignatureAlgorithm = "ed25519"> {
  /** Signature scheme of the key. */
  readonly algorithm: A;
  /** Id of the key, for logs. */
  readonly keyId: KeyId;
  /** Returns a copy of the key's bytes. */
  toBytes(): Uint8Array;
}

class LoadedKey<A extends SignatureAlgorithm> implements PublicKey<A> {
  readonly algorithm: A;
  readonly keyId: KeyId;
  readonly #bytes: Uint8Array;

  constructor(algorithm: A, bytes: Uint8Array) {
    this.algorithm = algorithm;
    this.keyId = keyIdOf(bytes);
    this.#bytes = bytes;
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice();
  }
}

/**
 * Makes a key that its scheme has checked, and takes ownership of `bytes`. The scheme keeps it in a WeakMap beside the
 * parsed key, so that an object that only looks like a key verifies nothing.
 */
export function loadedKey<A extends SignatureAlgorithm>(algorithm: A, bytes: Uint8Array): PublicKey<A> {
  return new LoadedKey(algorithm, bytes);
}

/** Loads a key for a verifier, or returns undefined if its scheme refuses the key. */
export function loadOrRefuse<K>(load: (bytes: Uint8Array) => K, bytes: Uint8Array): K | undefined {
  try {
    return load(bytes);
  } catch (error) {
    if (error instanceof InvalidPublicKeyError) return undefined;
    throw error;
  }
}

/** Returns the id of a public key. */
export function keyIdOf(publicKey: Uint8Array): KeyId {
  return brandKeyId(bytesToHex(sha256(publicKey).subarray(0, KEY_ID_BYTES)));
}
