import { OptionError } from "../errors.ts";
import { refusePromise, refuseUnknown, requireFunctions, shown } from "../options.ts";
import type { AskedField, Caveat, CaveatFacts, CaveatKind, CaveatRefusal, ContextOf, FieldTypes, Fields } from "./caveat-kind.ts";

/** A kind of caveat: its text, and what it asks of the context. */
export interface CaveatDefinition<F extends Fields, V> {
  /** Form of its text, for messages: `user = NAME`. */
  readonly form: string;
  /**
   * Returns the value that a text of this kind stands for; `undefined` for any other text, and for one that it does not
   * fully understand. One value should have one text.
   */
  readonly parse: (text: string) => V | undefined;
  /** Fields of the context that {@link CaveatDefinition.check} reads, with their types. @defaultValue none */
  readonly asks?: F;
  /**
   * Returns true where the caveat allows the context. Pure: it reads its arguments alone, no clock and no list, so that
   * every verifier gives the same answer.
   *
   * @param behind - number of links behind the caveat: later caveats of a macaroon, later blocks of a public token.
   */
  readonly check: (value: V, context: ContextOf<F>, behind: number) => boolean;
  /** Reason of its refusals. @defaultValue "caveat-refused" */
  readonly refusal?: Exclude<CaveatRefusal, "incomplete-context">;
  /** Returns true if whatever the first value allows, the second allows too. For `explain`. @defaultValue equal texts only */
  readonly implies?: (value: V, other: V) => boolean;
  /** Returns what a value states about the token as a whole. @defaultValue nothing */
  readonly facts?: (value: V) => CaveatFacts;
  /**
   * True if only the edge, which has the connection, can judge it: an address, TLS. A verifier that judges later, from a
   * log, leaves it to the edge. @defaultValue false
   */
  readonly edgeOnly?: boolean;
}

const OPTIONS = ["form", "parse", "asks", "check", "refusal", "implies", "facts", "edgeOnly"];
const TYPES: Readonly<Record<keyof FieldTypes, true>> = { string: true, number: true, boolean: true, bytes: true };
const NO_FACTS: CaveatFacts = {};

/**
 * Defines a kind of caveat. A verifier that registers it asks for the fields in its contexts: their type is inferred from
 * `asks`.
 *
 * @throws {@link OptionError} for an unknown option, a form that is no text, or a field of an unknown type.
 * @example
 * ```ts
 * import { CapabilityManager, CaveatVerifier, MacaroonFactory, defineCaveat } from "@void-system/macaroons";
 *
 * const tenant = defineCaveat({
 *   form: "tenant = NAME",
 *   asks: { tenant: "string" },
 *   parse: (text) => /^tenant = ([a-z]+)$/.exec(text)?.[1],
 *   check: (name, context) => context.tenant === name,
 * });
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const manager = new CapabilityManager(factory, new CaveatVerifier([tenant]));
 * manager.verify(factory.mint(["tenant = acme"]), { tenant: "acme" }).ok; // => true
 * manager.verify(factory.mint(["tenant = acme"]), { tenant: "other" }); // => ({ ok: false, reason: "caveat-refused" })
 * ```
 */
export function defineCaveat<const F extends Fields = Record<never, never>, V = unknown>(
  definition: CaveatDefinition<F, V>,
): CaveatKind<ContextOf<F>> {
  refuseUnknown("defineCaveat", definition, OPTIONS);
  const { form, parse, check, asks = {} } = definition;
  if (typeof form !== "string" || form === "") throw new OptionError("defineCaveat", "a form as text", shown(form));
  requireFunctions("defineCaveat", parse, check);
  for (const [name, type] of Object.entries<unknown>(asks)) {
    if (typeof type !== "string" || !Object.hasOwn(TYPES, type)) throw new OptionError("defineCaveat", `a type out of ${Object.keys(TYPES).join(", ")} for the field ${name}`, shown(type));
  }
  const fields: Fields = asks;
  const asked = Object.entries(fields).map(([name, type]) => ({ name, type }));
  return {
    form,
    parse: (text) => {
      const value = parse(text);
      if (value === undefined) return undefined;
      // It would stand for every text, also for those that it resolves to nothing for.
      refusePromise("defineCaveat", "parse", value);
      return new DefinedCaveat(definition, asked, value, text);
    },
  };
}

/** A caveat of a definition. Caveats of two definitions imply nothing of each other. */
class DefinedCaveat<const F extends Fields, V> implements Caveat<ContextOf<F>> {
  readonly asks: readonly AskedField[];
  readonly facts: CaveatFacts;
  readonly #definition: CaveatDefinition<F, V>;
  readonly #value: V;
  readonly #text: string;

  constructor(definition: CaveatDefinition<F, V>, asks: readonly AskedField[], value: V, text: string) {
    this.#definition = definition;
    this.#value = value;
    this.#text = text;
    this.asks = asks;
    this.facts = definition.facts?.(value) ?? NO_FACTS;
    refusePromise("defineCaveat", "facts", this.facts);
  }

  get edgeOnly(): boolean {
    return this.#definition.edgeOnly === true;
  }

  refuses(context: ContextOf<F>, behind: number): CaveatRefusal | undefined {
    const { check, refusal = "caveat-refused" } = this.#definition;
    // Nothing but `true` is a yes: a promise is none.
    return check(this.#value, context, behind) === true ? undefined : refusal;
  }

  implies(other: object): boolean {
    if (!(#definition in other) || other.#definition !== this.#definition) return false;
    // Values of one definition are of one type.
    return other.#text === this.#text || this.#definition.implies?.(this.#value, other.#value as V) === true;
  }
}
