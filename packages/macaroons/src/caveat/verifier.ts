import type { Caveat, CaveatKind, Subject } from "./caveat-kind.ts";
import { CaveatError } from "../errors.ts";
import { Grant } from "./grant.ts";
import type { Macaroon } from "../token/macaroon.ts";
import { STANDARD_CAVEATS } from "./standard-caveats.ts";

/** What a verifier makes of a macaroon's caveats. */
export type Understanding = Understood | NotUnderstood;

/** Every caveat is of a known kind. */
export interface Understood {
  readonly ok: true;
  /** What they allow together. */
  readonly grant: Grant;
}

/** A caveat that the verifier cannot judge; so the token permits nothing. */
export interface NotUnderstood {
  readonly ok: false;
  /** What stands in the way. */
  readonly reason: "unknown-caveat" | "third-party-caveat";
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
    this.#kinds = [...kinds];
  }

  /** Returns what the caveats of a macaroon together allow `subject`, or that one of them is beyond this verifier. */
  understand(macaroon: Macaroon, subject: Subject = {}): Understanding {
    if (macaroon.hasThirdParty) return { ok: false, reason: "third-party-caveat" };
    const caveats: Caveat[] = [];
    for (const text of macaroon.caveats) {
      const found = text === undefined ? [] : this.#parse(text);
      if (found.length === 0) return { ok: false, reason: "unknown-caveat" };
      caveats.push(...found);
    }
    return { ok: true, grant: new Grant(caveats, subject) };
  }

  /**
   * Refuses to let a caveat be added that this verifier would refuse ever after.
   *
   * @throws {@link CaveatError} for a caveat of no known kind.
   */
  check(text: string): void {
    if (this.#parse(text).length > 0) return;
    const forms = this.#kinds.map(({ form }) => form).join("; ");
    throw new CaveatError(`expected a caveat of a known form (${forms}), got ${JSON.stringify(text.slice(0, 80))}`);
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
  return new CaveatVerifier([...STANDARD_CAVEATS, ...more]);
}
