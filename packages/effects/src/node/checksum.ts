import { crc32 } from "@void-system/bytes";

/**
 * Returns the checksum of everything that a log has on disk: its segments and its checkpoint. It finds damage, not forgery.
 *
 * @param initial - A number that the bytes are bound to, such as their place or a segment's salt.
 */
export function checksum(bytes: Uint8Array, initial = 0): number {
  return crc32(bytes, initial);
}
