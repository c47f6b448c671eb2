import type { LinearContext, LinearResource } from "@void-system/linear";
import { CapabilityToken } from "./capability-token.ts";
import type { CapabilityType } from "./capability-type.ts";
import type { CapabilityContext, CaveatRefusal, ResourceScope, Subject } from "../caveat/caveat-kind.ts";
import { Grant } from "../caveat/grant.ts";
import { Macaroon } from "../token/macaroon.ts";
import type { Authenticity, MacaroonFactory } from "../token/macaroon-factory.ts";
import { SpentTokensInMemory } from "../once/spent-tokens.ts";
import type { SpentTokens } from "../once/spent-tokens.ts";
import type { CaveatVerifier, NotUnderstood } from "../caveat/verifier.ts";

/** Why a token is refused. */
export type RefusalReason =
  | "malformed"
  | Exclude<Authenticity, "authentic">
  | NotUnderstood["reason"]
  | CaveatRefusal
  /** It carries `once`, and was shown where tokens may come again. */
  | "once-token-not-reusable";

/** What a manager says of a token. */
export type Verdict = Authorized | Unauthorized;

/** The token is good. */
export interface Authorized {
  readonly ok: true;
  /** What it permits. */
  readonly grant: Grant;
}

/** The token is refused. */
export interface Unauthorized {
  readonly ok: false;
  /** Why not. Nothing of it is secret, but before `unknown-caveat` the token has proved nothing. */
  readonly reason: RefusalReason;
}

/** What else a capability is limited to, and whose it is. */
export interface GrantOptions {
  /** Further caveats, of forms that the verifier knows. */
  readonly caveats?: readonly string[];
  /** `under` grants everything below the resource too. @defaultValue "exact" */
  readonly scope?: ResourceScope["kind"];
  /** The context that answers for the handle. */
  readonly context?: LinearContext;
}

/** What a manager works with besides factory and verifier. */
export interface CapabilityManagerOptions {
  /** Where used `once` tokens are remembered. @defaultValue in this process */
  readonly spent?: SpentTokens;
}

/**
 * Grants capabilities and judges them. Two ways to judge: {@link CapabilityManager.verifyCapability} uses up a handle
 * in this program; {@link CapabilityManager.authorize} and {@link CapabilityManager.checkCapability} judge a text that
 * comes from outside, as often as it comes.
 *
 * @example
 * ```ts
 * import { CapabilityManager, CapabilityType, MacaroonFactory, createStandardVerifier } from "@void-system/macaroons";
 * const rootKey = crypto.getRandomValues(new Uint8Array(32));
 * const manager = new CapabilityManager(new MacaroonFactory(rootKey), createStandardVerifier());
 * const future = Date.now() + 60_000;
 * const cap = manager.grantCapability("/api/data", CapabilityType.READ, { caveats: [`time < ${future}`] });
 * const context = { timeMs: Date.now(), resource: "/api/data", operation: "read" };
 * manager.verifyCapability(cap, context); // => true
 * cap.isConsumed; // => true
 * ```
 */
export class CapabilityManager {
  readonly #factory: MacaroonFactory;
  readonly #verifier: CaveatVerifier;
  readonly #spent: SpentTokens;

  constructor(factory: MacaroonFactory, verifier: CaveatVerifier, options: CapabilityManagerOptions = {}) {
    this.#factory = factory;
    this.#verifier = verifier;
    this.#spent = options.spent ?? new SpentTokensInMemory();
  }

  /**
   * A new capability for a resource. `CapabilityType.ADMIN` stands for every operation.
   *
   * @throws {@link CaveatError} when a caveat is of a form that the verifier does not know.
   */
  grantCapability(resource: string, type: CapabilityType, options: GrantOptions = {}): CapabilityToken {
    const limit = options.scope === "under" ? `resource under ${resource}` : `resource = ${resource}`;
    const caveats = [limit, `operation in ${type}`, ...(options.caveats ?? [])];
    for (const caveat of caveats) this.#verifier.check(caveat);
    const name = `capability for ${resource}`;
    const { context } = options;
    return new CapabilityToken(this.#factory.mint(caveats), context === undefined ? { name } : { name, context });
  }

  /**
   * Uses a capability up and says whether it permits the context. A refused one is used up too. A token with `once` is
   * honoured by this manager one single time, whatever handle or copy it comes in.
   *
   * @throws LinearTypeError when the handle was used up already: it is linear.
   */
  verifyCapability(capability: LinearResource<Macaroon>, context: CapabilityContext): boolean {
    const macaroon = capability.consume();
    const verdict = this.#judge(macaroon);
    if (!verdict.ok || verdict.grant.refusal(context) !== undefined) return false;
    // Claimed last: a refused attempt must not use up the token.
    return !verdict.grant.isOnce || this.#spent.claim(macaroon.identifier);
  }

  /** Whether a token, as text, permits the context now. A token with `once` is refused: this text may come again. */
  checkCapability(token: string, context: CapabilityContext): Verdict {
    const { timeMs: _time, resource: _resource, operation: _operation, ...subject } = context;
    const verdict = this.#judgeReusable(token, subject);
    if (!verdict.ok) return verdict;
    const refusal = verdict.grant.refusal(context);
    return refusal === undefined ? verdict : { ok: false, reason: refusal };
  }

  /**
   * What a token, as text, permits: for those who ask for it once and check each command later, with
   * {@link Grant.permits}. Refused already: a token that has expired or is not valid yet, is for another user, or
   * carries `once`.
   */
  authorize(token: string, now: Subject & Pick<CapabilityContext, "timeMs">): Verdict {
    const { timeMs, ...subject } = now;
    const verdict = this.#judgeReusable(token, subject);
    if (!verdict.ok) return verdict;
    const { expiresAtMs, notBeforeMs, users } = verdict.grant;
    if (expiresAtMs !== undefined && !(timeMs < expiresAtMs)) return { ok: false, reason: "expired" };
    if (notBeforeMs !== undefined && !(timeMs >= notBeforeMs)) return { ok: false, reason: "not-yet-valid" };
    if (users.some((user) => user !== subject.user)) return { ok: false, reason: "wrong-user" };
    return verdict;
  }

  #judgeReusable(token: string, subject: Subject): Verdict {
    const decoded = Macaroon.tryDecode(token);
    if (!decoded.ok) return { ok: false, reason: "malformed" };
    const verdict = this.#judge(decoded.macaroon, subject);
    return verdict.ok && verdict.grant.isOnce ? { ok: false, reason: "once-token-not-reusable" } : verdict;
  }

  /** The signature first: until it is right, nothing in the token means anything. */
  #judge(macaroon: Macaroon, subject?: Subject): Verdict {
    const authenticity = this.#factory.authenticate(macaroon);
    if (authenticity !== "authentic") return { ok: false, reason: authenticity };
    return this.#verifier.understand(macaroon, subject);
  }
}
