/**
 * Picks the fastest implementation that the platform has: node:crypto where there is one, else noble. Both pass one
 * compliance suite, so the choice shows in time only.
 */
import { native } from "./node/native.ts";
import * as portable from "./portable/index.ts";
import type { Primitives } from "./primitives.ts";
import type { SignatureScheme } from "./signature.ts";

interface NodeProcess {
  getBuiltinModule?(name: "node:crypto"): typeof import("node:crypto") | undefined;
}

function fastest(): Primitives {
  const process: NodeProcess | undefined = "process" in globalThis ? globalThis.process : undefined;
  const crypto = process?.getBuiltinModule?.("node:crypto");
  return crypto === undefined ? portable : native(crypto);
}

const primitives: Primitives = /* @__PURE__ */ fastest();

/**
 * Ed25519 (RFC 8032): deterministic signatures of 64 bytes. By node:crypto on Node, by noble elsewhere; equal bytes and
 * equal verdicts on both, hostile keys and signatures included.
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
export const ed25519: SignatureScheme = primitives.ed25519;

/**
 * SHA-256 (FIPS 180-4), the digest of everything that two machines compare: 32 bytes.
 *
 * @example
 * ```ts
 * import { digest } from "@void-system/crypto";
 *
 * digest(new TextEncoder().encode("abc")).slice(0, 4); // => Uint8Array.of(0xba, 0x78, 0x16, 0xbf)
 * ```
 */
export const digest: (bytes: Uint8Array) => Uint8Array = primitives.digest;

/**
 * HMAC-SHA256 (RFC 2104): 32 bytes. For chains, where a tag is the next key; who authenticates messages under a stored
 * key takes a {@link Mac}.
 *
 * @example
 * ```ts
 * import { hmacSha256 } from "@void-system/crypto";
 *
 * const key = new TextEncoder().encode("Jefe"); // RFC 4231, test case 2
 * const message = new TextEncoder().encode("what do ya want for nothing?");
 * hmacSha256(key, message).slice(0, 4); // => Uint8Array.of(0x5b, 0xdc, 0xc1, 0x46)
 * ```
 */
export const hmacSha256: (key: Uint8Array, bytes: Uint8Array) => Uint8Array = primitives.hmacSha256;
