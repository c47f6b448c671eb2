/**
 * The address of a blob, computed from its bytes.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type BlobAddress, blobAddress } from "../brand.ts";
import { RecordTooLargeError } from "../errors.ts";

/** Size of the largest blob, in bytes. */
export const BLOB_BYTES_MAX: number = 64 * 1024 * 1024;

/**
 * Returns the address that a blob store gives to these bytes: their SHA-256 (FIPS 180-4).
 *
 * @throws TypeError for anything but a `Uint8Array`, {@link RecordTooLargeError} for more than {@link BLOB_BYTES_MAX} bytes.
 * @example
 * ```ts
 * import { addressOfBlob } from "@void-system/effects";
 * addressOfBlob(new TextEncoder().encode("abc")).slice(0, 8); // => "ba7816bf"
 * ```
 */
export function addressOfBlob(bytes: Uint8Array): BlobAddress {
  return blobAddress(bytesToHex(sha256(checkedBlob(bytes))));
}

/** Returns its argument if that can be stored as a blob, and throws as {@link addressOfBlob} does otherwise. */
export function checkedBlob(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`expected a blob that is a Uint8Array, got ${typeof bytes}`);
  if (bytes.length > BLOB_BYTES_MAX) throw new RecordTooLargeError("blob", BLOB_BYTES_MAX, bytes.length);
  return bytes;
}
