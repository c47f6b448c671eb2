/**
 * One verification, from a token's form to its rights. Until the signatures hold, nothing in a token means anything; until
 * every caveat is understood, it permits nothing.
 */
import type { CaveatVerifier, NotUnderstood } from "../caveat/verifier.ts";
import type { Grant, GrantRefusal } from "../caveat/grant.ts";
import type { UnderstoodCaveats } from "../caveat/understood-caveats.ts";
import type { CapabilityContext } from "../caveat/caveat-kind.ts";
import type { AuthenticToken, Authority, Inauthentic } from "./authority.ts";
import type { TokenCache } from "./token-cache.ts";

/** Reason to refuse a token. */
export type RefusalReason =
  | Inauthentic
  | NotUnderstood
  | GrantRefusal
  /** It carries `once`, and was shown where tokens may come again. */
  | "once-token-not-reusable"
  /** It carries `once` without an end before it, so that no store could remember it. */
  | "once-without-end"
  /** It carries `once`, and was used, or the store cannot tell. */
  | "already-used";

/** Judgement of a token. */
export type Verdict<C extends object = CapabilityContext> = Authorized<C> | Unauthorized;

/** The token is good. */
export interface Authorized<C extends object = CapabilityContext> {
  readonly ok: true;
  /** The token's rights. */
  readonly grant: Grant<C>;
}

/** The token is refused. */
export interface Unauthorized {
  readonly ok: false;
  /** Reason of the refusal. It holds no secret, but before `unknown-caveat` the token has proved nothing. */
  readonly reason: RefusalReason;
  /** Field that the context lacks, where the reason is `incomplete-context`. */
  readonly missing?: string;
}

/** A token whose signatures hold and whose caveats are understood. */
export interface Recognised {
  readonly token: AuthenticToken;
  readonly understood: UnderstoodCaveats;
}

/** Judge of tokens. */
export interface Judging<P> {
  readonly authority: Authority<P>;
  readonly verifier: Pick<CaveatVerifier<never>, "understand">;
  /** Texts that were recognised before. */
  readonly cache?: TokenCache<Recognised> | undefined;
}

/** Recognises a token, or returns the first reason against it: signatures, then meaning. Contexts and revocations come later. */
export function recognise<P extends object>(token: unknown, presented: P, timeMs: unknown, { authority, verifier, cache }: Judging<P>): Recognised | RefusalReason {
  authority.checkCall(presented);
  const key = cache !== undefined && typeof token === "string" && authority.isWholeIn(presented) ? cache.keyOf(token) : undefined;
  const known = key === undefined ? undefined : cache?.get(key);
  if (known?.token.isStillAccepted(timeMs) === true) return known;
  const authentic = authority.authenticate(token, presented, timeMs);
  if (typeof authentic === "string") return authentic;
  const understood = verifier.understand(authentic.clauses, authentic.discharges.map(({ clauses }) => clauses));
  if (typeof understood === "string") return understood;
  const recognised = { token: authentic, understood };
  if (key !== undefined) cache?.set(key, recognised);
  return recognised;
}

/** Returns the verdict of a grant on a context. A context that is none has no field. */
export function permitted<C extends object>(grant: Grant<C>, context: C): Verdict<C> {
  const reason = grant.refusal(context);
  if (reason === undefined) return { ok: true, grant };
  const missing = reason === "incomplete-context" ? grant.missing(context) : undefined;
  return missing === undefined ? { ok: false, reason } : { ok: false, reason, missing };
}

/** In place of a context that is none, an empty one: every field that a caveat asks is missing in it. */
export function contextOf<C extends object>(context: C): C {
  // Any object may lack fields: each that is asked is checked before it is read.
  return typeof context === "object" && context !== null ? context : ({} as C);
}
