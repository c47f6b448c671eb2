import type { CapabilityContext, Caveat, CaveatKind, ContextOfKinds } from "./caveat-kind.ts";
import { CaveatError } from "../errors.ts";
import { refuseNonList, refuseUnknown, shown } from "../options.ts";
import type { Clause } from "./clause.ts";
import { type PlacedCaveat, type UnderstoodCaveats, fieldsAsked, isOnce } from "./understood-caveats.ts";
import { STANDARD_CAVEATS } from "./standard-caveats.ts";

/** Obstacle to understanding caveats: so the token permits nothing. */
export type NotUnderstood = "unknown-caveat" | "once-in-discharge";

/** Options of {@link CaveatVerifier}. */
export interface CaveatVerifierOptions {
  /**
   * True to take for granted the caveats that only the edge can judge, such as `address = IP`: for a replica that judges a
   * command of a log, whose edge has judged them. @defaultValue false
   */
  readonly edgeHasJudged?: boolean;
}

/**
 * Understands caveats of certain kinds, and refuses every other: it fails closed. It looks at caveats only; signatures are
 * checked before. Its contexts have the fields that its kinds ask for.
 *
 * @example
 * ```ts
 * import { CaveatVerifier, defineCaveat } from "@void-system/macaroons";
 * const quiet = defineCaveat({
 *   form: "quiet hours",
 *   asks: { timeMs: "number" },
 *   parse: (text) => (text === "quiet hours" ? true : undefined),
 *   check: (_, { timeMs }) => timeMs % 86_400_000 < 21_600_000,
 * });
 * new CaveatVerifier([quiet]).check("quiet hours");
 * ```
 */
export class CaveatVerifier<C extends object = CapabilityContext> {
  readonly #kinds: readonly CaveatKind<never>[];
  readonly #edgeHasJudged: boolean;
  /** In the type alone: the context that its kinds ask for. */
  declare readonly context?: (context: C) => void;

  /** @throws {@link OptionError} for kinds that are no list, or an unknown option. */
  constructor(kinds: readonly CaveatKind<C>[], options: CaveatVerifierOptions = {}) {
    refuseNonList("CaveatVerifier", "kinds", kinds);
    refuseUnknown("CaveatVerifier", options, ["edgeHasJudged"]);
    this.#kinds = [...kinds];
    this.#edgeHasJudged = options.edgeHasJudged === true;
  }

  /**
   * Returns the meaning of a token's caveats and of its discharges', or the obstacle: one caveat that is beyond this
   * verifier is enough.
   */
  understand(clauses: readonly Clause[], discharges: readonly (readonly Clause[])[] = []): UnderstoodCaveats | NotUnderstood {
    const caveats: PlacedCaveat[] = [];
    if (!this.#understandAll(clauses, caveats)) return "unknown-caveat";
    const own = caveats.length;
    for (const discharge of discharges) if (!this.#understandAll(discharge, caveats)) return "unknown-caveat";
    // The name that is claimed is the token's: two discharges that may be used once each could not be told apart.
    if (isOnce({ caveats: caveats.slice(own) })) return "once-in-discharge";
    return { caveats, asks: fieldsAsked(caveats) };
  }

  /** Returns the caveats that a text stands for: none if it is of no known kind. If two kinds claim it, both must allow. */
  parse(text: string): readonly Caveat<never>[] {
    const found: Caveat<never>[] = [];
    for (const kind of this.#kinds) {
      const caveat = kind.parse(text);
      if (caveat !== undefined) found.push(caveat);
    }
    return found;
  }

  /** Returns true if this verifier judges a caveat itself, rather than take it for granted. */
  judges(caveat: Caveat<never>): boolean {
    return !(this.#edgeHasJudged && caveat.edgeOnly);
  }

  /**
   * Refuses to let a caveat be added that this verifier would always refuse.
   *
   * @throws {@link CaveatError} for a caveat of no known kind.
   */
  check(text: string): void {
    if (typeof text !== "string") throw new CaveatError(`expected a caveat as text, got ${shown(text)}`);
    if (this.parse(text).length > 0) return;
    const forms = this.#kinds.map(({ form }) => form).join("; ");
    throw new CaveatError(`expected a caveat of a known form (${forms}), got ${JSON.stringify(text.slice(0, 80))}`);
  }

  #understandAll(clauses: readonly Clause[], caveats: PlacedCaveat[]): boolean {
    for (const { text, behind } of clauses) {
      const found = text === undefined ? [] : this.parse(text);
      if (found.length === 0) return false;
      for (const caveat of found) if (this.judges(caveat)) caveats.push({ caveat, behind });
    }
    return true;
  }
}

/**
 * A verifier of the standard caveats: `time < N`, `time >= N` (milliseconds since 1970), `resource = PATH`,
 * `resource under PATH`, `operation in a,b`, `user = NAME`, `audience = NAME`, `method in GET,HEAD`, `address = IP`,
 * `address in NETWORK`, `body sha256 = HEX`, `delegations <= N`, `once`; and of more kinds that you give.
 *
 * @example
 * ```ts
 * import { BAKERY_CAVEATS, createStandardVerifier } from "@void-system/macaroons";
 * createStandardVerifier(BAKERY_CAVEATS).check("address in 10.0.0.0/8");
 * ```
 */
export function createStandardVerifier<const K extends readonly CaveatKind<never>[] = readonly []>(
  more?: K,
  options?: CaveatVerifierOptions,
): CaveatVerifier<CapabilityContext & ContextOfKinds<K>> {
  if (more !== undefined) refuseNonList("createStandardVerifier", "kinds", more);
  const kinds: readonly CaveatKind<never>[] = [...STANDARD_CAVEATS, ...(more ?? [])];
  // A kind takes every context that has more fields than it asks for: these have all.
  return new CaveatVerifier(kinds as readonly CaveatKind<CapabilityContext & ContextOfKinds<K>>[], options);
}
