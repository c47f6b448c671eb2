/**
 * Returns true for objects as made by literals and `JSON.parse`, of any realm; not for arrays, maps, dates or instances
 * of classes.
 */
export function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}
