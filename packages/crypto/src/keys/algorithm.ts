/** The signature schemes: Ed25519, ML-DSA-65, and both at once. */
export type SignatureAlgorithm = "ed25519" | "ml-dsa-65" | "ml-dsa-65+ed25519";

/**
 * The purpose of a secret key. The types keep purposes apart, so that a key is never used for two. `shared-secret` is
 * the result of a key agreement, and only good for deriving keys.
 */
export type KeyAlgorithm = SignatureAlgorithm | "hmac-sha256" | "x-wing" | "shared-secret";
