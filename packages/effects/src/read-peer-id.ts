import type { ByteReader } from "@void-system/bytes";
import { PEER_ID_LENGTH_MAX, type PeerId, peerId } from "./brand.ts";

/**
 * Reads a node name that `ByteWriter.ascii` wrote, from untrusted bytes.
 *
 * @throws MalformedBytesError when the bytes hold no valid name. `decodeAll` turns it into a result.
 * @example
 * ```ts
 * import { ByteWriter, decodeAll } from "@void-system/bytes";
 * import { readPeerId } from "@void-system/effects";
 *
 * decodeAll(new ByteWriter().ascii("node0").finish(), readPeerId); // => { ok: true, value: "node0" }
 * decodeAll(new ByteWriter().ascii("-").finish(), readPeerId).ok; // => false
 * ```
 */
export function readPeerId(reader: ByteReader): PeerId {
  const { position } = reader;
  const name = reader.ascii(PEER_ID_LENGTH_MAX);
  try {
    return peerId(name);
  } catch {
    return reader.fail("the name of a node", JSON.stringify(name), position);
  }
}
