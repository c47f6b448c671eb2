/** Length of an Ed25519 public key, in bytes. */
export const PUBLIC_KEY_BYTES = 32;
/** Length of the seal at the end of a sealed token, in bytes. */
export const SEAL_BYTES = 64;
/** Largest sealed public token, or discharge, that is made or accepted, in bytes. It fits into an entry of a log. */
export const PUBLIC_TOKEN_BYTES_MAX = 4096;
/** Most blocks of a public token, or discharge. Each costs a verifier a signature. */
export const PUBLIC_BLOCKS_MAX = 8;
