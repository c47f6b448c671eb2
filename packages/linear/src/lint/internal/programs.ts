import type ts from "typescript";
import type { Ownership } from "./linearity.ts";

/** The property by which an element of a row names the effect that a program needs. It exists only in the type system. */
export const NEED = "~need";
/** Names of the types of programs, by which one that needs no effect differs from other iterables. */
const PROGRAMS: ReadonlySet<string> = new Set(["Eff", "Generator"]);

/** Determines with the compiler which values are programs with effects, as of `@void-system/effects`. */
export class Programs {
  readonly #ownership: Ownership;
  readonly #known = new Map<ts.Type, boolean>();

  constructor(ownership: Ownership) {
    this.#ownership = ownership;
  }

  /** Returns true for the type of a program: an iterable whose row needs an effect, or an `Eff` or generator that needs none. */
  has(type: ts.Type): boolean {
    let known = this.#known.get(type);
    if (known === undefined) {
      known = type.isUnion() ? type.types.every((part) => this.has(part)) : this.#isProgram(type);
      this.#known.set(type, known);
    }
    return known;
  }

  #isProgram(type: ts.Type): boolean {
    const { checker } = this.#ownership;
    const iterate = type.getProperties().find(({ name }) => name.startsWith("__@iterator"));
    const iterator = iterate && checker.getTypeOfSymbol(iterate).getCallSignatures()[0]?.getReturnType();
    if (iterator === undefined || this.#ownership.isAnything(iterator)) return false;
    // An iterator's type is a reference to a generic interface, whose first argument is what it yields.
    const [row] = checker.getTypeArguments(iterator as ts.TypeReference);
    if (row === undefined) return false;
    const parts = row.isUnion() ? row.types : [row];
    if (parts.some((part) => part.getProperty(NEED) !== undefined)) return true;
    const isOpen = row === checker.getNeverType() || row.isTypeParameter();
    return isOpen && PROGRAMS.has(type.getSymbol()?.name ?? "");
  }
}
