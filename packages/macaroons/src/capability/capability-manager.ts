import { LinearResource } from "@void-system/linear";
import type { LinearContext } from "@void-system/linear";
import type { CapabilityContext, CaveatRefusal, ContextField, ResourceScope, Subject } from "../caveat/caveat-kind.ts";
import type { Grant } from "../caveat/grant.ts";
import type { CaveatVerifier, NotUnderstood } from "../caveat/verifier.ts";
import { OptionError, SpentStoreError } from "../errors.ts";
import { type LeasedSpentTokens, type SpentTokens, SpentTokensInMemory } from "../once/spent-tokens.ts";
import { onceLast } from "../once/once-last.ts";
import { refuseNonList, refuseUnknown, shown } from "../options.ts";
import { DISCHARGES_MAX, type DischargeRefusal, type SealedKeyOpener, refusalOfDischarges } from "../third-party/check-discharges.ts";
import { deriveKey } from "../token/chain.ts";
import { Macaroon, type SealedCaveat } from "../token/macaroon.ts";
import type { Authenticity, MacaroonFactory } from "../token/macaroon-factory.ts";
import { CapabilityToken } from "./capability-token.ts";
import { CapabilityType } from "./capability-type.ts";

/** A token as it comes: text or bytes in the canonical form of version 2, or a macaroon that was parsed already. */
export type TokenInput = string | Uint8Array | Macaroon;

/** Reason to refuse a token. */
export type RefusalReason =
  | "malformed"
  | Exclude<Authenticity, "authentic">
  | DischargeRefusal
  | NotUnderstood["reason"]
  | CaveatRefusal
  /** It carries `once`, and was shown where tokens may come again. */
  | "once-token-not-reusable"
  /** It carries `once` without an end before it, so that no store could remember it. */
  | "once-without-end"
  /** It carries `once`, and was used, or the store cannot tell. */
  | "already-used";

/** Judgement of a token. */
export type Verdict = Authorized | Unauthorized;

/** The token is good. */
export interface Authorized {
  readonly ok: true;
  /** The token's rights. */
  readonly grant: Grant;
}

/** The token is refused. */
export interface Unauthorized {
  readonly ok: false;
  /** Reason of the refusal. It holds no secret, but before `unknown-caveat` the token has proved nothing. */
  readonly reason: RefusalReason;
  /** Field that the context lacks, where the reason is `incomplete-context`. */
  readonly missing?: ContextField;
}

/** A token that is held until its use is sure. */
export interface Reserved {
  readonly ok: true;
  /** The token's rights. */
  readonly grant: Grant;
  /** Uses it up. Resolves to false if the lease ran out and another took the token: then undo what was done. */
  commit(): Promise<boolean>;
  /** Gives it back unused. */
  abort(): Promise<void>;
}

/** Company of a token. */
export interface PresentedWith {
  /** Discharges of third parties' caveats, bound to the token, in any order. */
  readonly discharges?: readonly TokenInput[] | undefined;
}

/** Options of {@link CapabilityManager.reserve}. */
export interface ReserveOptions extends PresentedWith {
  /** After this time another may take the token, in milliseconds. Longer than the work takes. */
  readonly leaseMs: number;
}

/** Further limits of a capability, and its owner. */
export interface GrantOptions {
  /** Further caveats, of forms that the verifier knows. */
  readonly caveats?: readonly string[];
  /** `under` grants everything below the resource too. @defaultValue "exact" */
  readonly scope?: ResourceScope["kind"];
  /** The context that answers for the handle. */
  readonly context?: LinearContext;
}

/**
 * Returns the root key of an identifier; several while one replaces another; `undefined` for an unknown identifier.
 * Anybody can send any identifier. `keyIdOf` reads the key id of those that a {@link MacaroonFactory} made.
 */
export type KeyOf = (identifier: Uint8Array) => Uint8Array | readonly Uint8Array[] | undefined;

