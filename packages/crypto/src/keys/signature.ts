import type { KeyId } from "../brand.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { PublicKey } from "./public-key.ts";
import type { SecretKey } from "./secret-key.ts";

/** Makes signatures with one key. It borrows the key: once the key is destroyed, `sign` throws. */
export interface Signer<A extends SignatureAlgorithm = "ed25519"> {
  /** The signature scheme. */
  readonly algorithm: A;
  /** Name of the key, for logs. */
  readonly keyId: KeyId;
  /** The bytes that others verify with. Do not change them. */
  readonly publicKey: Uint8Array;
  /**
   * The signature of `bytes`: deterministic, the same on every path.
   *
   * @throws {@link SecretDestroyedError} once the key was destroyed.
   * @throws {@link InvalidOptionError} for anything but a Uint8Array.
   */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Checks signatures. Total: whatever is asked, bytes or not, the answer is a boolean. */
export interface Verifier<A extends SignatureAlgorithm = "ed25519"> {
  /**
   * Whether `signature` is one of `bytes` under `key`. A key as raw bytes is loaded anew at each call (0.8 ms of checks
   * for Ed25519) and answers `false` where loading it would throw: load a key that is used twice.
   */
  verify(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A> | Uint8Array): boolean;
}

/**
 * A signature scheme: signers of its keys, and the verifier. Two implementations of one scheme give equal bytes and
 * verdicts.
 */
export interface SignatureScheme<A extends SignatureAlgorithm = "ed25519"> extends Verifier<A> {
  /** Name of the scheme. */
  readonly algorithm: A;
  /** Length of its public keys in bytes. */
  readonly publicKeyBytes: number;
  /** Length of its signatures in bytes. */
  readonly signatureBytes: number;
  /**
   * A signer that borrows `key`.
   *
   * @throws {@link SecretDestroyedError} if the key was destroyed.
   */
  signer(key: SecretKey<A>): Signer<A>;
  /**
   * Takes a public key in, once, with all checks that it needs.
   *
   * @throws {@link InvalidPublicKeyError} for bytes that no honest key has.
   */
  loadPublicKey(bytes: Uint8Array): PublicKey<A>;
}
