import { builtinCrypto } from "../../internal/builtin-crypto.ts";
import { nativeVerifierUnder } from "../../node/internal/native-ed25519.ts";
import { verifierUnder as portableVerifierUnder } from "../../portable/ed25519.ts";
import type { VerifyUnder } from "./single-use.ts";
import { isStrictPoint } from "./strict-point.ts";

function fastest(): (publicKey: Uint8Array) => VerifyUnder {
  const crypto = builtinCrypto();
  return crypto === undefined ? portableVerifierUnder : nativeVerifierUnder(crypto);
}

const underStrict: (publicKey: Uint8Array) => VerifyUnder = /* @__PURE__ */ fastest();

/**
 * Verifies Ed25519 signatures under 32 bytes that are not loaded. For keys that are used once, where the 0.8 ms of
 * `loadPublicKey` would be most of the cost, and for keys that were loaded in another thread. Key and R must be
 * canonical and not of small order, which their bytes show. A torsion part is accepted: the equation without the factor
 * 8 gives one verdict on both paths even so, and only the maker of such a key can sign for it.
 */
export function verifierUnder(publicKey: Uint8Array): VerifyUnder {
  if (!isStrictPoint(publicKey)) return () => false;
  const verify = underStrict(publicKey);
  return (bytes, signature) => isStrictPoint(signature.subarray(0, 32)) && verify(bytes, signature);
}
