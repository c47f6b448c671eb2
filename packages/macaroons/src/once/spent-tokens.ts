/** Tokens that one manager remembers as used, at most. */
export const SPENT_TOKENS_MAX = 100_000;

/** Remembers which `once` tokens were used. Replace it by one that all verifiers share, for once in a cluster. */
export interface SpentTokens {
  /** True for the first claim of an identifier, false for every other, and when it cannot tell. */
  claim(identifier: Uint8Array): boolean;
}

/** Remembers in this process, until it ends. When it is full it refuses: forgetting would let a token be used again. */
export class SpentTokensInMemory implements SpentTokens {
  readonly #spent = new Set<string>();
  readonly #max: number;

  /** @param max - how many it remembers. */
  constructor(max: number = SPENT_TOKENS_MAX) {
    this.#max = max;
  }

  claim(identifier: Uint8Array): boolean {
    // One character a byte: as exact as the bytes, and shorter than hexadecimal.
    const key = String.fromCharCode(...identifier);
    if (this.#spent.has(key) || this.#spent.size >= this.#max) return false;
    this.#spent.add(key);
    return true;
  }
}
