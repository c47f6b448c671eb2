/** Maximum nesting of a cached value. A deeper value is checked each time. */
const DEPTH_MAX = 32;

/** Returns true if a value can never change: deeply frozen, plain data of this realm without getters or proxies. */
export function isSettled(value: object): boolean {
  try {
    if (!isFrozenData(value, DEPTH_MAX)) return false;
    // A program cannot detect a proxy, but the platform's clone refuses one.
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function isFrozenData(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "function";
  if (depth === 0 || !Object.isFrozen(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
  return Reflect.ownKeys(value).every((key) => {
    const own = Object.getOwnPropertyDescriptor(value, key);
    return own !== undefined && "value" in own && isFrozenData(own.value, depth - 1);
  });
}
