import { LinearResource } from "@void-system/linear";
import type { LinearContext } from "@void-system/linear";
import type { CapabilityContext, ResourceScope } from "../caveat/caveat-kind.ts";
import type { CaveatVerifier } from "../caveat/verifier.ts";
import { OptionError } from "../errors.ts";
import { onceLast } from "../once/once-last.ts";
import { refuseNonList, refuseUnknown, shown } from "../options.ts";
import type { Macaroon } from "../token/macaroon.ts";
import type { MacaroonFactory } from "../token/macaroon-factory.ts";
import type { KeyOf, PresentedWith, SealedKeyOpener } from "../verify/macaroon-authenticator.ts";
import { macaroonAuthority } from "../verify/macaroon-authority.ts";
import { TOKEN_VERIFIER_OPTIONS, TokenVerifier, type TokenVerifierOptions } from "../verify/token-verifier.ts";
import { CapabilityToken } from "./capability-token.ts";
import { CapabilityType } from "./capability-type.ts";

/** Further limits of a capability, and its owner. */
export interface GrantOptions {
  /** Further caveats, of forms that the verifier knows. */
  readonly caveats?: readonly string[];
  /** `under` grants everything below the resource too. @defaultValue "exact" */
  readonly scope?: ResourceScope["kind"];
  /** The context that answers for the handle. */
  readonly context?: LinearContext;
}

/** Options of {@link CapabilityManager}. */
export interface CapabilityManagerOptions extends TokenVerifierOptions {
  /** `openSealedKey` of this package, to accept discharges. @defaultValue third parties' caveats are refused */
  readonly openSealedKey?: SealedKeyOpener | undefined;
  /** Root keys of tokens that are not the factory's: of other issuers, or of its former keys. @defaultValue none */
  readonly keyOf?: KeyOf | undefined;
}

/**
 * Grants capabilities as macaroons, and judges macaroons. {@link CapabilityManager.verifyCapability} uses up a handle in
 * this program. {@link TokenVerifier.verify} and {@link TokenVerifier.authorize} judge a token that comes from outside, as
 * often as it comes; {@link TokenVerifier.consume} and {@link TokenVerifier.reserve} exactly once.
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
export class CapabilityManager<C extends object = CapabilityContext> extends TokenVerifier<PresentedWith, C> {
  readonly #factory: MacaroonFactory;
  readonly #verifier: CaveatVerifier<C>;

  /** @throws {@link OptionError} for an option of another name. */
  constructor(factory: MacaroonFactory, verifier: CaveatVerifier<C>, options: CapabilityManagerOptions = {}) {
    refuseUnknown("CapabilityManager", options, [...TOKEN_VERIFIER_OPTIONS, "openSealedKey", "keyOf"]);
    const { openSealedKey, keyOf } = options;
    super(macaroonAuthority({ own: factory, keyOf, openSealedKey }), verifier, options);
    this.#factory = factory;
    this.#verifier = verifier;
  }

  /**
   * A new capability for a resource. `CapabilityType.ADMIN` stands for every operation.
   *
   * @throws {@link CaveatError} when a caveat is of a form that the verifier does not know, or `once` stands without an
   * end; {@link OptionError} for a type, scope or option that is none.
   */
  grantCapability(resource: string, type: CapabilityType, options: GrantOptions = {}): CapabilityToken {
    refuseUnknown("grantCapability", options, ["caveats", "scope", "context"]);
    const { caveats: more = [], scope = "exact", context } = options;
    const types: readonly unknown[] = Object.values(CapabilityType);
    if (!types.includes(type)) throw new OptionError("grantCapability", `a type out of ${types.join(", ")}`, JSON.stringify(type) ?? shown(type));
    if (!Object.hasOwn(SCOPES, scope)) throw new OptionError("grantCapability", `a scope out of ${Object.keys(SCOPES).join(", ")}`, JSON.stringify(scope));
    if (typeof resource !== "string") throw new OptionError("grantCapability", "a resource as text", shown(resource));
    refuseNonList("grantCapability", "caveats", more);
    const caveats = onceLast([`${SCOPES[scope]} ${resource}`, `operation in ${type}`, ...more]);
    for (const caveat of caveats) this.#verifier.check(caveat);
    const name = `capability for ${resource}`;
    return new CapabilityToken(this.#factory.mint(caveats), context === undefined ? { name } : { name, context });
  }

  /**
   * Uses a capability up and says whether it permits the context. A refused one is used up too. A token with `once` is
   * honoured by this manager one single time, whatever handle or copy it comes in.
   *
   * @throws LinearTypeError when the handle was used up already: it is linear.
   * @throws {@link SpentStoreError} when the store answers anything but true or false: a promise is for
   * {@link TokenVerifier.consume}.
   */
  verifyCapability(capability: LinearResource<Macaroon>, context: C, presented: PresentedWith = {}): boolean {
    if (!(capability instanceof LinearResource)) throw new OptionError("verifyCapability", "a capability's handle", shown(capability));
    const judged = this.claimNow(capability.consume(), context, presented);
    if (!judged.ok || judged.claim === undefined) return judged.ok;
    // Claimed last: a refused attempt must not use up the token.
    return this.spendNow(judged.claim, "verifyCapability");
  }

  protected override get nothing(): PresentedWith {
    return NOTHING;
  }
}

const NOTHING: PresentedWith = {};

/** Text of each scope in a caveat. */
const SCOPES = { exact: "resource =", under: "resource under" } as const satisfies Record<ResourceScope["kind"], string>;
