import { InvalidOptionError } from "../errors.ts";

/** A collision-resistant hash such as SHA-256: bytes in, 32 bytes out. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** Length of a hash, in bytes. */
export const HASH_BYTES = 32;

/**
 * Refuses anything that does not hash: a value that is not a function, or a result that is text, a promise or of
 * another length.
 *
 * @throws {@link InvalidOptionError}
 */
export function checkHash(hash: Hash): void {
  const isFunction = typeof hash === "function";
  const got: unknown = isFunction ? hash(new Uint8Array(0)) : hash;
  if (isFunction && got instanceof Uint8Array && got.length === HASH_BYTES) return;
  throw new InvalidOptionError("hash", `a function from bytes to ${HASH_BYTES} bytes, not to a promise or text`, got);
}
