import type { AskedField, CapabilityContext, Subject } from "../caveat/caveat-kind.ts";
import { Grant } from "../caveat/grant.ts";
import { missingField } from "../caveat/understood-caveats.ts";
import type { CaveatVerifier } from "../caveat/verifier.ts";
import { OptionError, RevocationError, SpentStoreError } from "../errors.ts";
import { type Explanation, explainToken } from "../explain/explain.ts";
import { requirePositive, shown } from "../options.ts";
import { type LeasedSpentTokens, type SpentTokens, SpentTokensInMemory } from "../once/spent-tokens.ts";
import type { AuthenticToken, Authority } from "./authority.ts";
import { type Judging, type Recognised, type Unauthorized, type Verdict, contextOf, permitted, recognise } from "./judge.ts";
import type { Revocations } from "./revocation.ts";
import { TokenCache } from "./token-cache.ts";

/** A token that is held until its use is sure. */
export interface Reserved<C extends object = CapabilityContext> {
  readonly ok: true;
  /** The token's rights. */
  readonly grant: Grant<C>;
  /** Uses it up. Resolves to false if the lease ran out and another took the token: then undo what was done. */
  commit(): Promise<boolean>;
  /** Gives it back unused. */
  abort(): Promise<void>;
}

/** Time for which {@link TokenVerifier.reserve} holds a token. */
export interface Lease {
  /** After this time another may take the token, in milliseconds. Longer than the work takes. */
  readonly leaseMs: number;
}

/** Options of every {@link TokenVerifier}. */
export interface TokenVerifierOptions {
  /** Memory of used `once` tokens. @defaultValue in this process */
  readonly spent?: SpentTokens | undefined;
  /** Revocations. They are asked in every call. @defaultValue none */
  readonly revoked?: Revocations | undefined;
  /**
   * Verified texts to remember, at most. Their signatures are not checked again; their revocation, their key and their
   * caveats are. Texts that come with discharges are not remembered. @defaultValue none
   */
  readonly cachedTokens?: number | undefined;
}

/** Names of {@link TokenVerifierOptions}. */
export const TOKEN_VERIFIER_OPTIONS: readonly (keyof TokenVerifierOptions)[] = ["spent", "revoked", "cachedTokens"];

/**
 * Judges tokens that come from outside: {@link TokenVerifier.verify} and {@link TokenVerifier.authorize} as often as they
 * come, {@link TokenVerifier.consume} and {@link TokenVerifier.reserve} exactly once. `CapabilityManager` is the one for
 * macaroons, `PublicVerifier` the one for public tokens.
 */
export abstract class TokenVerifier<P extends object, C extends object = CapabilityContext> {
  readonly #authority: Authority<P>;
  readonly #judging: Judging<P>;
  readonly #verifier: CaveatVerifier<C>;
  readonly #spent: SpentTokens;
  readonly #revoked: Revocations | undefined;

  protected constructor(authority: Authority<P>, verifier: CaveatVerifier<C>, options: TokenVerifierOptions) {
    const { cachedTokens } = options;
    this.#authority = authority;
    this.#judging = { authority, verifier, cache: cachedTokens === undefined ? undefined : new TokenCache(cachedTokens) };
    this.#verifier = verifier;
    this.#spent = options.spent ?? new SpentTokensInMemory();
    this.#revoked = options.revoked;
  }

  /**
   * Judges whether a token permits the context now, as often as it comes. A token with `once` is refused.
   *
   * @throws {@link OptionError} for a wrong call; never because of the token, its discharges or the context.
   * @throws {@link RevocationError} when the list of revocations answers anything but true or false: a promise is for
   * {@link TokenVerifier.consume}.
   * @example
   * ```ts
   * import { CapabilityManager, MacaroonFactory, createStandardVerifier } from "@void-system/macaroons";
   * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
   * const manager = new CapabilityManager(factory, createStandardVerifier());
   * const context = { timeMs: 1000, resource: "/a", operation: "read" };
   * manager.verify(factory.mint(["time < 2000"]).encode(), context).ok; // => true
   * manager.verify(factory.mint(["user = ada"]), context);
   * // => ({ ok: false, reason: "incomplete-context", missing: "user" })
   * ```
   */
  verify(token: unknown, context: C, presented: P = this.nothing): Verdict<C> {
    const whole = contextOf(context);
    const verdict = this.#reusable(token, whole, presented);
    return verdict.ok ? permitted(verdict.grant, whole) : verdict;
  }

