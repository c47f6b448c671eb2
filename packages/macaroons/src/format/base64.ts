import { decodeBase64url } from "./base64url.ts";

const STANDARD = /^[A-Za-z0-9+/]*$/u;
const URL_SAFE = /^[A-Za-z0-9_-]*$/u;

/**
 * Returns the bytes of a text in base64 (RFC 4648), with the standard or the URL-safe alphabet, not both, with its padding
 * or without; `undefined` for anything else.
 */
export function decodeBase64(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const end = text.indexOf("=");
  const letters = end < 0 ? text : text.slice(0, end);
  const padding = text.slice(letters.length);
  if (padding !== "" && padding !== "=".repeat((4 - (letters.length % 4)) % 4)) return undefined;
  if (URL_SAFE.test(letters)) return decodeBase64url(letters);
  return STANDARD.test(letters) ? decodeBase64url(letters.replaceAll("+", "-").replaceAll("/", "_")) : undefined;
}
