import type { SecretKey } from "@void-system/crypto";
import { CaveatError, OptionError } from "../errors.ts";
import { refuseUnknown, shown } from "../options.ts";
import { deriveKey } from "../token/chain.ts";
import { withRootKey } from "../token/root-key.ts";
import { Macaroon } from "../token/macaroon.ts";
import { type RandomBytes, drawFresh, platformRandom } from "../token/random.ts";
import { NONCE_BYTES } from "./sealed-key.ts";
import { addThirdPartyCaveat } from "./third-party-caveat.ts";
import { CAVEAT_KEY_BYTES, openTicket, sealTicket, ticketKey } from "./ticket.ts";

/** Options of {@link Discharger}. */
export interface DischargerOptions {
  /** Hint where this third party is, in caveats and discharges. Not signed. */
  readonly location?: string;
  /** Source of nonces and caveat keys. @defaultValue the platform's cryptographic generator */
  readonly random?: RandomBytes;
}

/** Answer of a third party. */
export type Discharged = DischargeMade | DischargeRefused;

/** The condition holds. */
export interface DischargeMade {
  readonly ok: true;
  /** Not bound yet: the holder binds it to the token. */
  readonly discharge: Macaroon;
}

/** There is no discharge. */
export interface DischargeRefused {
  readonly ok: false;
  /** The id is no ticket for this third party, or its condition does not hold. */
  readonly reason: "unknown-ticket" | "condition-refused";
}

/** Judges a condition. Returns the caveats of the discharge, which may be none, or `false` if the condition does not hold. */
export type ConditionJudge = (condition: string) => readonly string[] | false;

/**
 * Third party, with whom the issuer of tokens shares a key: in the same process or in another one. The issuer adds
 * caveats with a condition, and the third party discharges them. A caveat carries its key and condition sealed, so the
 * two need no shared database, and the holder of the token cannot read the condition.
 *
 * @example
 * ```ts
 * import { CapabilityManager, Discharger, MacaroonFactory, createStandardVerifier, openSealedKey } from "@void-system/macaroons";
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const manager = new CapabilityManager(factory, createStandardVerifier(), { openSealedKey });
 * const auth = new Discharger(crypto.getRandomValues(new Uint8Array(32)), { location: "https://auth.example" });
 *
 * const token = auth.addCaveat(factory.mint(["operation in read"]), "user is ada");
 * const [caveat] = token.thirdPartyCaveats;
 * const answer = auth.discharge(caveat!.id, (condition) => (condition === "user is ada" ? ["time < 2000"] : false));
 * const discharges = answer.ok ? [answer.discharge.bindTo(token)] : [];
 * manager.verify(token, { timeMs: 1000, resource: "/a", operation: "read" }, { discharges }).ok; // => true
 * manager.verify(token, { timeMs: 2000, resource: "/a", operation: "read" }, { discharges }).ok; // => false
 * ```
 */
export class Discharger {
  readonly #ticketKey: Uint8Array;
  readonly #location: string | undefined;
  readonly #random: RandomBytes;

  /**
   * @param sharedKey - at least 16 bytes that only the issuer and the third party know, or a key of
   * `@void-system/crypto`. It is not kept. The key derived from it is.
   * @throws MintError when the key is too short or no key; {@link OptionError} for an unknown option.
   */
  constructor(sharedKey: Uint8Array | SecretKey<"hmac-sha256">, options: DischargerOptions = {}) {
    refuseUnknown("Discharger", options, ["location", "random"]);
    this.#ticketKey = withRootKey(sharedKey, ticketKey);
    this.#location = options.location;
    this.#random = options.random ?? platformRandom;
  }

  /**
   * Returns the token with a caveat that this third party discharges while `condition` holds. For the issuer, or any
   * holder who shares the key.
   *
   * @throws {@link CaveatError} when the condition is empty or too long, or there is no room for it;
   * {@link RandomSourceError} when the random source is stuck.
   */
  addCaveat(token: Macaroon, condition: string): Macaroon {
    if (typeof condition !== "string" || condition === "") throw new CaveatError(`expected a condition, got ${condition === "" ? "none" : shown(condition)}`);
    const caveatKey = drawFresh(this.#random, CAVEAT_KEY_BYTES);
    const id = sealTicket({ caveatKey, condition }, this.#ticketKey, drawFresh(this.#random, NONCE_BYTES));
    return addThirdPartyCaveat(token, { caveatKey, id, location: this.#location, random: this.#random });
  }

  /** Returns the condition in a caveat's id, or `undefined` if the id is no ticket for this third party. */
  conditionOf(id: Uint8Array): string | undefined {
    return id instanceof Uint8Array ? openTicket(id, this.#ticketKey)?.condition : undefined;
  }

  /**
   * Returns the discharge for a caveat's id if `judge` finds that its condition holds. The id may come from anybody.
   * For a condition that takes time to judge, call {@link Discharger.conditionOf} first.
   *
   * @throws {@link OptionError} when the judge returns neither a list nor `false`, a promise say; {@link CaveatError}
   * when a caveat of its list cannot be one, or is `once`, which only the token itself can carry.
   */
  discharge(id: Uint8Array, judge: ConditionJudge): Discharged {
    const ticket = id instanceof Uint8Array ? openTicket(id, this.#ticketKey) : undefined;
    if (ticket === undefined) return { ok: false, reason: "unknown-ticket" };
    const caveats: unknown = judge(ticket.condition);
    if (caveats === false) return { ok: false, reason: "condition-refused" };
    if (!Array.isArray(caveats)) throw new OptionError("discharge", "a judge that returns a list of caveats or false", shown(caveats));
    if (caveats.includes("once")) throw new CaveatError("expected caveats of a discharge, got once; add it to the token");
    const empty = Macaroon.mintUnder(deriveKey(ticket.caveatKey), id, this.#location);
    const discharge = caveats.reduce<Macaroon>((made, caveat) => made.addCaveat(caveat), empty);
    return { ok: true, discharge };
  }
}
