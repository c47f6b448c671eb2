import type { KeyId } from "./brand.ts";
import type { PublicKey } from "./public-key.ts";
import type { SecretKey } from "./secret-key.ts";

/** Makes signatures with one key. It borrows the key: once the key is destroyed, `sign` throws. */
export interface Signer {
  /** The signature scheme. */
  readonly algorithm: "ed25519";
  /** Name of the key, for logs. */
  readonly keyId: KeyId;
  /** The 32 bytes that others verify with. Do not change them. */
  readonly publicKey: Uint8Array;
  /**
   * The 64-byte signature of `bytes`: deterministic, the same on every path.
   *
   * @throws {@link SecretDestroyedError} once the key was destroyed.
   */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Checks signatures. Total: whatever the bytes are, the answer is a boolean. */
export interface Verifier {
  /**
   * Whether `signature` is one of `bytes` under `key`. A key as 32 raw bytes is loaded anew at each call (0.8 ms of
   * checks) and answers `false` where {@link loadPublicKey} would throw: load a key that is used twice.
   */
  verify(bytes: Uint8Array, signature: Uint8Array, key: PublicKey | Uint8Array): boolean;
}

/**
 * A signature scheme: signers of its keys, and the verifier. Two implementations of one scheme give equal bytes and
 * verdicts.
 */
export interface SignatureScheme extends Verifier {
  /** Name of the scheme. */
  readonly algorithm: "ed25519";
  /**
   * A signer that borrows `key`.
   *
   * @throws {@link SecretDestroyedError} if the key was destroyed.
   */
  signer(key: SecretKey<"ed25519">): Signer;
}

/** Length of an Ed25519 signature in bytes. */
export const SIGNATURE_BYTES = 64;

/** Bytes of R, the first part of a signature. */
const R_BYTES = 32;

/**
 * Whether R is the neutral element, which no honest signer makes. OpenSSL takes it up to 3.4 and refuses it from 3.5 on,
 * so that Node 20 and Node 24 would disagree: here nobody takes it. All other points of small order fail the equation,
 * since a loaded key has no such part.
 */
export function hasNeutralR(signature: Uint8Array): boolean {
  if (signature[0] !== 1) return false;
  for (let at = 1; at < R_BYTES; at += 1) if (signature[at] !== 0) return false;
  return true;
}
