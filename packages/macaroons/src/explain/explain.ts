import type { CaveatRefusal } from "../caveat/caveat-kind.ts";
import type { Clause } from "../caveat/clause.ts";
import { fieldsAsked, missingField, refusalBy } from "../caveat/understood-caveats.ts";
import type { CaveatVerifier } from "../caveat/verifier.ts";
import type { DischargeRefusal } from "../third-party/walk-discharges.ts";
import type { Inauthentic, TokenTrace, TracedDemand } from "../verify/authority.ts";
import type { RefusalReason, Verdict } from "../verify/judge.ts";

/** Why a token was accepted or refused. It holds neither the token nor a signature. */
export interface Explanation {
  /** The verdict of `verify`. */
  readonly ok: boolean;
  /** Reason of the refusal: the first that `verify` meets. */
  readonly reason: RefusalReason | undefined;
  /** Field that the context lacks. */
  readonly missing: string | undefined;
  /** Id of the key that the token names. */
  readonly keyId: string | undefined;
  /** Name of this very copy, by which a list can revoke it with all that were narrowed from it. */
  readonly link: string | undefined;
  /** Minting date, in milliseconds since 1970, if the issuer wrote it. */
  readonly mintedAtMs: number | undefined;
  /** Memo of the issuer. */
  readonly memo: string | undefined;
  /** Reason against the token's own signatures. With one, nothing that the token says was proved. */
  readonly authenticity: Inauthentic | undefined;
  /** The token, and its discharges behind it. Empty for what is no token. */
  readonly parts: readonly ExplainedPart[];
}

/** The token, or a discharge. */
export interface ExplainedPart {
  /** Safe to log, and the same in every copy. */
  readonly name: string;
  /** Its caveats, in order. */
  readonly caveats: readonly ExplainedCaveat[];
  /** True for a discharge that no good caveat asks for. */
  readonly isUnused: boolean;
}

/** Outcome of a caveat. */
export type CaveatOutcome =
  | "holds"
  /** Left to the edge by a verifier with `edgeHasJudged`. */
  | "left-to-the-edge"
  | "unknown-caveat"
  | "once-token-not-reusable"
  | "once-in-discharge"
  /** A refusal before it leaves no key to check the discharge with. */
  | "unchecked"
  | CaveatRefusal
  | DischargeRefusal;

/** A caveat, and its outcome. */
export interface ExplainedCaveat {
  /** The caveat of a first party; `undefined` if it is not UTF-8 or is a third party's. */
  readonly text: string | undefined;
  /** Outcome of the caveat. */
  readonly outcome: CaveatOutcome;
  /** Field that the context lacks. */
  readonly missing?: string;
  /** Place, in this part, of a caveat that allows no more than this one: so this one adds nothing. */
  readonly impliedBy?: number;
  /** The third party that must discharge it. */
  readonly thirdParty?: { readonly id: string; readonly location: string | undefined; readonly discharge: number | undefined };
}

/** Explains a verdict by the token's trace. Judges every caveat, also behind the first refusal. */
export function explainToken(verdict: Verdict<never>, trace: TokenTrace | undefined, context: object, verifier: Explaining): Explanation {
  const parts = trace?.parts.map(({ name, caveats, isUnused }, at) => ({ name, isUnused, caveats: explainedCaveats(caveats, at > 0, context, verifier) }));
  return {
    ok: verdict.ok,
    reason: verdict.ok ? undefined : verdict.reason,
    missing: verdict.ok ? undefined : verdict.missing,
    keyId: trace?.keyId,
    link: trace?.link,
    mintedAtMs: trace?.mintedAtMs,
    memo: trace?.memo,
    authenticity: trace === undefined ? (verdict.ok || verdict.reason !== "over-budget" ? "malformed" : "over-budget") : trace.refusal,
    parts: parts ?? [],
  };
}

type Explaining = Pick<CaveatVerifier<never>, "parse" | "judges">;

function explainedCaveats(caveats: readonly (Clause | TracedDemand)[], isDischarge: boolean, context: object, verifier: Explaining): readonly ExplainedCaveat[] {
  const parsed = caveats.map((caveat) => ("id" in caveat || caveat.text === undefined ? [] : verifier.parse(caveat.text)));
  return caveats.map((caveat, at): ExplainedCaveat => {
    if ("id" in caveat) {
      const { id, thirdParty: location, discharge, refusal = "holds" } = caveat;
      return { text: undefined, outcome: refusal, thirdParty: { id, location, discharge } };
    }
    const mine = parsed[at] ?? [];
    // Of two that imply each other, the later one adds nothing.
    const impliedBy = parsed.findIndex((others, place) => {
      const implies = place !== at && mine.length > 0 && mine.every((one) => others.some((other) => other.implies(one)));
      return implies && (place < at || !others.every((other) => mine.some((one) => one.implies(other))));
    });
    return { text: caveat.text, ...outcomeOf(mine, caveat.behind, isDischarge, context, verifier), ...(impliedBy >= 0 && { impliedBy }) };
  });
}

type Outcome = Pick<ExplainedCaveat, "outcome" | "missing">;

function outcomeOf(caveats: ReturnType<Explaining["parse"]>, behind: number, isDischarge: boolean, context: object, verifier: Explaining): Outcome {
  if (caveats.length === 0) return { outcome: "unknown-caveat" };
  if (caveats.some(({ facts }) => facts.once)) return { outcome: isDischarge ? "once-in-discharge" : "once-token-not-reusable" };
  const judged = caveats.filter((caveat) => verifier.judges(caveat));
  if (judged.length === 0) return { outcome: "left-to-the-edge" };
  const missing = missingField(fieldsAsked(judged.map((caveat) => ({ caveat, behind }))), context);
  if (missing !== undefined) return { outcome: "incomplete-context", missing };
  for (const caveat of judged) {
    const refusal = refusalBy(caveat, context, behind);
    if (refusal !== undefined) return { outcome: refusal };
  }
  return { outcome: "holds" };
}
