/**
 * Turns: no peer's frames take the thread from those of the others. Each peer has a credit of verifications that comes
 * back with time. While it lasts, its frames are opened at once. Beyond it they wait, and between all else that the thread
 * has to do a few are opened at a time, each of the peer that has spent least: nothing idles, and nobody starves.
 */
import type { Clock, PeerId } from "@void-system/effects";
import { VERIFICATIONS_BURST_MAX, VERIFICATIONS_PER_MS, WAITING_BYTES_MAX } from "../limits.ts";

interface Share {
  credit: number;
  atMs: number;
  readonly waiting: { readonly bytes: number; readonly open: () => void }[];
  bytes: number;
}

/** Bytes whose decoding and digest cost as much as a verification, about. */
const VERIFICATION_BYTES = 131_072;
/** The cost of any frame, in verifications, about. */
const FRAME_COST = 1 / 16;
/** Verifications after which the frames that wait let the thread do something else. */
const TURN_MAX = 16;
/** Peers whose shares are remembered; beyond it those are forgotten of which nothing waits. */
const SHARES_MAX = 4_096;
/** A debt is forgotten beyond this, so that a peer that was busy alone does not wait for long behind a new one. */
const DEBT_MAX = 32 * VERIFICATIONS_BURST_MAX;

/** The shares of a node's peers. */
export class Turns {
  readonly #clock: Pick<Clock, "monotonicMs" | "schedule">;
  readonly #spent: () => number;
  readonly #shares = new Map<PeerId, Share>();
  #isDue = false;

  /** `spent` counts the verifications made so far. */
  constructor(clock: Pick<Clock, "monotonicMs" | "schedule">, spent: () => number) {
    this.#clock = clock;
    this.#spent = spent;
  }

  /** Opens a frame when it is its peer's turn. False if too much of that peer waits already: it is never opened. */
  take(peer: PeerId, bytes: number, open: () => void): boolean {
    const share = this.#shareOf(peer);
    if (share.waiting.length === 0 && share.credit > 0) {
      this.#charge(share, bytes, open);
      return true;
    }
    if (share.bytes + bytes > WAITING_BYTES_MAX) return false;
    share.bytes += bytes;
    share.waiting.push({ bytes, open });
    this.#goOn();
    return true;
  }

  #shareOf(peer: PeerId): Share {
    const nowMs = this.#clock.monotonicMs();
    let share = this.#shares.get(peer);
    if (share === undefined) {
      if (this.#shares.size >= SHARES_MAX)
        for (const [idle, { waiting }] of this.#shares) if (waiting.length === 0) this.#shares.delete(idle);
      share = { credit: VERIFICATIONS_BURST_MAX, atMs: nowMs, waiting: [], bytes: 0 };
      this.#shares.set(peer, share);
    }
    share.credit = Math.min(VERIFICATIONS_BURST_MAX, share.credit + (nowMs - share.atMs) * VERIFICATIONS_PER_MS);
    share.atMs = nowMs;
    return share;
  }

  /** Opens a frame, and returns the cost that its peer bears. */
  #charge(share: Share, bytes: number, open: () => void): number {
    const before = this.#spent();
    open();
    const cost = this.#spent() - before + bytes / VERIFICATION_BYTES + FRAME_COST;
    share.credit = Math.max(-DEBT_MAX, share.credit - cost);
    return cost;
  }

  #goOn(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.schedule(0, () => {
      this.#isDue = false;
      for (let left = TURN_MAX; left > 0; ) {
        const cost = this.#openNext();
        if (cost === undefined) return;
        left -= cost;
      }
      this.#goOn();
    });
  }

  /** Opens a frame that waits, and returns its cost; undefined if there is none. */
  #openNext(): number | undefined {
    let next: Share | undefined;
    for (const [peer, { waiting }] of this.#shares) {
      if (waiting.length === 0) continue;
      const share = this.#shareOf(peer);
      if (next === undefined || share.credit > next.credit) next = share;
    }
    const frame = next?.waiting.shift();
    if (next === undefined || frame === undefined) return undefined;
    next.bytes -= frame.bytes;
    return this.#charge(next, frame.bytes, frame.open);
  }
}
