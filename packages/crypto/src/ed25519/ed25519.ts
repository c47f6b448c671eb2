import { builtinCrypto } from "../internal/builtin-crypto.ts";
import { nativeEd25519 } from "../node/internal/native-ed25519.ts";
import { ed25519 as portableEd25519 } from "../portable/ed25519.ts";
import type { SignatureScheme } from "../keys/signature.ts";

function fastest(): SignatureScheme {
  const crypto = builtinCrypto();
  return crypto === undefined ? portableEd25519 : nativeEd25519(crypto);
}

/**
 * Ed25519 (RFC 8032): deterministic signatures of 64 bytes, by node:crypto on Node and by noble elsewhere. Both give
 * equal bytes and equal verdicts, for hostile keys and signatures too.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
 *
 * const signer = ed25519.signer(generateKey("ed25519"));
 * const vote = new TextEncoder().encode("vote/1: commit 7");
 * const signature = signer.sign(vote);
 * ed25519.verify(vote, signature, loadPublicKey(signer.publicKey)); // => true
 * ```
 */
export const ed25519: SignatureScheme = /* @__PURE__ */ fastest();
