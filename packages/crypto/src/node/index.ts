/**
 * Ed25519, digests and MACs by node:crypto, key files and key rings.
 *
 * @packageDocumentation
 */
import * as crypto from "node:crypto";
import type { SignatureScheme } from "../keys/signature.ts";
import { nativeEd25519 } from "./internal/native-ed25519.ts";
import { nativeDigest, nativeHmac } from "./internal/native-hash.ts";

/** Ed25519 (RFC 8032) by node:crypto. */
export const ed25519: SignatureScheme = /* @__PURE__ */ nativeEd25519(crypto);
/** SHA-256 (FIPS 180-4) by node:crypto. */
export const digest: (bytes: Uint8Array) => Uint8Array = /* @__PURE__ */ nativeDigest(crypto);
/** HMAC-SHA256 (RFC 2104) by node:crypto. */
export const hmacSha256: (key: Uint8Array, bytes: Uint8Array) => Uint8Array = /* @__PURE__ */ nativeHmac(crypto);

export { publicKeyFromSpki, spkiOf } from "./der.ts";
export { KEY_FILE_BYTES_MAX, privateKeyPem, readKeyFile, writeKeyFile } from "./key-file.ts";
export { KEY_RING_FILE_BYTES_MAX, readKeyRing, writeKeyRing } from "./key-ring-file.ts";
export { UPDATE_TIMEOUT_MS_DEFAULT, updateKeyRing, type UpdateKeyRingOptions } from "./update-key-ring.ts";
