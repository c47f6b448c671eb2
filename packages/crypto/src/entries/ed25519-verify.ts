/**
 * Only the verifying of Ed25519 signatures, in portable code: for pages that check what servers sign.
 *
 * @packageDocumentation
 */
export { ed25519Verifier } from "../ed25519/verifier.ts";
export { CryptoError, InvalidPublicKeyError } from "../errors.ts";
