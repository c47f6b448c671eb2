/** Returns true for real bytes. What only inherits from Uint8Array has no memory, and throws when it is read. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && ArrayBuffer.isView(value);
}
