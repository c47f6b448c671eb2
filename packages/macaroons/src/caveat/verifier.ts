import type { Caveat, CaveatKind, Subject } from "./caveat-kind.ts";
import { CaveatError } from "../errors.ts";
import { refuseNonList, shown } from "../options.ts";
import { Grant } from "./grant.ts";
import type { Macaroon } from "../token/macaroon.ts";
import { STANDARD_CAVEATS } from "./standard-caveats.ts";

/** Meaning of a macaroon's caveats. */
export type Understanding = Understood | NotUnderstood;

/** Every caveat is of a known kind. */
export interface Understood {
  readonly ok: true;
  /** Their common rights. */
  readonly grant: Grant;
}

/** A caveat that the verifier cannot judge; so the token permits nothing. */
export interface NotUnderstood {
  readonly ok: false;
  /** Obstacle. */
  readonly reason: "unknown-caveat" | "third-party-caveat" | "once-in-discharge";
}

/**
 * Understands caveats of certain kinds, and refuses every other: it fails closed. It looks at caveats only; the
 * signature is for the {@link MacaroonFactory} to check, before.
 *
 * @example
 * ```ts
 * import { MacaroonFactory, createStandardVerifier } from "@void-system/macaroons";
 * const token = new MacaroonFactory(new Uint8Array(32)).mint(["moon = full"]);
 * createStandardVerifier().understand(token); // => ({ ok: false, reason: "unknown-caveat" })
 * ```
 */
export class CaveatVerifier {
  readonly #kinds: readonly CaveatKind[];

  constructor(kinds: readonly CaveatKind[]) {
    refuseNonList("CaveatVerifier", "kinds", kinds);
    this.#kinds = [...kinds];
  }

  /**
   * Returns what the caveats of a macaroon together allow `subject`, or that one of them is beyond this verifier.
   *
   * @param discharges - Those beside it, all checked already. Without, a third party's caveat is refused.
   */
  understand(macaroon: Macaroon, subject: Subject = {}, discharges?: readonly Macaroon[]): Understanding {
    if (discharges === undefined && macaroon.hasThirdParty) return { ok: false, reason: "third-party-caveat" };
    const caveats: Caveat[] = [];
    if (!this.#understandAll(macaroon, caveats)) return { ok: false, reason: "unknown-caveat" };
    const own = caveats.length;
    for (const discharge of discharges ?? []) {
      if (!this.#understandAll(discharge, caveats)) return { ok: false, reason: "unknown-caveat" };
    }
    // The name that is claimed is the token's: two discharges that may be used once each could not be told apart.
    if (caveats.slice(own).some(({ facts }) => facts?.once)) return { ok: false, reason: "once-in-discharge" };
    return { ok: true, grant: new Grant(caveats, subject) };
  }

  /**
   * Refuses to let a caveat be added that this verifier would always refuse.
   *
   * @throws {@link CaveatError} for a caveat of no known kind.
   */
  check(text: string): void {
    if (typeof text !== "string") throw new CaveatError(`expected a caveat as text, got ${shown(text)}`);
    if (this.#parse(text).length > 0) return;
    const forms = this.#kinds.map(({ form }) => form).join("; ");
    throw new CaveatError(`expected a caveat of a known form (${forms}), got ${JSON.stringify(text.slice(0, 80))}`);
  }

  #understandAll(macaroon: Macaroon, caveats: Caveat[]): boolean {
    for (const text of macaroon.firstPartyCaveats) {
      const found = text === undefined ? [] : this.#parse(text);
      if (found.length === 0) return false;
      caveats.push(...found);
    }
    return true;
  }

  /** If two kinds claim a text, both must allow. */
  #parse(text: string): readonly Caveat[] {
    const found: Caveat[] = [];
    for (const kind of this.#kinds) {
      const caveat = kind.parse(text);
      if (caveat !== undefined) found.push(caveat);
    }
    return found;
  }
}

/**
 * A verifier of the standard caveats: `time < N`, `time >= N` (milliseconds since 1970), `resource = PATH`,
 * `resource under PATH`, `operation in a,b`, `user = NAME`, `once`; and of more kinds that you give.
 *
 * @example
 * ```ts
 * import { createStandardVerifier } from "@void-system/macaroons";
 * import type { CaveatKind } from "@void-system/macaroons";
 * const quiet: CaveatKind = {
 *   form: "quiet hours",
 *   parse: (text) =>
 *     text === "quiet hours"
 *       ? { refuses: ({ timeMs }) => (timeMs % 86_400_000 < 21_600_000 ? undefined : "caveat-refused") }
 *       : undefined,
 * };
 * createStandardVerifier([quiet]).check("quiet hours");
 * ```
 */
export function createStandardVerifier(more: readonly CaveatKind[] = []): CaveatVerifier {
  refuseNonList("createStandardVerifier", "kinds", more);
  return new CaveatVerifier([...STANDARD_CAVEATS, ...more]);
}
