import { InvalidOptionError } from "./errors.ts";

/**
 * Returns true if a value is bytes, as its type claims. Checked where a wrong type would fail silently in code that is
 * not type-checked: `new Uint8Array("secret")` is empty, and text compared letter by letter is always equal. A Proxy of
 * bytes has their prototype, but not their memory. Bytes whose buffer was transferred have none either.
 */
export function isBytes(value: unknown): value is Uint8Array {
  // Not `length`: once optimised, V8 of Node.js 20 answers with the length that a transferred view had.
  return value instanceof Uint8Array && ArrayBuffer.isView(value) && (value.byteLength > 0 || !isDetached(value));
}

/** Returns true for a view whose buffer was transferred, or has shrunk behind it. Such a view looks empty. */
function isDetached(view: Uint8Array): boolean {
  try {
    return new Uint8Array(view).byteLength > 0;
  } catch {
    return true;
  }
}

/**
 * Refuses a value that is not bytes. The message names its type, never the value.
 *
 * @throws {@link InvalidOptionError} for anything but a Uint8Array.
 */
export function requireBytes(what: string, value: unknown): void {
  if (!isBytes(value)) throw new InvalidOptionError(`${what} as a Uint8Array`, typeNameOf(value));
}

/** Describes a value for messages by its type, never by its content. */
export function typeNameOf(value: unknown): string {
  if (typeof value === "string") return "a string, which TextEncoder can turn into bytes";
  if (value === null) return "null";
  if (value instanceof Uint8Array && !isBytes(value)) return "bytes without memory, such as of a transferred buffer";
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

/**
 * Returns true if two byte strings are equal, in time that depends only on their lengths. Lengths are not secret, so
 * unequal lengths return at once. A value that is not bytes, such as text, equals nothing.
 *
 * @example
 * ```ts
 * import { constantTimeEqual } from "@void-system/crypto";
 *
 * constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2)); // => true
 * constantTimeEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3)); // => false
 * ```
 */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (!isBytes(a) || !isBytes(b) || a.length !== b.length) return false;
  let difference = 0;
  // The lengths are equal, so the fallback for a missing index is never taken.
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
