import { type LinearContext, LinearResource, type ResourceOptions } from "@void-system/linear";
import type { Macaroon } from "../token/macaroon.ts";

/**
 * A capability in the hand of a program: a linear resource that holds a macaroon. Verifying it, or taking the macaroon
 * out to send it, uses it up. The macaroon as text can be copied, as any text can: for a token that is honoured one
 * single time, add the caveat `once`.
 *
 * @example
 * ```ts
 * import { CapabilityToken, MacaroonFactory } from "@void-system/macaroons";
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const token = new CapabilityToken(factory.mint(["resource = /api/data"]));
 * const narrower = token.attenuate("operation in read");
 * token.isConsumed; // => true
 * narrower.consume().caveats; // => ["resource = /api/data", "operation in read"]
 * ```
 */
export class CapabilityToken extends LinearResource<Macaroon> {
  readonly #context: LinearContext | undefined;

  constructor(macaroon: Macaroon, options: ResourceOptions = {}) {
    super(macaroon, { name: options.name ?? "capability", context: options.context });
    this.#context = options.context;
  }

  /**
   * Uses this one up for a narrower one, with the same name and context.
   *
   * @throws LinearTypeError when it is used up already; {@link CaveatError} when a caveat cannot be added, and then it
   * is not used up.
   */
  attenuate(...caveats: readonly string[]): CapabilityToken {
    const narrow = this.use((macaroon) => caveats.reduce((token, caveat) => token.addCaveat(caveat), macaroon));
    this.consume();
    return new CapabilityToken(narrow, { name: this.name, context: this.#context });
  }

  override move(context: LinearContext): CapabilityToken {
    return this.moveInto(context, (macaroon, options) => new CapabilityToken(macaroon, options));
  }
}
