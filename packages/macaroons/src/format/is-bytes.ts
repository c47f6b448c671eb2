/** Returns true for real bytes. What only inherits from Uint8Array, or was transferred, has no memory, and throws when it is read. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && ArrayBuffer.isView(value) && (value.byteLength > 0 || !isDetached(value));
}

/** A view whose buffer was transferred looks empty. */
function isDetached(view: Uint8Array): boolean {
  try {
    return new Uint8Array(view).byteLength > 0;
  } catch {
    return true;
  }
}
