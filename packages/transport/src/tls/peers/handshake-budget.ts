import type { Cancel, Clock } from "@void-system/effects";

/** Origins whose connections are counted apart; the connections of all further ones are counted together. */
const ORIGINS_MAX = 4_096;
const REFILL_MS = 1_000;
const OTHERS = "others";

/** Rates that a {@link HandshakeBudget} allows to each origin. */
export interface HandshakeRates {
  /** Burst of connections. */
  readonly handshakeBurst: number;
  /** Further connections a second. */
  readonly handshakesPerSecond: number;
}

/**
 * Limits the connections of each origin (an address, see {@link originOf}, or a peer) by a token bucket, so that a storm out
 * of one costs a bounded number of handshakes a second, however fast it is.
 */
export class HandshakeBudget {
  readonly #rates: HandshakeRates;
  readonly #clock: Pick<Clock, "schedule">;
  /** Tokens that each origin has taken and that have not been refilled. */
  readonly #taken = new Map<string, number>();
  #cancel: Cancel | undefined;

  constructor(rates: HandshakeRates, clock: Pick<Clock, "schedule">) {
    this.#rates = rates;
    this.#clock = clock;
  }

  /** Returns true if another connection of `from` may begin its handshake now, and takes a token for it. */
  take(from: string): boolean {
    const origin = this.#taken.has(from) || this.#taken.size < ORIGINS_MAX ? from : OTHERS;
    const taken = this.#taken.get(origin) ?? 0;
    if (taken >= this.#rates.handshakeBurst) return false;
    this.#taken.set(origin, taken + 1);
    this.#cancel ??= this.#clock.schedule(REFILL_MS, () => this.#refill());
    return true;
  }

  stop(): void {
    this.#cancel?.();
  }

  #refill(): void {
    this.#cancel = undefined;
    for (const [origin, taken] of this.#taken) {
      if (taken > this.#rates.handshakesPerSecond) this.#taken.set(origin, taken - this.#rates.handshakesPerSecond);
      else this.#taken.delete(origin);
    }
    if (this.#taken.size > 0) this.#cancel = this.#clock.schedule(REFILL_MS, () => this.#refill());
  }
}

/** Returns the origin of an address. The owner of one IPv6 address has at least 2^64 (RFC 6177), so its first 64 bits count. */
export function originOf(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: Math.max(0, zeros) }, () => "0"), ...back].slice(0, 4).join(":");
}
