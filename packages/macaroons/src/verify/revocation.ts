import { OptionError, RevocationError } from "../errors.ts";
import { ExpiryQueue } from "../once/expiry-queue.ts";
import { refuseUnknown, shown } from "../options.ts";
import type { AuthenticToken } from "./authority.ts";

/** Subject of a list of revocations: a token, or a discharge beside it. */
export type Revocable = Pick<AuthenticToken, "name" | "links" | "keyId" | "mintedAtMs">;

/** A list of revocations. It is asked in each call, about the token and about each discharge. */
export interface Revocations {
  /**
   * Returns true for a revoked token, false for any other; or a promise of that.
   *
   * @param isDischarge - true for a discharge beside the token, which another issuer may have minted.
   */
  isRevoked(token: Revocable, isDischarge: boolean): boolean | Promise<boolean>;
}

/** Entries that one {@link RevocationList} remembers at once, at most. */
export const REVOCATIONS_MAX = 100_000;

/** Subject of a revocation: one of these. */
export type Revoked =
  /** A token with all that were narrowed from it: {@link Macaroon.name}. */
  | { readonly name: string }
  /** A copy with all that were narrowed from it: {@link Macaroon.link}. */
  | { readonly link: string }
  /** All tokens of a key, by its id. */
  | { readonly keyId: string }
  /** All tokens, but no discharges, minted before a time or without a minting date. In milliseconds since 1970. */
  | { readonly mintedBeforeMs: number };

/**
 * Revocations in this process: the next call of every verifier that was given the list refuses what was revoked.
 *
 * @example
 * ```ts
 * import { CapabilityManager, MacaroonFactory, RevocationList, createStandardVerifier } from "@void-system/macaroons";
 * const revoked = new RevocationList();
 * const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
 * const manager = new CapabilityManager(factory, createStandardVerifier(), { revoked });
 * const token = factory.mint();
 * const narrower = token.addCaveat("operation in read");
 * const context = { timeMs: 1000, resource: "/a", operation: "read" };
 *
 * revoked.revoke({ link: narrower.link });
 * manager.verify(narrower, context); // => ({ ok: false, reason: "revoked" })
 * manager.verify(token, context).ok; // => true
 * revoked.revoke({ name: token.name });
 * manager.verify(token, context); // => ({ ok: false, reason: "revoked" })
 * ```
 */
export class RevocationList implements Revocations {
  /** Each entry, under its kind, with its end. */
  readonly #entries = new Map<string, number>();
  readonly #queue = new ExpiryQueue();
  #mintedBeforeMs = Number.NEGATIVE_INFINITY;

  /** Number of entries, minting dates aside. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Revokes tokens.
   *
   * @param untilMs - time from which the list may forget the entry, because the tokens have expired. Never, by default.
   * @throws {@link OptionError} for anything but one kind of revocation; {@link RevocationError} when the list is full.
   */
  revoke(what: Revoked, untilMs: number = Number.POSITIVE_INFINITY): void {
    refuseUnknown("revoke", what, ["name", "link", "keyId", "mintedBeforeMs"]);
    const [entry, ...more] = Object.entries(what);
    if (entry === undefined || more.length > 0) throw new OptionError("revoke", "one of name, link, keyId, mintedBeforeMs", `${more.length === 0 ? "none" : more.length + 1}`);
    if (Number.isNaN(untilMs) || typeof untilMs !== "number") throw new OptionError("revoke", "untilMs as a number", shown(untilMs));
    const [kind, value]: [string, unknown] = entry;
    if (kind === "mintedBeforeMs") {
      if (typeof value !== "number" || Number.isNaN(value)) throw new OptionError("revoke", "mintedBeforeMs as a number", shown(value));
      this.#mintedBeforeMs = Math.max(this.#mintedBeforeMs, value);
      return;
    }
    if (typeof value !== "string" || value === "") throw new OptionError("revoke", `${kind} as a text`, shown(value));
    const key = `${kind} ${value}`;
    const known = this.#entries.get(key);
    if (known === undefined && this.#entries.size >= REVOCATIONS_MAX) throw new RevocationError(`at most ${REVOCATIONS_MAX} revocations`, "one more");
    this.#entries.set(key, Math.max(untilMs, known ?? untilMs));
    if (known === undefined) this.#queue.push(key, untilMs);
  }

  /** Forgets entries whose `untilMs` is `nowMs` or before. */
  forget(nowMs: number): void {
    for (let key = this.#queue.popUntil(nowMs); key !== undefined; key = this.#queue.popUntil(nowMs)) {
      const untilMs = this.#entries.get(key) ?? nowMs;
      if (untilMs > nowMs) this.#queue.push(key, untilMs);
      else this.#entries.delete(key);
    }
  }

  isRevoked(token: Revocable, isDischarge: boolean): boolean {
    const { mintedAtMs = Number.NEGATIVE_INFINITY } = token;
    if (!isDischarge && mintedAtMs < this.#mintedBeforeMs) return true;
    // Names are digests: not made for an empty list.
    if (this.#entries.size === 0) return false;
    const { name, links, keyId } = token;
    return this.#entries.has(`name ${name}`) || (keyId !== undefined && this.#entries.has(`keyId ${keyId}`)) || links.some((link) => this.#entries.has(`link ${link}`));
  }
}
