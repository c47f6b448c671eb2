import { type CaveatKind, defineCaveat } from "../src/index.ts";

/** Kind of every caveat of these texts, or of every text: it always holds. */
export function anyCaveat(texts?: ReadonlySet<string>): CaveatKind {
  return defineCaveat({ form: "any", asks: {}, parse: (text) => (texts?.has(text) === false ? undefined : text), check: () => true });
}
