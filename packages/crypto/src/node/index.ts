/**
 * Everything of the main entry with node:crypto behind it, and key files.
 *
 * @packageDocumentation
 */
import * as crypto from "node:crypto";
import type { Primitives } from "../primitives.ts";
import type { SignatureScheme } from "../signature.ts";
import { native } from "./native.ts";

const primitives: Primitives = native(crypto);

/** Ed25519 (RFC 8032) by node:crypto. */
export const ed25519: SignatureScheme = primitives.ed25519;
/** SHA-256 (FIPS 180-4) by node:crypto. */
export const digest: (bytes: Uint8Array) => Uint8Array = primitives.digest;
/** HMAC-SHA256 (RFC 2104) by node:crypto. */
export const hmacSha256: (key: Uint8Array, bytes: Uint8Array) => Uint8Array = primitives.hmacSha256;

export { publicKeyFromSpki, spkiOf } from "./der.ts";
export { KEY_FILE_BYTES_MAX, privateKeyPem, readKeyFile, writeKeyFile } from "./key-file.ts";
