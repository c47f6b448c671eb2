import type { Clause } from "../caveat/clause.ts";
import type { DischargeRefusal } from "../third-party/walk-discharges.ts";

/** Reason to refuse a token before its caveats mean anything. */
export type Inauthentic =
  | "malformed"
  | "unknown-key"
  | "bad-signature"
  /** It needs a discharge, and this verifier takes none. */
  | "third-party-caveat"
  /** A public token that is sealed for something else. */
  | "bad-seal"
  /** It would cost more signatures than the budget has left. */
  | "over-budget"
  /** The context has no time, which the budget and the keys of public tokens need. */
  | "incomplete-context"
  | DischargeRefusal;

/** Token whose signatures hold: left to judge are revocations and caveats. */
export interface AuthenticToken {
  /** Safe to log, and the same in every narrowed copy. */
  readonly name: string;
  /** Id of the key that signed it; `undefined` for a macaroon of another issuer. */
  readonly keyId: string | undefined;
  /** Minting date, if the issuer wrote it. */
  readonly mintedAtMs: number | undefined;
  /** Names of the token's ancestors, its own last. */
  readonly links: readonly string[];
  /** First-party caveats, in order. */
  readonly clauses: readonly Clause[];
  /** Discharges beside it. */
  readonly discharges: readonly AuthenticToken[];
  /** Returns false if its key is no longer accepted. For tokens of a cache. */
  isStillAccepted(timeMs: unknown): boolean;
}

/** Third party's caveat, as a trace shows it. */
export interface TracedDemand {
  /** Name of the caveat's id, safe to log. */
  readonly id: string;
  /** Hint where the third party is, or its public key. Not verified. */
  readonly thirdParty: string | undefined;
  /** Place of the discharge that serves it; `undefined` if there is none. */
  readonly discharge: number | undefined;
  /** Reason against it; `unchecked` where an earlier refusal leaves no key to check it with. */
  readonly refusal: DischargeRefusal | "unchecked" | undefined;
}

/** One macaroon or chain of a trace: the token, or a discharge. */
export interface TracedPart {
  /** Name that is safe to log. */
  readonly name: string;
  /** Caveats in order: the clause of a first-party one, the demand of a third party's. */
  readonly caveats: readonly (Clause | TracedDemand)[];
  /** True for a discharge that no good caveat asks for. */
  readonly isUnused: boolean;
}

/** Everything about a token that can be shown, whether it is good or not. */
export interface TokenTrace {
  /** Id of the key, if the token names one. */
  readonly keyId: string | undefined;
  /** Name of this very copy, by which it can be revoked; `undefined` for a public token that does not hold. */
  readonly link: string | undefined;
  /** Minting date, in milliseconds since 1970. */
  readonly mintedAtMs: number | undefined;
  /** Note of the issuer. */
  readonly memo: string | undefined;
  /** Reason against the token itself, discharges aside. */
  readonly refusal: Inauthentic | undefined;
  /** The token, and its discharges behind it. */
  readonly parts: readonly TracedPart[];
}

/** Tells tokens of its issuers from others, and shows why. One for each kind of token. */
export interface Authority<P> {
  /** True if discharges may come beside a token. */
  readonly takesDischarges: boolean;
  /** Refuses what a caller wrongly presents. @throws {@link OptionError} */
  checkCall(presented: P): void;
  /** Returns true if a token's text alone decides whether it is authentic: nothing beside it does. */
  isWholeIn(presented: P): boolean;
  /** Returns the authentic token, or the first reason against it. */
  authenticate(token: unknown, presented: P, timeMs: unknown): AuthenticToken | Inauthentic;
  /** Returns what can be shown of a token, or `undefined` for what is none. Checks all that can be checked. */
  trace(token: unknown, presented: P, timeMs: unknown): TokenTrace | undefined;
}
