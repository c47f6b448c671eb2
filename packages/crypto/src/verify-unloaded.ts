import { builtinCrypto } from "./builtin-crypto.ts";
import { nativeVerifyUnloaded } from "./node/native-ed25519.ts";
import { verifyUnloaded as portableVerifyUnloaded } from "./portable/ed25519.ts";
import { isStrictPoint } from "./strict-point.ts";

type Verify = (bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;

function fastest(): Verify {
  const crypto = builtinCrypto();
  return crypto === undefined ? portableVerifyUnloaded : nativeVerifyUnloaded(crypto);
}

const satisfies: Verify = /* @__PURE__ */ fastest();

/**
 * Whether `signature` is one of `bytes` under 32 bytes that were never loaded: for keys that are used once, where the 0.8
 * ms of `loadPublicKey` would be most of the cost. Key and R must be canonical and not of small order, which their bytes
 * tell; a torsion part is let pass, since the equation without the factor 8 has one verdict on both paths all the same
 * (and only the maker of such a key can sign for it). By node:crypto on Node, by noble elsewhere.
 */
export function verifyUnloaded(bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  return isStrictPoint(publicKey) && isStrictPoint(signature.subarray(0, 32)) && satisfies(bytes, signature, publicKey);
}
