/** Deepest nesting of a value that is remembered; what is deeper is checked each time. */
const DEPTH_MAX = 32;

/**
 * Whether a value can never be other than it is: frozen all the way down, plain data of this realm without getters, and no
 * proxy anywhere.
 */
export function isSettled(value: object): boolean {
  try {
    if (!isFrozenData(value, DEPTH_MAX)) return false;
    // A program cannot ask whether an object is a proxy, but the platform's clone refuses one.
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
