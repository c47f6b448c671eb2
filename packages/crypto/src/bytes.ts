/**
 * Whether two byte strings are equal, in time that depends on their lengths only. Lengths are not secret: unequal ones
 * answer at once.
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
  if (a.length !== b.length) return false;
  let difference = 0;
  // The lengths are equal, so the fallback for a missing index is never taken.
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
