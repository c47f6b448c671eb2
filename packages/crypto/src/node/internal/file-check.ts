import * as crypto from "node:crypto";

const CHECK_BYTES = 16;

/**
 * Returns the check of a file's text: the first 16 bytes of its SHA-256 as base64url. It notices damage. It does not
 * protect against anyone who can write to the file.
 */
export function checkOf(text: string): string {
  return crypto.createHash("sha256").update(text, "latin1").digest().subarray(0, CHECK_BYTES).toString("base64url");
}
