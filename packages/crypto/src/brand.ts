/** The casts that branded types need, and nothing else. */

/**
 * Name of a key in logs and files: the first 16 bytes of the SHA-256 of the public key, in hex. A label, not a proof.
 */
export type KeyId = string & {
  /** Exists only in the types. */
  readonly __brand: "KeyId";
};

/** Marks a string as the id of a key. Called only by the file that derives ids. */
export function brandKeyId(text: string): KeyId {
  return text as KeyId;
}
