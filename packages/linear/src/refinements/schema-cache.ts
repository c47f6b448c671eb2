/** Maximum of cached schemas. Beyond it the oldest is dropped, and would be made again. */
export const SCHEMAS_CACHED_MAX = 1024;

const cache = /* @__PURE__ */ new Map<string, object>();
const ids = /* @__PURE__ */ new WeakMap<object, number>();
let lastId = 0;

/** Returns the schema made before under this key, or a new one, so that equal arguments give the identical schema. */
export function cached<S extends object>(key: string, make: () => S): S {
  const known = cache.get(key);
  // A key contains the function that makes the schema and all its arguments, so an equal `make` made the cached schema.
  if (known !== undefined) return known as S;
  const made = make();
  if (cache.size >= SCHEMAS_CACHED_MAX) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  }
  cache.set(key, made);
  return made;
}

/** Returns a unique number for a schema, for the keys of schemas built from it. */
export function idOf(schema: object): number {
  const known = ids.get(schema);
  if (known !== undefined) return known;
  lastId += 1;
  ids.set(schema, lastId);
  return lastId;
}