  /**
   * Judges a token for callers that authorize once and check each command later, with {@link Grant.permits}. Refused
   * already: a token that has expired or is not valid yet, is for another user, or carries `once`. A revocation takes effect
   * in the next command.
   */
  authorize(token: unknown, now: Subject<C> & Pick<CapabilityContext, "timeMs">, presented: P = this.nothing): Verdict<C> {
    const whole: { readonly timeMs?: unknown; readonly user?: unknown } = contextOf(now);
    const verdict = this.#reusable(token, whole, presented);
    if (!verdict.ok) return verdict;
    if (verdict.grant.isRevoked) return { ok: false, reason: "revoked" };
    const { expiresAtMs, notBeforeMs, users } = verdict.grant;
    const { timeMs, user } = whole;
    if (expiresAtMs !== undefined || notBeforeMs !== undefined) {
      if (typeof timeMs !== "number") return { ok: false, reason: "incomplete-context", missing: "timeMs" };
      if (expiresAtMs !== undefined && !(timeMs < expiresAtMs)) return { ok: false, reason: "expired" };
      if (notBeforeMs !== undefined && !(timeMs >= notBeforeMs)) return { ok: false, reason: "not-yet-valid" };
    }
    if (users.length > 0 && missingField(USER, whole) !== undefined) return { ok: false, reason: "incomplete-context", missing: "user" };
    if (users.some((name) => name !== user)) return { ok: false, reason: "wrong-user" };
    return verdict;
  }

