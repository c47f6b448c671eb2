/** Judges a context by caveats that were understood. */
import type { AskedField, Caveat, CaveatRefusal, FieldTypes } from "./caveat-kind.ts";

/** A caveat that was understood, in its place. */
export interface PlacedCaveat {
  /** The caveat. */
  readonly caveat: Caveat<never>;
  /** Number of links behind it. */
  readonly behind: number;
}

/** Caveats of a token that were all understood, and the fields that they ask together. */
export interface UnderstoodCaveats {
  /** The caveats, in order. */
  readonly caveats: readonly PlacedCaveat[];
  /** Fields that they ask, each once in each type. */
  readonly asks: readonly AskedField[];
}

/** Returns the first reason of caveats against a context, or `undefined` where all allow it. */
export function refusalOfCaveats({ caveats, asks }: UnderstoodCaveats, context: object): CaveatRefusal | undefined {
  if (missingField(asks, context) !== undefined) return "incomplete-context";
  for (const { caveat, behind } of caveats) {
    const refusal = refusalBy(caveat, context, behind);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Returns true if one of the caveats allows one single use. */
export function isOnce({ caveats }: Pick<UnderstoodCaveats, "caveats">): boolean {
  return caveats.some(({ caveat }) => caveat.facts.once === true);
}

/** Returns a caveat's reason against a context in which every field of its `asks` was found. */
export function refusalBy(caveat: Caveat<never>, context: object, behind: number): CaveatRefusal | undefined {
  // The fields that the type of the caveat's context names are those of `asks`, which the caller has found.
  return (caveat as unknown as Caveat<object>).refuses(context, behind);
}

/** Returns the fields that caveats ask. Caveats of one kind share the list. */
export function fieldsAsked(caveats: readonly PlacedCaveat[]): readonly AskedField[] {
  const lists = new Set<readonly AskedField[]>();
  const fields: AskedField[] = [];
  for (const { caveat: { asks } } of caveats) {
    if (lists.has(asks)) continue;
    lists.add(asks);
    fields.push(...asks);
  }
  return fields;
}

/** Returns the first of these fields that the context does not have, or has in another type. */
export function missingField(asks: readonly AskedField[], context: object): string | undefined {
  for (const { name, type } of asks) if (!hasField(context, name, type)) return name;
  return undefined;
}

function hasField(context: object, name: string, type: keyof FieldTypes): boolean {
  // A context comes from a program, perhaps with getters or a class: a field is whatever reading it gives. What every object
  // inherits is no answer of this one.
  const value: unknown = name in Object.prototype && !Object.hasOwn(context, name) ? undefined : Reflect.get(context, name);
  return type === "bytes" ? value instanceof Uint8Array : typeof value === type;
}
