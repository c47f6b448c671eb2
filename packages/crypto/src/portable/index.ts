/**
 * The portable path: noble's code, the same on every engine. For tests, and for programs that avoid platform code.
 *
 * @packageDocumentation
 */
export { digest } from "./digest.ts";
export { ed25519 } from "./ed25519.ts";
export { hmacSha256 } from "./hmac.ts";
