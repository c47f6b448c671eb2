import { hmacSha256 } from "@void-system/crypto";
import { toHex } from "@void-system/bytes";
import { OptionError } from "../errors.ts";
import { platformRandom } from "../token/random.ts";

/** Most texts that one cache remembers. */
export const CACHED_TOKENS_MAX = 100_000;

const KEY_BYTES = 32;
const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Remembers what was verified of a text, under an HMAC of it with a key of this process: the cache holds no token, and
 * nobody can find a text with the key of another. The least recently used goes first.
 */
export class TokenCache<T> {
  readonly #entries = new Map<string, T>();
  readonly #key: Uint8Array = platformRandom(KEY_BYTES);
  readonly #max: number;

  /** @throws {@link OptionError} for a number that is none. */
  constructor(max: number) {
    if (!Number.isSafeInteger(max) || max < 1 || max > CACHED_TOKENS_MAX) throw new OptionError("cachedTokens", `1 to ${CACHED_TOKENS_MAX} texts`, String(max));
    this.#max = max;
  }

  /** Returns the key of a text. */
  keyOf(text: string): string {
    return toHex(hmacSha256(this.#key, encoder.encode(text)));
  }

  /** Returns what is remembered under a key. */
  get(key: string): T | undefined {
    const found = this.#entries.get(key);
    if (found === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return found;
  }

  /** Remembers something under a key. */
  set(key: string, value: T): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#max) for (const [oldest] of this.#entries) { this.#entries.delete(oldest); break; }
    this.#entries.set(key, value);
  }
}