/** Options of {@link CapabilityManager}. */
export interface CapabilityManagerOptions {
  /** Memory of used `once` tokens. @defaultValue in this process */
  readonly spent?: SpentTokens;
  /** `openSealedKey` of this package, to accept discharges. @defaultValue third parties' caveats are refused */
  readonly openSealedKey?: SealedKeyOpener;
  /** Root keys of tokens that are not the factory's: of other issuers, or of its former keys. @defaultValue none */
  readonly keyOf?: KeyOf;
}

/**
 * Grants capabilities and judges them. {@link CapabilityManager.verifyCapability} uses up a handle in this program.
 * {@link CapabilityManager.verify} and {@link CapabilityManager.authorize} judge a token that comes from outside, as
 * often as it comes; {@link CapabilityManager.consume} and {@link CapabilityManager.reserve} exactly once.
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
  readonly #openSealedKey: SealedKeyOpener | undefined;
  readonly #keyOf: KeyOf | undefined;

  /** @throws {@link OptionError} for an option of another name. */
  constructor(factory: MacaroonFactory, verifier: CaveatVerifier, options: CapabilityManagerOptions = {}) {
    refuseUnknown("CapabilityManager", options, ["spent", "openSealedKey", "keyOf"]);
    this.#factory = factory;
    this.#verifier = verifier;
    this.#spent = options.spent ?? new SpentTokensInMemory();
    this.#openSealedKey = options.openSealedKey;
    this.#keyOf = options.keyOf;
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
   * {@link CapabilityManager.consume}.
   */
  verifyCapability(capability: LinearResource<Macaroon>, context: CapabilityContext, presented: PresentedWith = {}): boolean {
    if (!(capability instanceof LinearResource)) throw new OptionError("verifyCapability", "a capability's handle", shown(capability));
    const judged = this.#judgeOnce(capability.consume(), context, presented);
    if (!judged.ok || judged.claim === undefined) return judged.ok;
    // Claimed last: a refused attempt must not use up the token.
    const { name, untilMs, nowMs } = judged.claim;
    return checkedAnswer(this.#spent.claim(name, untilMs, nowMs), "verifyCapability needs a synchronous store, consume takes both");
  }

  /**
   * Judges whether a token permits the context now, as often as it comes. A token with `once` is refused.
   *
   * @throws {@link OptionError} for a wrong call; never because of the token, its discharges or the context.
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
  verify(token: TokenInput, context: CapabilityContext, presented: PresentedWith = {}): Verdict {
    return permitted(this.#judgeReusable(token, subjectOf(context), presented), context);
  }

  /**
   * Judges a token and uses it up. Where {@link CapabilityManager.verify} refuses a token with `once`, this honours it
   * exactly once, in whatever copy or encoding it comes; a refused attempt uses nothing. A token without `once` may come
   * again. Takes stores that answer at once and stores that answer with a promise.
   *
   * @throws {@link SpentStoreError} when the store fails or answers anything but true or false.
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
  async consume(token: TokenInput, context: CapabilityContext, presented: PresentedWith = {}): Promise<Verdict> {
    const judged = this.#judgeOnce(token, context, presented);
    if (!judged.ok) return judged;
    const { grant, claim } = judged;
    if (claim === undefined) return { ok: true, grant };
    const answer = await asked(() => this.#spent.claim(claim.name, claim.untilMs, claim.nowMs));
    return checkedAnswer(answer, "answer with a boolean") ? { ok: true, grant } : { ok: false, reason: "already-used" };
  }

  /**
   * Judges a token as {@link CapabilityManager.consume} does, and holds it until `commit`. After a crash before that, the
   * token is good once more when the lease has run out.
   *
   * @throws {@link OptionError} when the store cannot reserve; {@link SpentStoreError} as `consume` does.
   */
  async reserve(token: TokenInput, context: CapabilityContext, options: ReserveOptions): Promise<Reserved | Unauthorized> {
    refuseUnknown("reserve", options, ["discharges", "leaseMs"]);
    const { leaseMs, discharges } = options;
    if (!(leaseMs > 0 && leaseMs < Number.POSITIVE_INFINITY)) throw new OptionError("reserve", "a leaseMs above 0", String(leaseMs));
    const spent = this.#spent;
    if (!canReserve(spent)) throw new OptionError("reserve", "a store with reserve, commit and abort", "one with claim alone");
    const judged = this.#judgeOnce(token, context, { discharges });
    if (!judged.ok) return judged;
    const { grant, claim } = judged;
    if (claim === undefined) return { ok: true, grant, commit: async () => true, abort: async () => undefined };
    const { name, untilMs, nowMs } = claim;
    const fence: unknown = await asked(() => spent.reserve(name, untilMs, nowMs, nowMs + leaseMs));
    if (fence === false) return { ok: false, reason: "already-used" };
    if (typeof fence !== "number") throw new SpentStoreError("a number or false", shown(fence));
    return {
      ok: true,
      grant,
      commit: async () => checkedAnswer(await asked(() => spent.commit(name, fence)), "answer with a boolean"),
      abort: async () => await asked(() => spent.abort(name, fence)),
    };
  }

  /**
   * Judges a token for callers that authorize once and check each command later, with {@link Grant.permits}. Refused already: a token that has expired or is not valid yet, is for another user, or
   * carries `once`.
   */
  authorize(token: TokenInput, now: Subject & Pick<CapabilityContext, "timeMs">, presented: PresentedWith = {}): Verdict {
    const subject = subjectOf(now);
    const verdict = this.#judgeReusable(token, subject, presented);
    if (!verdict.ok) return verdict;
    const { expiresAtMs, notBeforeMs, users } = verdict.grant;
    const timeMs: unknown = now?.timeMs;
    if (expiresAtMs !== undefined || notBeforeMs !== undefined) {
      if (typeof timeMs !== "number") return { ok: false, reason: "incomplete-context", missing: "timeMs" };
      if (expiresAtMs !== undefined && !(timeMs < expiresAtMs)) return { ok: false, reason: "expired" };
      if (notBeforeMs !== undefined && !(timeMs >= notBeforeMs)) return { ok: false, reason: "not-yet-valid" };
    }
    if (users.length > 0 && typeof subject.user !== "string") return { ok: false, reason: "incomplete-context", missing: "user" };
    if (users.some((user) => user !== subject.user)) return { ok: false, reason: "wrong-user" };
    return verdict;
  }

  #judgeReusable(token: unknown, subject: Subject, presented: PresentedWith): Verdict {
    const verdict = this.#judge(readToken(token), subject, presented);
    return verdict.ok && verdict.grant.isOnce ? { ok: false, reason: "once-token-not-reusable" } : verdict;
  }

  /** Judges a token that may carry `once`, up to the claim, which is the caller's. */
  #judgeOnce(token: unknown, context: CapabilityContext, presented: PresentedWith): OnceVerdict {
    const macaroon = readToken(token);
    const verdict = permitted(this.#judge(macaroon, subjectOf(context), presented), context);
    if (!verdict.ok || macaroon === undefined || !verdict.grant.isOnce) return verdict;
    const untilMs = verdict.grant.onceUntilMs;
    if (untilMs === undefined) return { ok: false, reason: "once-without-end" };
    return { ...verdict, claim: { name: macaroon.name, untilMs, nowMs: context.timeMs } };
  }

  /** One verification: form, signature, discharges, caveats. Until the signature is right, nothing in a token means anything. */
  #judge(macaroon: Macaroon | undefined, subject: Subject, presented: PresentedWith): Verdict {
    refuseUnknown("discharges", presented, ["discharges"]);
    const given: unknown = presented.discharges;
    const open = this.#openSealedKey;
    if (given !== undefined) refuseNonList("discharges", "discharges", given);
    if (given !== undefined && open === undefined) throw new OptionError("discharges", "a manager with the option openSealedKey", "one without");
    if (macaroon === undefined) return { ok: false, reason: "malformed" };
    const sealed = this.#followChain(macaroon);
    if (typeof sealed === "string") return { ok: false, reason: sealed };
    if (open === undefined) return this.#verifier.understand(macaroon, subject);
    const count = presented.discharges?.length ?? 0;
    if (count > DISCHARGES_MAX) return { ok: false, reason: "too-many-discharges" };
    const discharges = (presented.discharges ?? []).flatMap((discharge) => readToken(discharge) ?? []);
    if (discharges.length < count) return { ok: false, reason: "malformed" };
    const refusal = refusalOfDischarges(macaroon, sealed, discharges, open);
    return refusal === undefined ? this.#verifier.understand(macaroon, subject, discharges) : { ok: false, reason: refusal };
  }

  #followChain(macaroon: Macaroon): readonly SealedCaveat[] | Exclude<Authenticity, "authentic"> {
    if (this.#factory.names(macaroon)) return this.#factory.followChain(macaroon) ?? "bad-signature";
    const found: unknown = this.#keyOf?.(macaroon.identifier);
    const keys: readonly unknown[] = Array.isArray(found) ? found : found === undefined ? [] : [found];
    for (const key of keys) {
      if (!(key instanceof Uint8Array)) throw new OptionError("keyOf", "root keys as bytes, or undefined", shown(key));
      const sealed = macaroon.followChain(deriveKey(key));
      if (sealed !== undefined) return sealed;
    }
    return keys.length === 0 ? "unknown-key" : "bad-signature";
  }
}

