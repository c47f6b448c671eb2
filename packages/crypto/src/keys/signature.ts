import type { KeyId } from "../brand.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { PublicKey } from "./public-key.ts";
import type { SecretKey } from "./secret-key.ts";

/** Makes signatures with one key. It borrows the key: once the key is destroyed, `sign` throws. */
export interface Signer<A extends SignatureAlgorithm = "ed25519"> {
  /** The signature scheme. */
  readonly algorithm: A;
  /** Id of the key, for logs. */
  readonly keyId: KeyId;
  /** Bytes of the public key. Do not change them. */
  readonly publicKey: Uint8Array;
  /**
   * Signs `bytes`. The signature is deterministic, and the same on every path.
   *
   * @throws {@link SecretDestroyedError} once the key is destroyed.
   * @throws {@link InvalidOptionError} for anything but a Uint8Array.
   */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Checks signatures. Total: for any arguments, bytes or not, the result is a boolean. */
export interface Verifier<A extends SignatureAlgorithm = "ed25519"> {
  /**
   * Returns true if `signature` is a signature of `bytes` under `key`. A key given as raw bytes is loaded again at each
   * call (0.8 ms of checks for Ed25519), and gives `false` if loading it would throw. Load a key that is used more than
   * once.
   */
  verify(bytes: Uint8Array, signature: Uint8Array, key: PublicKey<A> | Uint8Array): boolean;
}

/**
 * A signature scheme: signers for its keys, and a verifier. Two implementations of one scheme give equal bytes and
 * equal verdicts.
 */
export interface SignatureScheme<A extends SignatureAlgorithm = "ed25519"> extends Verifier<A> {
  /** Name of the scheme. */
  readonly algorithm: A;
  /** Length of its public keys in bytes. */
  readonly publicKeyBytes: number;
  /** Length of its signatures in bytes. */
  readonly signatureBytes: number;
  /**
   * Returns a signer that borrows `key`.
   *
   * @throws {@link InvalidOptionError} for a key of another purpose.
   * @throws {@link SecretDestroyedError} if the key was destroyed.
   */
  signer(key: SecretKey<A>): Signer<A>;
  /**
   * Loads a public key and checks it. Do this once per key.
   *
   * @throws {@link InvalidPublicKeyError} for bytes that are not those of an honest key.
   */
  loadPublicKey(bytes: Uint8Array): PublicKey<A>;
}
