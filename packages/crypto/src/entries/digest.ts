/**
 * SHA-256 (FIPS 180-4).
 *
 * @packageDocumentation
 */
export { digest } from "../hash/digest.ts";
