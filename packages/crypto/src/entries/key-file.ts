/**
 * Key files that only their owner can open. Node only.
 *
 * @packageDocumentation
 */
export {
  CryptoError,
  KeyFileAccessError,
  KeyFileExistsError,
  KeyFileFormatError,
  KeyFileModeError,
  KeyFileVersionError,
  SecretDestroyedError,
} from "../errors.ts";
export { KEY_FILE_BYTES_MAX, privateKeyPem, readKeyFile, writeKeyFile } from "../node/key-file.ts";
export type { KeyAlgorithm, SecretKey, ShownKey } from "../secret-key.ts";
export type { SignatureAlgorithm } from "../signature.ts";
