/**
 * Returns true if two byte strings are equal. Not for secrets: the comparison stops at the first difference, so its
 * duration reveals where that is. Compare secrets with `constantTimeEqual` of `@void-system/crypto`.
 *
 * @example
 * ```ts
 * import { equalBytes } from "@void-system/bytes";
 * equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)); // => true
 * ```
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}