/** Text of each scope in a caveat. */
const SCOPES = { exact: "resource =", under: "resource under" } as const satisfies Record<ResourceScope["kind"], string>;

/** Arguments of the claim that must succeed before the token is honoured. */
interface Claim {
  readonly name: string;
  readonly untilMs: number;
  readonly nowMs: number;
}

type OnceVerdict = (Authorized & { readonly claim?: Claim }) | Unauthorized;

/** Returns the macaroon of whatever came, or `undefined` if it is none. */
function readToken(token: unknown): Macaroon | undefined {
  if (token instanceof Macaroon) return token;
  const decoded = token instanceof Uint8Array ? Macaroon.tryDecodeBytes(token) : typeof token === "string" ? Macaroon.tryDecode(token) : undefined;
  return decoded?.ok ? decoded.macaroon : undefined;
}

/** Returns the part of a context that stays the same for a session. In place of a context that is none, an empty one. */
function subjectOf(context: Partial<CapabilityContext> | undefined): Subject {
  const { timeMs: _time, resource: _resource, operation: _operation, ...subject } = context ?? {};
  return subject;
}

function permitted(verdict: Verdict, context: CapabilityContext): Verdict {
  if (!verdict.ok) return verdict;
  // In place of a context that is none, an empty one: every field that a caveat asks is missing in it.
  const whole = { ...context };
  const reason = verdict.grant.refusal(whole);
  if (reason === undefined) return verdict;
  const missing = reason === "incomplete-context" ? verdict.grant.missing(whole) : undefined;
  return missing === undefined ? { ok: false, reason } : { ok: false, reason, missing };
}

/** @throws {@link SpentStoreError} in place of what a store throws or rejects with. */
async function asked<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    throw new SpentStoreError("an answer", "an error", { cause });
  }
}

/** Nothing but `true` is a yes: a promise, or a store's own answer such as "OK", would let every copy through. */
function checkedAnswer(answer: unknown, advice: string): boolean {
  if (typeof answer === "boolean") return answer;
  const got = answer instanceof Promise ? "a promise" : shown(answer);
  throw new SpentStoreError(`true or false (${advice})`, got);
}

function canReserve(spent: SpentTokens): spent is LeasedSpentTokens {
  return "reserve" in spent && "commit" in spent && "abort" in spent;
}
