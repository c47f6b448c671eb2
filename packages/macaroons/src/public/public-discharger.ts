import type { RandomOptions, Signer } from "@void-system/crypto";
import { equalBytes } from "@void-system/bytes";
import { OptionError } from "../errors.ts";
import { shown } from "../options.ts";
import type { ConditionJudge } from "../third-party/discharger.ts";
import type { PublicDemand } from "./block.ts";
import { PublicToken } from "./public-token.ts";

/** Answer of a third party to a caveat of a public token. */
export type PublicDischarged =
  | {
      readonly ok: true;
      /** The holder seals it for the token. It has a secret: send it over an encrypted link only. */
      readonly discharge: PublicToken;
    }
  | {
      readonly ok: false;
      /** The caveat names another third party, or its condition does not hold. */
      readonly reason: "other-third-party" | "condition-refused";
    };

/**
 * Returns the discharge of a public token's caveat if `judge` finds that its condition holds: for third parties, who need
 * nothing but their own key.
 *
 * @throws {@link OptionError} when the judge returns neither a list nor `false`; {@link CaveatError} when a caveat of its list
 * cannot be one.
 * @example
 * ```ts
 * import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
 * import { PublicToken, PublicVerifier, createStandardVerifier, dischargePublicly } from "@void-system/macaroons";
 *
 * const issuer = ed25519.signer(generateKey("ed25519"));
 * const auth = ed25519.signer(generateKey("ed25519"));
 * using plain = PublicToken.mint(issuer);
 * using token = plain.addThirdPartyCaveat({ thirdParty: auth.publicKey, condition: "user is ada" });
 *
 * const shown = token.seal();
 * const discharges = shown.thirdPartyCaveats.map((caveat) => {
 *   const answer = dischargePublicly(auth, caveat, (condition) => (condition === "user is ada" ? ["time < 2000"] : false));
 *   if (!answer.ok) throw new Error(answer.reason);
 *   using discharge = answer.discharge;
 *   return discharge.sealFor(shown);
 * });
 *
 * const verifier = new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier());
 * const context = { timeMs: 1000, resource: "/a", operation: "read" };
 * verifier.verify(shown, context, { discharges }).ok; // => true
 * verifier.verify(shown, context); // => ({ ok: false, reason: "missing-discharge" })
 * ```
 */
export function dischargePublicly(thirdParty: Signer, caveat: PublicDemand, judge: ConditionJudge, options: RandomOptions = {}): PublicDischarged {
  if (!equalBytes(caveat.thirdParty, thirdParty.publicKey)) return { ok: false, reason: "other-third-party" };
  const caveats: unknown = judge(caveat.condition);
  if (caveats === false) return { ok: false, reason: "condition-refused" };
  if (!Array.isArray(caveats)) throw new OptionError("dischargePublicly", "a judge that returns a list of caveats or false", shown(caveats));
  return { ok: true, discharge: PublicToken.discharge(thirdParty, caveat, caveats, options) };
}
