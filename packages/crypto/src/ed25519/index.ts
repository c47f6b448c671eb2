export { ed25519 } from "./ed25519.ts";
export { SIGNATURE_BYTES } from "./equation.ts";
export { loadPublicKey } from "./load-public-key.ts";
export { PUBLIC_KEY_BYTES } from "./point.ts";
export { ed25519Verifier } from "./verifier.ts";
