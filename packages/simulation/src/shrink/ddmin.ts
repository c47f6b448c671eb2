/**
 * Delta debugging (Zeller, Hildebrandt: "Simplifying and Isolating Failure-Inducing Input", TSE 2002, §3).
 */

/**
 * Reduces a list on which `fails` is true, and returns a smaller list on which it still is. No single item of the
 * result can be left out. The generator yields what `fails` yields, so the search can be abandoned there.
 */
export function* ddmin<T, P>(
  items: readonly T[],
  fails: (subset: readonly T[]) => Generator<P, boolean>
): Generator<P, readonly T[]> {
  if (items.length === 0 || (yield* fails([]))) return [];
  let kept = items;
  let parts = 2;
  while (kept.length >= 2) {
    const smaller = yield* withoutOnePart(kept, parts, fails);
    if (smaller) {
      kept = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= kept.length) break;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}

function* withoutOnePart<T, P>(
  items: readonly T[],
  parts: number,
  fails: (subset: readonly T[]) => Generator<P, boolean>
): Generator<P, readonly T[] | undefined> {
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((items.length * part) / parts);
    const to = Math.floor((items.length * (part + 1)) / parts);
    const rest = [...items.slice(0, from), ...items.slice(to)];
    if (yield* fails(rest)) return rest;
  }
  return undefined;
}
