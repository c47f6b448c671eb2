/**
 * Signatures and key agreement that resist quantum computers. Apart from the main entry because loading them takes some 70 ms.
 *
 * @packageDocumentation
 */
export { HYBRID_PUBLIC_KEY_BYTES, HYBRID_SIGNATURE_BYTES, hybridSignature } from "./hybrid-signature.ts";
export { ML_DSA_65_PUBLIC_KEY_BYTES, ML_DSA_65_SIGNATURE_BYTES, mlDsa65 } from "./ml-dsa.ts";
export {
  deriveKey,
  type Encapsulation,
  type Kem,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  xWing,
} from "./x-wing.ts";
