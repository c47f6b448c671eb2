import type { CapabilityContext } from "../caveat/caveat-kind.ts";
import type { CaveatVerifier } from "../caveat/verifier.ts";
import { refuseUnknown } from "../options.ts";
import { TOKEN_VERIFIER_OPTIONS, TokenVerifier, type TokenVerifierOptions } from "../verify/token-verifier.ts";
import { type Issuers, type PublicPresented, publicAuthority } from "./public-authority.ts";

/**
 * Judges public tokens of its issuers. With all that it holds, nobody mints a token or widens one. Its verdict depends only
 * on the token, its discharges, the context, revocations and the given keys, so that replicas that agree on these agree on the
 * verdict.
 *
 * @example
 * ```ts
 * import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
 * import { PublicToken, PublicVerifier, VerificationBudget, createStandardVerifier } from "@void-system/macaroons";
 *
 * const issuer = ed25519.signer(generateKey("ed25519"));
 * const verifier = new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier());
 * using token = PublicToken.mint(issuer, ["operation in read"]);
 *
 * const binding = new TextEncoder().encode("command 17"); // a digest of the command, in real life
 * const shown = token.seal({ binding });
 * const budgets = [new VerificationBudget({ perSecond: 100, most: 20 })]; // of the connection
 * const context = { timeMs: 1000, resource: "/a", operation: "read" };
 * verifier.verify(shown, context, { binding, budgets }).ok; // => true
 * verifier.verify(shown, context, { budgets }); // => ({ ok: false, reason: "bad-seal" })
 * ```
 */
export class PublicVerifier<C extends object = CapabilityContext> extends TokenVerifier<PublicPresented, C> {
  /**
   * @param issuers - loaded keys, or a ring of `@void-system/crypto`, whose time is the context's `timeMs`.
   * @throws {@link OptionError} for an option of another name; InvalidOptionError of `@void-system/crypto` for a key that was
   * not loaded.
   */
  constructor(issuers: Issuers, verifier: CaveatVerifier<C>, options: TokenVerifierOptions = {}) {
    refuseUnknown("PublicVerifier", options, TOKEN_VERIFIER_OPTIONS);
    super(publicAuthority(issuers), verifier, options);
  }

  protected override get nothing(): PublicPresented {
    return NOTHING;
  }
}

const NOTHING: PublicPresented = {};
