import type { SecretKey } from "@void-system/crypto";
import { MintError } from "../errors.ts";
import { shown } from "../options.ts";

/** Shortest root key, in bytes. */
export const ROOT_KEY_BYTES_MIN = 16;

/**
 * Calls `use` with the bytes of a key, which it must not keep.
 *
 * @throws {@link MintError} for a key that is too short, or something that is no key: a string, say.
 */
export function withRootKey<T>(rootKey: Uint8Array | SecretKey<"hmac-sha256">, use: (bytes: Uint8Array) => T): T {
  const checked = (bytes: Uint8Array): T => {
    if (bytes.length >= ROOT_KEY_BYTES_MIN) return use(bytes);
    throw new MintError(`expected a root key of at least ${ROOT_KEY_BYTES_MIN} bytes, got ${bytes.length}; take 32 random bytes`);
  };
  if (rootKey instanceof Uint8Array) return checked(rootKey);
  if (typeof rootKey === "object" && rootKey !== null && typeof rootKey.use === "function") return rootKey.use(checked);
  throw new MintError(
    `expected a root key as bytes or as a key of @void-system/crypto, got ${shown(rootKey)}; decode a text to its bytes first`,
  );
}
