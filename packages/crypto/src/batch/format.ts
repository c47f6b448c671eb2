/**
 * A batch on its way to a worker of the same process: keys once each, then signatures with the index of their key. Not a
 * wire format: both ends are the same version. Numbers are little-endian.
 */

/** One signature to verify. */
export interface BatchItem {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  /** The public key's bytes; items of one key share them. */
  readonly key: Uint8Array;
}

/** Lengths of a scheme in bytes. */
export interface BatchWidths {
  /** Of a public key. */
  readonly publicKeyBytes: number;
  /** Of a signature. */
  readonly signatureBytes: number;
}

/** Two counts of 4 bytes each. */
const HEADER_BYTES = 8;
/** Index of the key and length of the message, 4 bytes each. */
const ITEM_BYTES = 8;

/** Lays a batch out. */
export function encodeBatch(items: readonly BatchItem[], { publicKeyBytes, signatureBytes }: BatchWidths): Uint8Array {
  const keys = [...new Set(items.map(({ key }) => key))];
  const indexOf = new Map(keys.map((key, index) => [key, index]));
  const messages = items.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const output = new Uint8Array(
    HEADER_BYTES + keys.length * publicKeyBytes + items.length * (ITEM_BYTES + signatureBytes) + messages
  );
  const view = new DataView(output.buffer);
  view.setUint32(0, keys.length, true);
  view.setUint32(4, items.length, true);
  keys.forEach((key, index) => output.set(key, HEADER_BYTES + index * publicKeyBytes));
  let at = HEADER_BYTES + keys.length * publicKeyBytes;
  for (const { bytes, signature, key } of items) {
    view.setUint32(at, indexOf.get(key) ?? 0, true);
    view.setUint32(at + 4, bytes.length, true);
    output.set(signature, at + ITEM_BYTES);
    output.set(bytes, at + ITEM_BYTES + signatureBytes);
    at += ITEM_BYTES + signatureBytes + bytes.length;
  }
  return output;
}

/** Verifies a batch: one byte for each signature, 1 if it holds. `under` is asked once for each key. */
export function verifyEncoded(
  input: Uint8Array,
  { publicKeyBytes, signatureBytes }: BatchWidths,
  under: (publicKey: Uint8Array) => (bytes: Uint8Array, signature: Uint8Array) => boolean
): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.length);
  const keys = view.getUint32(0, true);
  const verdicts = new Uint8Array(view.getUint32(4, true));
  const verifiers = Array.from({ length: keys }, (_, index) => {
    const at = HEADER_BYTES + index * publicKeyBytes;
    return under(input.subarray(at, at + publicKeyBytes));
  });
  let at = HEADER_BYTES + keys * publicKeyBytes;
  for (let index = 0; index < verdicts.length; index += 1) {
    const verify = verifiers[view.getUint32(at, true)];
    const bytesAt = at + ITEM_BYTES + signatureBytes;
    const end = bytesAt + view.getUint32(at + 4, true);
    const holds = verify?.(input.subarray(bytesAt, end), input.subarray(at + ITEM_BYTES, bytesAt)) ?? false;
    verdicts[index] = holds ? 1 : 0;
    at = end;
  }
  return verdicts;
}
