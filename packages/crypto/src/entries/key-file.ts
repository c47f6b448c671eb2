/**
 * Files of keys and key rings that only their owner can open. Node only.
 *
 * @packageDocumentation
 */
export {
  CryptoError,
  KeyFileAccessError,
  KeyFileConflictError,
  KeyFileExistsError,
  KeyFileFormatError,
  KeyFileModeError,
  KeyFileVersionError,
  SecretDestroyedError,
} from "../errors.ts";
export { KEY_FILE_BYTES_MAX, privateKeyPem, readKeyFile, writeKeyFile } from "../node/key-file.ts";
export { KEY_RING_FILE_BYTES_MAX, readKeyRing, writeKeyRing } from "../node/key-ring-file.ts";
export type { KeyAlgorithm, SecretKey, ShownKey } from "../keys/secret-key.ts";
export type { KeyRing } from "../keys/key-ring.ts";
export type { SignatureAlgorithm, SignatureScheme } from "../keys/signature.ts";
