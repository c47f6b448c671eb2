import type { SignatureAlgorithm } from "../keys/algorithm.ts";
import type { PublicKey } from "../keys/public-key.ts";
import type { SignatureScheme } from "../keys/signature.ts";
import type { Job } from "./compute.ts";
import { type BatchWidths, verifyEncoded } from "./format.ts";

/** A signature scheme for a batch verifier, from `/batch/ed25519`, `/batch/ml-dsa` or `/batch/hybrid`. */
export interface BatchScheme<A extends SignatureAlgorithm> extends BatchWidths {
  /** Name of the scheme. */
  readonly algorithm: A;
  /** Verifies an encoded batch. */
  readonly job: Job;
  /** Returns true if the scheme has loaded and checked `key`, as opposed to an object that only looks like a key. */
  isLoaded(key: PublicKey<A>): boolean;
}

/** Builds the batch form of a signature scheme from its lengths, its job and its check of loaded keys. */
export function batchSchemeOf<A extends SignatureAlgorithm>(
  { algorithm, publicKeyBytes, signatureBytes }: SignatureScheme<A>,
  job: Job,
  isLoaded: (key: PublicKey<A>) => boolean
): BatchScheme<A> {
  return { algorithm, publicKeyBytes, signatureBytes, job, isLoaded };
}

/**
 * Verifies an encoded batch with a signature scheme, which loads each key once more. The job of such a scheme calls it.
 */
export function verifyBatchBy<A extends SignatureAlgorithm>(scheme: SignatureScheme<A>, input: Uint8Array): Uint8Array {
  return verifyEncoded(input, scheme, (publicKey) => {
    const key = scheme.loadPublicKey(publicKey);
    return (bytes, signature) => scheme.verify(bytes, signature, key);
  });
}
