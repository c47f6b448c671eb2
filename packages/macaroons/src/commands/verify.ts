import { loadPublicKey } from "@void-system/crypto";
import { BAKERY_CAVEATS } from "../caveat/bakery-caveats.ts";
import type { CapabilityContext } from "../caveat/caveat-kind.ts";
import { createStandardVerifier } from "../caveat/verifier.ts";
import { CapabilityManager } from "../capability/capability-manager.ts";
import { OptionError } from "../errors.ts";
import type { Explanation } from "../explain/explain.ts";
import { explanationMermaid, explanationText } from "../explain/explanation-text.ts";
import { PublicVerifier } from "../public/public-verifier.ts";
import { openSealedKey } from "../third-party/sealed-key.ts";
import { MacaroonFactory } from "../token/macaroon-factory.ts";
import { keyIdOf } from "../token/identifier.ts";
import { type CommandAnswer, type TokenText, macaroonOf, publicTokenOf } from "./answer.ts";

/** Request of {@link verifyCommand}. */
export interface VerifyRequest {
  /** Token to judge. */
  readonly token: TokenText;
  /** Discharges beside it. */
  readonly discharges?: readonly TokenText[] | undefined;
  /** Root key: macaroons alone are accepted. */
  readonly key?: Uint8Array | undefined;
  /**
   * The 32 bytes of the issuer's public key: public tokens alone are accepted. Never the same as `key`, since anybody can mint
   * macaroons under a public key.
   */
  readonly issuer?: Uint8Array | undefined;
  /** Context that is judged. A field that a caveat asks and the context lacks is reported. */
  readonly context: Partial<CapabilityContext>;
}

/** Request of {@link explainCommand}. */
export interface ExplainRequest extends VerifyRequest {
  /** True for a Mermaid flow chart. @defaultValue false */
  readonly mermaid?: boolean | undefined;
}

/**
 * Judges a macaroon by a root key, or a public token by its issuer's key, with the standard caveats and those of the Go bakery.
 * A token with `once` is refused: nothing would remember its use.
 *
 * @throws `MacaroonError` for what is no token of the kind that the key is for, or a key that is none.
 */
export function verifyCommand(request: VerifyRequest): CommandAnswer {
  const { ok, reason, missing } = explained(request);
  const value = { ok, ...(reason !== undefined && { reason }), ...(missing !== undefined && { missing }) };
  return { ok, text: ok ? "accepted" : `refused: ${reason}${missing === undefined ? "" : ` (the context lacks ${missing})`}`, value };
}

/**
 * Explains the verdict of {@link verifyCommand}: every caveat and every discharge, as text, Mermaid or data.
 *
 * @throws as {@link verifyCommand} does.
 */
export function explainCommand(request: ExplainRequest): CommandAnswer {
  const explanation = explained(request);
  const text = request.mermaid === true ? explanationMermaid(explanation) : explanationText(explanation);
  return { ok: explanation.ok, text, value: explanation };
}

/** The caller's key says of which kind the token must be. The token does not. */
function explained({ token, discharges = [], key, issuer, context }: VerifyRequest): Explanation {
  const verifier = createStandardVerifier(BAKERY_CAVEATS);
  // Fields that are missing are what the verdict reports.
  const asked = context as CapabilityContext;
  const sealed = publicTokenOf(token);
  if (key === undefined && issuer !== undefined) {
    if (sealed === undefined) throw new OptionError("verify", "a public token, for the issuer's public key", "another text");
    return new PublicVerifier(publicKeyOf(issuer), verifier).explain(sealed, asked, { discharges: discharges.map((one) => one.trim()) });
  }
  if (key === undefined || issuer !== undefined) throw new OptionError("verify", "a root key (--key), or a public key (--issuer)", key === undefined ? "neither" : "both");
  if (sealed !== undefined) throw new OptionError("verify", "a macaroon, for a root key", "a public token");
  const macaroon = macaroonOf(token);
  const keyId = keyIdOf(macaroon.identifier);
  const factory = new MacaroonFactory(key, keyId === undefined ? {} : { keyId });
  const manager = new CapabilityManager(factory, verifier, { openSealedKey, keyOf: () => key });
  return manager.explain(macaroon, asked, { discharges: discharges.map(macaroonOf) });
}

function publicKeyOf(key: Uint8Array): ReturnType<typeof loadPublicKey> {
  try {
    return loadPublicKey(key);
  } catch {
    throw new OptionError("verify", "the 32 bytes of an Ed25519 public key, for a public token", `${key.length} bytes that are none`);
  }
}
