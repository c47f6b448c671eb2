import type { SignatureAlgorithm } from "../keys/algorithm.ts";
import type { PublicKey } from "../keys/public-key.ts";
import type { SignatureScheme } from "../keys/signature.ts";
import type { Job } from "./compute.ts";
import { type BatchWidths, verifyEncoded } from "./format.ts";

/** A signature scheme as a batch verifier needs it: from `/batch/ed25519`, `/batch/ml-dsa` or `/batch/hybrid`. */
export interface BatchScheme<A extends SignatureAlgorithm> extends BatchWidths {
  /** Name of the scheme. */
  readonly algorithm: A;
  /** Verifies an encoded batch. */
  readonly job: Job;
  /** Whether the scheme has loaded and checked `key`, as opposed to an object that only looks like it. */
  isLoaded(key: PublicKey<A>): boolean;
}

/** Makes the batches of a signature scheme out of its lengths, its job, and its list of loaded keys. */
export function batchSchemeOf<A extends SignatureAlgorithm>(
  { algorithm, publicKeyBytes, signatureBytes }: SignatureScheme<A>,
  job: Job,
  isLoaded: (key: PublicKey<A>) => boolean
): BatchScheme<A> {
  return { algorithm, publicKeyBytes, signatureBytes, job, isLoaded };
}

/** Verifies an encoded batch by a signature scheme, which loads each key once more: the job of such a scheme. */
export function verifyBatchBy<A extends SignatureAlgorithm>(scheme: SignatureScheme<A>, input: Uint8Array): Uint8Array {
  return verifyEncoded(input, scheme, (publicKey) => {
    const key = scheme.loadPublicKey(publicKey);
    return (bytes, signature) => scheme.verify(bytes, signature, key);
  });
}
