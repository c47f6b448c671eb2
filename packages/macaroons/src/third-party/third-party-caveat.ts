import { deriveKey } from "../token/chain.ts";
import type { Macaroon } from "../token/macaroon.ts";
import { type RandomBytes, drawFresh, platformRandom } from "../token/random.ts";
import { CaveatError } from "../errors.ts";
import { refuseUnknown } from "../options.ts";
import { NONCE_BYTES, sealBytes } from "./sealed-key.ts";

/** A caveat that a third party is to discharge. */
export interface ThirdPartyCaveatOptions {
  /** Root key of the discharge. The third party must know it, or find it in the id. */
  readonly caveatKey: Uint8Array;
  /** Identifier of the discharge: what the third party reads to know the key and what to check. */
  readonly id: string | Uint8Array;
  /** Hint where the third party is. Not signed. */
  readonly location?: string | undefined;
  /** Source of the nonce. @defaultValue the platform's cryptographic generator */
  readonly random?: RandomBytes | undefined;
}

/**
 * Returns a macaroon that is good only beside a discharge: a macaroon of the third party, under `caveatKey`, that says
 * its condition holds (AddThirdPartyCaveat in Birgisson et al. 2014, §V). `Discharger` does both sides for a third party
 * with whom a key is shared.
 *
 * @throws {@link CaveatError} when the caveat cannot be one or has no room; {@link RandomSourceError} when the random
 * source is stuck.
 * @example
 * ```ts
 * import { Macaroon, MacaroonFactory, addThirdPartyCaveat, dischargesNeeded } from "@void-system/macaroons";
 * const caveatKey = crypto.getRandomValues(new Uint8Array(32));
 * const plain = new MacaroonFactory(new Uint8Array(32).fill(7)).mint();
 * const token = addThirdPartyCaveat(plain, { caveatKey, id: "case 12", location: "https://auth.example" });
 * dischargesNeeded(token).map(({ location }) => location); // => ["https://auth.example"]
 *
 * // The third party, which knows the key of case 12, and the holder, who sends both.
 * const discharge = Macaroon.mint(caveatKey, new TextEncoder().encode("case 12")).addCaveat("time < 2000");
 * dischargesNeeded(token, [discharge]); // => []
 * const bound = discharge.bindTo(token);
 * ```
 */
export function addThirdPartyCaveat(token: Macaroon, options: ThirdPartyCaveatOptions): Macaroon {
  refuseUnknown("addThirdPartyCaveat", options, ["caveatKey", "id", "location", "random"]);
  const { caveatKey, id, location, random = platformRandom } = options;
  if (!(caveatKey instanceof Uint8Array) || caveatKey.length === 0) {
    throw new CaveatError(`expected a caveat key of at least 1 byte, got ${caveatKey instanceof Uint8Array ? "none" : typeof caveatKey}`);
  }
  return token.addSealedCaveat(id, location, (tag) => sealBytes(deriveKey(caveatKey), tag, drawFresh(random, NONCE_BYTES)));
}
