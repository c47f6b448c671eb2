import { ByteReader, decodeAll } from "@void-system/bytes";

/** Longest ClientHello that is read, in bytes. One of OpenSSL with a post-quantum key share has under 2,000. */
export const CLIENT_HELLO_BYTES_MAX = 8_192;

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const ALPN_EXTENSION = 16;
const RECORD_HEADER_BYTES = 5;
/** Length of the message, version that old servers read, randomness. */
const CLIENT_HELLO_HEAD_BYTES = 3 + 2 + 32;

/**
 * Returns the protocols (RFC 7301) that the first bytes of a connection name. `"more"` while the ClientHello is not there in
 * full, `"other"` for bytes that are none. Nothing is decided by it but the order in which connections are served: TLS reads the
 * same bytes again.
 */
export function protocolsIn(bytes: Uint8Array): readonly Uint8Array[] | "more" | "other" {
  if (bytes.length === 0) return "more";
  if (bytes[0] !== HANDSHAKE_RECORD) return "other";
  if (bytes.length < RECORD_HEADER_BYTES) return "more";
  const length = RECORD_HEADER_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint16(RECORD_HEADER_BYTES - 2);
  if (length > CLIENT_HELLO_BYTES_MAX) return "other";
  if (bytes.length < length) return "more";
  const decoded = decodeAll(bytes.subarray(RECORD_HEADER_BYTES, length), readClientHello);
  return decoded.ok ? decoded.value : "other";
}

/** Reads a ClientHello (RFC 8446 §4.1.2) as far as its protocols. */
function readClientHello(reader: ByteReader): readonly Uint8Array[] {
  if (reader.u8() !== CLIENT_HELLO) reader.fail("a ClientHello", "another message");
  reader.rawView(CLIENT_HELLO_HEAD_BYTES);
  reader.rawView(reader.u8()); // session
  reader.rawView(reader.u16()); // ciphers
  reader.rawView(reader.u8()); // compression
  const extensions = new ByteReader(reader.restView());
  extensions.u16(); // their length
  while (extensions.remaining > 0) {
    const type = extensions.u16();
    const extension = extensions.rawView(extensions.u16());
    if (type === ALPN_EXTENSION) return readProtocols(new ByteReader(extension));
  }
  return [];
}

function readProtocols(reader: ByteReader): readonly Uint8Array[] {
  const protocols: Uint8Array[] = [];
  reader.u16(); // their length
  while (reader.remaining > 0) protocols.push(reader.rawView(reader.u8()));
  return protocols;
}
