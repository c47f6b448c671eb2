/**
 * Delta debugging (Zeller, Hildebrandt: "Simplifying and Isolating Failure-Inducing Input", TSE 2002, §3).
 */

/**
 * The smallest list that it can find by leaving parts out and of which `fails` is still true, as it is of `items`. Of
 * what it returns no single item can be left out, unless `fails` gave up.
 */
export function ddmin<T>(items: readonly T[], fails: (subset: readonly T[]) => boolean): readonly T[] {
  if (items.length === 0 || fails([])) return [];
  let kept = items;
  let parts = 2;
  while (kept.length >= 2) {
    const smaller = withoutOnePart(kept, parts, fails);
    if (smaller) {
      kept = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= kept.length) break;
    else parts = Math.min(kept.length, parts * 2);
  }
  return kept;
}

function withoutOnePart<T>(
  items: readonly T[],
  parts: number,
  fails: (subset: readonly T[]) => boolean
): readonly T[] | undefined {
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((items.length * part) / parts);
    const to = Math.floor((items.length * (part + 1)) / parts);
    const rest = [...items.slice(0, from), ...items.slice(to)];
    if (fails(rest)) return rest;
  }
  return undefined;
}