  /**
   * Judges a token and uses it up. Where {@link TokenVerifier.verify} refuses a token with `once`, this honours it exactly
   * once, in whatever copy or encoding it comes; a refused attempt uses nothing. A token without `once` may come again.
   * Takes stores and lists of revocations that answer at once, and those that answer with a promise.
   *
   * @throws {@link SpentStoreError} when the store fails or answers anything but true or false; {@link RevocationError} when
   * the list of revocations does.
   * @example
   * ```ts
   * import { CapabilityManager, MacaroonFactory, createStandardVerifier } from "@void-system/macaroons";
   * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
   * const manager = new CapabilityManager(factory, createStandardVerifier());
   * const token = factory.mint(["time < 2000", "once"]).encode();
   * const context = { timeMs: 1000, resource: "/a", operation: "read" };
   * (await manager.consume(token, context)).ok; // => true
   * await manager.consume(token, context); // => ({ ok: false, reason: "already-used" })
   * ```
   */
  async consume(token: unknown, context: C, presented: P = this.nothing): Promise<Verdict<C>> {
    const judged = await this.#claimable(token, context, presented);
    if (!judged.ok) return judged;
    const { grant, claim } = judged;
    if (claim === undefined) return { ok: true, grant };
    const answer = await asked(() => this.#spent.claim(claim.name, claim.untilMs, claim.nowMs), SpentStoreError);
    return spentAnswer(answer, "answer with a boolean") ? { ok: true, grant } : { ok: false, reason: "already-used" };
  }

  /**
   * Judges a token as {@link TokenVerifier.consume} does, and holds it until `commit`. After a crash before that, the token is
   * good once more when the lease has run out.
   *
   * @throws {@link OptionError} when the store cannot reserve; {@link SpentStoreError} as `consume` does.
   */
  async reserve(token: unknown, context: C, options: P & Lease): Promise<Reserved<C> | Unauthorized> {
    if (typeof options !== "object" || options === null) throw new OptionError("reserve", "options with leaseMs", shown(options));
    const { leaseMs, ...presented } = options;
    requirePositive("reserve", "a leaseMs", leaseMs);
    const spent = this.#spent;
    if (!canReserve(spent)) throw new OptionError("reserve", "a store with reserve, commit and abort", "one with claim alone");
    // P & Lease without the lease is P.
    const judged = await this.#claimable(token, context, presented as unknown as P);
    if (!judged.ok) return judged;
    const { grant, claim } = judged;
    if (claim === undefined) return { ok: true, grant, commit: async () => true, abort: async () => undefined };
    const { name, untilMs, nowMs } = claim;
    const fence: unknown = await asked(() => spent.reserve(name, untilMs, nowMs, nowMs + leaseMs), SpentStoreError);
    if (fence === false) return { ok: false, reason: "already-used" };
    if (typeof fence !== "number") throw new SpentStoreError("a number or false", shown(fence));
    return {
      ok: true,
      grant,
      commit: async () => spentAnswer(await asked(() => spent.commit(name, fence), SpentStoreError), "answer with a boolean"),
      abort: async () => await asked(() => spent.abort(name, fence), SpentStoreError),
    };
  }

  /**
   * Explains a verdict of {@link TokenVerifier.verify}: the outcome of each caveat and each discharge, also behind the first
   * refusal. Shows no secret: neither the token nor a signature.
   *
   * @throws as `verify` does.
   * @example
   * ```ts
   * import { CapabilityManager, MacaroonFactory, createStandardVerifier, explanationText } from "@void-system/macaroons";
   * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
   * const manager = new CapabilityManager(factory, createStandardVerifier());
   * const token = factory.mint(["time < 2000", "operation in read"], { memo: "for the nightly report" });
   * const explanation = manager.explain(token, { timeMs: 3000, resource: "/a", operation: "read" });
   * explanation.reason; // => "expired"
   * explanation.parts[0]?.caveats.map(({ outcome }) => outcome); // => ["expired", "holds"]
   * explanationText(explanation).split("\n")[0]; // => "refused: expired"
   * ```
   */
  explain(token: unknown, context: C, presented: P = this.nothing): Explanation {
    const whole = contextOf(context);
    const verdict = this.verify(token, whole, presented);
    const { timeMs }: { readonly timeMs?: unknown } = whole;
    // Signatures that were not paid for are not checked.
    const isPaid = verdict.ok || verdict.reason !== "over-budget";
    return explainToken(verdict, isPaid ? this.#authority.trace(token, presented, timeMs) : undefined, whole, this.#verifier);
  }

  /** True if discharges may be presented. A `CapabilityManager` takes them only with `openSealedKey`. */
  get takesDischarges(): boolean {
    return this.#authority.takesDischarges;
  }

  /** Nothing beside a token. */
  protected abstract get nothing(): P;

  /** Judges a token that may carry `once`, up to the claim, which is the caller's; `undefined` where there is none. */
  protected claimNow(token: unknown, context: C, presented: P): Claimable<C> {
    const whole = contextOf(context);
    const { timeMs }: { readonly timeMs?: unknown } = whole;
    const recognised = recognise(token, presented, timeMs, this.#judging);
    if (typeof recognised === "string") return refused(recognised, timeMs);
    return claimable(recognised, this.#grantOf(recognised, whole), whole, timeMs);
  }

  /** Claims a token in a store that answers at once. @throws {@link SpentStoreError} for any other answer. */
  protected spendNow({ name, untilMs, nowMs }: Claim, caller: string): boolean {
    return spentAnswer(this.#spent.claim(name, untilMs, nowMs), `${caller} needs a synchronous store, consume takes both`);
  }

  #reusable(token: unknown, context: object, presented: P): Verdict<C> {
    const { timeMs }: { readonly timeMs?: unknown } = context;
    const recognised = recognise(token, presented, timeMs, this.#judging);
    if (typeof recognised === "string") return refused(recognised, timeMs);
    const grant = this.#grantOf(recognised, context);
    return grant.isOnce ? { ok: false, reason: "once-token-not-reusable" } : { ok: true, grant };
  }

  async #claimable(token: unknown, context: C, presented: P): Promise<Claimable<C>> {
    const whole = contextOf(context);
    const { timeMs }: { readonly timeMs?: unknown } = whole;
    const recognised = recognise(token, presented, timeMs, this.#judging);
    if (typeof recognised === "string") return refused(recognised, timeMs);
    if (await this.#isRevoked(recognised.token)) return { ok: false, reason: "revoked" };
    return claimable(recognised, new Grant<C>(recognised.understood, whole), whole, timeMs);
  }

  /** Grant that asks for revocations with each question. */
  #grantOf({ token, understood }: Recognised, context: object): Grant<C> {
    const revoked = this.#revoked;
    const isRevoked = revoked && ((): boolean => [token, ...token.discharges].some((one) => revokedAnswer(revoked.isRevoked(one, one !== token))));
    return new Grant<C>(understood, context, isRevoked);
  }

  async #isRevoked(token: AuthenticToken): Promise<boolean> {
    const revoked = this.#revoked;
    if (revoked === undefined) return false;
    const answers = await Promise.all([token, ...token.discharges].map((one) => asked(() => revoked.isRevoked(one, one !== token), RevocationError)));
    return answers.some(revokedAnswer);
  }
}

/** Field that a caveat of a user asks. */
const USER: readonly AskedField[] = [{ name: "user", type: "string" }];

/** Arguments of the claim that must succeed before the token is honoured. */
export interface Claim {
  /** Name of the token. */
  readonly name: string;
  /** End of the token, until which its use must be remembered, in milliseconds since 1970. */
  readonly untilMs: number;
  /** Time of the context, in milliseconds since 1970. */
  readonly nowMs: number;
}

/** A token that may be honoured if the claim succeeds, or the reason against it. */
export type Claimable<C extends object> = { readonly ok: true; readonly grant: Grant<C>; readonly claim?: Claim } | Unauthorized;

function claimable<C extends object>({ token }: Recognised, grant: Grant<C>, context: C, timeMs: unknown): Claimable<C> {
  const verdict = permitted(grant, context);
  if (!verdict.ok || !grant.isOnce) return verdict;
  const untilMs = grant.onceUntilMs;
  // The end before `once` is a caveat that asks for the time: so there is one.
  if (untilMs === undefined || typeof timeMs !== "number") return { ok: false, reason: "once-without-end" };
  return { ok: true, grant, claim: { name: token.name, untilMs, nowMs: timeMs } };
}

function refused(reason: Unauthorized["reason"], timeMs: unknown): Unauthorized {
  return reason === "incomplete-context" && typeof timeMs !== "number" ? { ok: false, reason, missing: "timeMs" } : { ok: false, reason };
}

/** @throws the typed error in place of what a store throws or rejects with. */
async function asked<T>(ask: () => T | Promise<T>, StoreError: typeof SpentStoreError | typeof RevocationError): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new StoreError("an answer", "an error", { cause });
  }
}

/** Nothing but `true` is a yes: a promise, or a store's own answer such as "OK", would let every copy through. */
function spentAnswer(answer: unknown, advice: string): boolean {
  if (typeof answer === "boolean") return answer;
  throw new SpentStoreError(`true or false (${advice})`, answer instanceof Promise ? "a promise" : shown(answer));
}

function revokedAnswer(answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  const got = answer instanceof Promise ? "a promise, which only consume and reserve take" : shown(answer);
  throw new RevocationError("true or false of the list of revocations", got);
}

function canReserve(spent: SpentTokens): spent is LeasedSpentTokens {
  return "reserve" in spent && "commit" in spent && "abort" in spent;
}
