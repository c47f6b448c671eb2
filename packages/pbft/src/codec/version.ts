/** First bytes of every format of this version, and the refusal of data of another one. */
import type { ByteReader } from "@void-system/bytes";

/** The version of frames and records, and the name in every digest and signature. */
const PROTOCOL = "void-pbft/2";

/** The first byte of frames and records. */
export const FORMAT_VERSION = 2;

/** Reads a version byte; what an older version wrote is refused by its name. */
export function readVersion(reader: ByteReader, what: string, version: number): void {
  const found = reader.u8();
  if (found === version) return;
  reader.fail(
    `${what} of ${PROTOCOL}`,
    found < version
      ? "one of void-pbft/1, which cannot be read: begin a new cluster with empty folders, or go on with the version that wrote it"
      : `one of a later version (${found}): run the version that wrote it`,
  );
}

/** The bytes that a digest of this protocol begins with. */
export function domain(name: string): Uint8Array {
  return new TextEncoder().encode(`${PROTOCOL} ${name}\0`);
}
