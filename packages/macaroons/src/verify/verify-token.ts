import type { CapabilityContext } from "../caveat/caveat-kind.ts";
import { Grant } from "../caveat/grant.ts";
import type { CaveatVerifier } from "../caveat/verifier.ts";
import { refuseUnknown } from "../options.ts";
import { type Verdict, contextOf, permitted, recognise } from "./judge.ts";
import { type KeyOf, type PresentedWith, type SealedKeyOpener, type TokenInput, macaroonAuthenticator } from "./macaroon-authenticator.ts";

/** How {@link verifyToken} judges, and what came beside the token. */
export interface VerifyTokenOptions<C extends object> extends PresentedWith {
  /** Root keys by identifier. */
  readonly keyOf: KeyOf;
  /** Caveats that are understood. */
  readonly verifier: CaveatVerifier<C>;
  /** `openSealedKey` of this package, to accept discharges. @defaultValue third parties' caveats are refused */
  readonly openSealedKey?: SealedKeyOpener | undefined;
}

/**
 * Judges a macaroon, and nothing more: for programs that neither mint nor remember, which load a third of the package. A
 * token with `once` is refused.
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
export function verifyToken<C extends object = CapabilityContext>(token: TokenInput, context: C, options: VerifyTokenOptions<C>): Verdict<C> {
  refuseUnknown("verifyToken", options, ["keyOf", "verifier", "openSealedKey", "discharges"]);
  const { keyOf, verifier, openSealedKey, discharges } = options;
  const whole = contextOf(context);
  const recognised = recognise(token, { discharges }, undefined, { authority: macaroonAuthenticator({ keyOf, openSealedKey }), verifier });
  if (typeof recognised === "string") return { ok: false, reason: recognised };
  const grant = new Grant<C>(recognised.understood);
  return grant.isOnce ? { ok: false, reason: "once-token-not-reusable" } : permitted(grant, whole);
}
