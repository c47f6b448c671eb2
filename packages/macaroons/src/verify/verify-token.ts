import type { CapabilityContext } from "../caveat/caveat-kind.ts";
import type { Clause } from "../caveat/clause.ts";
import { isOnce, missingField, refusalOfCaveats } from "../caveat/understood-caveats.ts";
import type { CaveatVerifier } from "../caveat/verifier.ts";
import { refuseUnknown } from "../options.ts";
import { type Unauthorized, contextOf } from "./judge.ts";
import { type KeyOf, type PresentedWith, type SealedKeyOpener, type TokenInput, authenticateMacaroon, checkCall, clausesOf } from "./macaroon-authenticator.ts";

/** Options of {@link verifyToken}, and the discharges beside the token. */
export interface VerifyTokenOptions<C extends object> extends PresentedWith {
  /** Root keys by identifier. */
  readonly keyOf: KeyOf;
  /** Caveats that are understood. */
  readonly verifier: CaveatVerifier<C>;
  /** `openSealedKey` of this package, to accept discharges. @defaultValue third parties' caveats are refused */
  readonly openSealedKey?: SealedKeyOpener | undefined;
}

/**
 * Judges a macaroon, and nothing more: for programs that neither mint nor remember, which load a small part of the package. A
 * token with `once` is refused. `CapabilityManager` gives the same verdicts.
 *
 * @throws {@link OptionError} for a wrong call; never because of the token, its discharges or the context.
 * @example
 * ```ts
 * import { Macaroon, createStandardVerifier, verifyToken } from "@void-system/macaroons";
 * const rootKey = new Uint8Array(32).fill(7);
 * const token = Macaroon.mint(rootKey, new TextEncoder().encode("0")).addCaveat("time < 2000").encode();
 * const how = { keyOf: () => rootKey, verifier: createStandardVerifier() };
 * verifyToken(token, { timeMs: 1000, resource: "/a", operation: "read" }, how).ok; // => true
 * verifyToken(token, { timeMs: 3000, resource: "/a", operation: "read" }, how); // => ({ ok: false, reason: "expired" })
 * ```
 */
export function verifyToken<C extends object = CapabilityContext>(token: TokenInput, context: C, options: VerifyTokenOptions<C>): { readonly ok: true } | Unauthorized {
  refuseUnknown("verifyToken", options, ["keyOf", "verifier", "openSealedKey", "discharges"]);
  const { keyOf, verifier, openSealedKey, discharges } = options;
  checkCall({ discharges }, { openSealedKey });
  const authentic = authenticateMacaroon<Signed>(token, { discharges }, { keyOf, openSealedKey }, (parts, _, beside) => ({
    clauses: clausesOf(parts),
    discharges: beside.map(({ clauses }) => clauses),
  }));
  if (typeof authentic === "string") return { ok: false, reason: authentic };
  const understood = verifier.understand(authentic.clauses, authentic.discharges);
  if (typeof understood === "string") return { ok: false, reason: understood };
  if (isOnce(understood)) return { ok: false, reason: "once-token-not-reusable" };
  const whole = contextOf(context);
  const reason = refusalOfCaveats(understood, whole);
  const missing = reason === "incomplete-context" ? missingField(understood.asks, whole) : undefined;
  return reason === undefined ? { ok: true } : { ok: false, reason, ...(missing !== undefined && { missing }) };
}

/** Caveats under signatures that hold. */
interface Signed {
  readonly clauses: readonly Clause[];
  readonly discharges: readonly (readonly Clause[])[];
}
