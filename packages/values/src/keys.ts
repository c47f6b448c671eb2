/** Keys that reach prototypes when an object is merged carelessly. */
const REFUSED: ReadonlySet<string> = /* @__PURE__ */ new Set(["__proto__", "constructor", "prototype"]);
/** Largest number that JavaScript takes for an index. */
export const INDEX_MAX: number = 2 ** 32 - 2;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;

/** Returns true for a key that no value may have. */
export function isRefusedKey(key: string): boolean {
  return REFUSED.has(key);
}

/**
 * Returns the number of a key that JavaScript sorts as an index, before all others; -1 for another key. Such keys come in
 * ascending order in every object, whatever the order of writing.
 */
export function indexOf(key: string): number {
  const first = key.charCodeAt(0);
  if (!(first >= DIGIT_0 && first <= DIGIT_9)) return -1;
  const index = Number(key);
  return index <= INDEX_MAX && String(index >>> 0) === key ? index : -1;
}
