import type { CapabilityContext, CaveatFacts, CaveatRefusal, ResourceScope } from "./caveat-kind.ts";
import { type UnderstoodCaveats, isOnce, missingField, refusalOfCaveats } from "./understood-caveats.ts";

/** Reason of a grant to refuse a context. */
export type GrantRefusal = CaveatRefusal | "revoked";

/**
 * Rights of an authentic token, for callers that check it once and use it many times. Nothing is remembered but the
 * caveats: every question is judged again, its time and revocations included.
 *
 * @example
 * ```ts
 * import { CapabilityManager, MacaroonFactory, createStandardVerifier } from "@void-system/macaroons";
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const manager = new CapabilityManager(factory, createStandardVerifier());
 * const token = factory.mint(["resource under /api", "operation in read,write", "time < 2000"]).encode();
 * const session = manager.authorize(token, { timeMs: 1000 });
 * session.ok && session.grant.permits("/api/data", "read", 1000); // => true
 * session.ok && session.grant.permits("/api/data", "read", 2000); // => false
 * session.ok && session.grant.permits("/etc", "read", 1000); // => false
 * session.ok && session.grant.expiresAtMs; // => 2000
 * ```
 */
export class Grant<C extends object = CapabilityContext> {
  readonly #understood: UnderstoodCaveats;
  /** Copy of the caller's context: what {@link Grant.permits} does not ask for stays as it was. */
  readonly #base: object;
  readonly #isRevoked: (() => boolean) | undefined;

  /**
   * Only for caveats of a token whose signature was checked.
   *
   * @param subject - the caller: fields of the context that stay the same.
   */
  constructor(understood: UnderstoodCaveats, subject: object = {}, isRevoked?: () => boolean) {
    this.#understood = understood;
    this.#base = { ...subject };
    this.#isRevoked = isRevoked;
  }

  /** Returns true if this may be done at this time (milliseconds since 1970), by the user who was authorized. */
  permits(resource: string, operation: string, timeMs: number): boolean {
    return this.#refusal({ ...this.#base, resource, operation, timeMs }) === undefined;
  }

  /** Returns the reason against a context, or `undefined` where all caveats allow it. */
  refusal(context: C): GrantRefusal | undefined {
    return this.#refusal(context);
  }

  /** The first field that a caveat asks and the context lacks, or has in another type. */
  missing(context: C): string | undefined {
    return missingField(this.#understood.asks, context);
  }

  /** From when on nothing is permitted, in milliseconds since 1970; `undefined` for never. */
  get expiresAtMs(): number | undefined {
    const times = this.#facts("expiresAtMs");
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Before when nothing is permitted, in milliseconds since 1970; `undefined` for always. */
  get notBeforeMs(): number | undefined {
    const times = this.#facts("notBeforeMs");
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Names that every operation caveat lists, `admin` standing for all; `undefined` if there is no such caveat. */
  get operations(): readonly string[] | undefined {
    return this.#facts("operations").reduce<readonly string[] | undefined>(intersect, undefined);
  }

  /** Limits of the resource: it must be within every one. Empty: any resource. */
  get resources(): readonly ResourceScope[] {
    return this.#facts("resource");
  }

  /** Users that it is limited to: with more than one it permits nothing. */
  get users(): readonly string[] {
    return this.#facts("user");
  }

  /** True if the token was revoked by now. A grant of `consume` and `reserve` was asked then, and is not again. */
  get isRevoked(): boolean {
    return this.#isRevoked?.() === true;
  }

  /** True if the token may be used one single time. */
  get isOnce(): boolean {
    return isOnce(this.#understood);
  }

  /**
   * Until when a store must remember that the token was used: the end that stands before `once`, in milliseconds since
   * 1970. A caveat behind `once` is not in every copy, so its end does not count. `undefined` if there is none.
   */
  get onceUntilMs(): number | undefined {
    let untilMs = Number.POSITIVE_INFINITY;
    for (const { caveat } of this.#understood.caveats) {
      if (caveat.facts.once) break;
      untilMs = Math.min(untilMs, caveat.facts.expiresAtMs ?? untilMs);
    }
    return this.isOnce && untilMs !== Number.POSITIVE_INFINITY ? untilMs : undefined;
  }

  #refusal(context: object): GrantRefusal | undefined {
    return this.isRevoked ? "revoked" : refusalOfCaveats(this.#understood, context);
  }

  #facts<K extends keyof CaveatFacts>(key: K): readonly NonNullable<CaveatFacts[K]>[] {
    return this.#understood.caveats.flatMap(({ caveat: { facts } }) => {
      const fact = facts[key];
      return fact === undefined ? [] : [fact];
    });
  }
}

function intersect(some: readonly string[] | undefined, others: readonly string[]): readonly string[] {
  if (some === undefined || some.includes("admin")) return others;
  return others.includes("admin") ? some : some.filter((name) => others.includes(name));
}
