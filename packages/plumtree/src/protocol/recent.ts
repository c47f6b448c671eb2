/** Messages of a half of what counts as recent. */
const HALF_MESSAGES = 64;

/** Figures of the latest messages that a node has received. */
export interface RecentStats {
  /** Messages that the figures are of: up to 128. */
  readonly messages: number;
  /** Payloads that came again, per message: this node's part of the relative message redundancy, now. */
  readonly redundancy: number;
  /** Largest number of links behind one of them. */
  readonly hopsMax: number;
  /** Mean number of links behind them. */
  readonly hopsMean: number;
}

interface Half {
  messages: number;
  duplicates: number;
  hops: number;
  hopsMax: number;
}

/** Counts the latest messages in two halves, of which the older one is dropped when the newer one is full. */
export class RecentMessages {
  #older: Half = empty();
  #newer: Half = empty();

  /** Counts a new message. */
  received(hops: number): void {
    if (this.#newer.messages === HALF_MESSAGES) {
      this.#older = this.#newer;
      this.#newer = empty();
    }
    this.#newer.messages += 1;
    this.#newer.hops += hops;
    this.#newer.hopsMax = Math.max(this.#newer.hopsMax, hops);
  }

  /** Counts a payload that came again. */
  duplicate(): void {
    this.#newer.duplicates += 1;
  }

  /** Returns the figures. */
  stats(): RecentStats {
    const [older, newer] = [this.#older, this.#newer];
    const messages = older.messages + newer.messages;
    const per = (sum: number): number => (messages === 0 ? 0 : sum / messages);
    return {
      messages,
      redundancy: per(older.duplicates + newer.duplicates),
      hopsMax: Math.max(older.hopsMax, newer.hopsMax),
      hopsMean: per(older.hops + newer.hops),
    };
  }
}

function empty(): Half {
  return { messages: 0, duplicates: 0, hops: 0, hopsMax: 0 };
}
