import { ByteReader, ByteWriter } from "@void-system/bytes";

/**
 * Encodes a batch for a worker of the same process: each key once, then the signatures with the index of their key. Not a
 * wire format, because both ends have the same version.
 */

/** One signature to verify. */
export interface BatchItem {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  /** Bytes of the public key, shared by all items of that key. */
  readonly key: Uint8Array;
}

/** Lengths of a scheme, in bytes. */
export interface BatchWidths {
  /** Length of a public key. */
  readonly publicKeyBytes: number;
  /** Length of a signature. */
  readonly signatureBytes: number;
}

/** Two counts of 4 bytes each. */
const HEADER_BYTES = 8;
/** Index of the key and length of the message, 4 bytes each. */
const ITEM_BYTES = 8;

/** Encodes a batch. */
export function encodeBatch(items: readonly BatchItem[], { publicKeyBytes, signatureBytes }: BatchWidths): Uint8Array {
  const keys = [...new Set(items.map(({ key }) => key))];
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const messages = items.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const writer = new ByteWriter(
    HEADER_BYTES + keys.length * publicKeyBytes + items.length * (ITEM_BYTES + signatureBytes) + messages
  );
  writer.u32(keys.length).u32(items.length);
  for (const key of keys) writer.raw(key);
  for (const { bytes, signature, key } of items) writer.u32(indexOf.get(key) ?? 0).raw(signature).block(bytes);
  return writer.finish();
}

/** Verifies an encoded batch: one byte per signature, 1 if it is valid. `under` is called once for each key. */
export function verifyEncoded(
  input: Uint8Array,
  { publicKeyBytes, signatureBytes }: BatchWidths,
  under: (publicKey: Uint8Array) => (bytes: Uint8Array, signature: Uint8Array) => boolean
): Uint8Array {
  const reader = new ByteReader(input);
  const [keys, items] = [reader.u32(), reader.u32()];
  const verifiers = Array.from({ length: keys }, () => under(reader.rawView(publicKeyBytes)));
  return Uint8Array.from({ length: items }, () => {
    const verify = verifiers[reader.u32()];
    const signature = reader.rawView(signatureBytes);
    return verify?.(reader.blockView(input.length), signature) ? 1 : 0;
  });
}
