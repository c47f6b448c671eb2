import type { PeerId } from "@void-system/effects";
import { Budget } from "./budget.ts";
import { Latency } from "./latency.ts";
import { ANNOUNCED_IDS_BUDGET, BROUGHT_BYTES_BUDGET, SERVED_BYTES_BUDGET, STRIKES_MAX, SYNC_PAUSE_MS_MAX } from "../limits.ts";
import type { Announce } from "../codec/message.ts";
import type { Stream } from "./stream.ts";


/** State that a node keeps for a peer that it has a link with. */
export class Neighbour {
  readonly peer: PeerId;
  /** True if payloads are pushed to it, false if they are announced. */
  eager: boolean;
  /** Ids that it has announced and that are missing here. */
  announced = 0;
  /** Ids that it was asked for and has not sent. */
  asked = 0;
  /** True once it has sent a whole digest since the link came up. */
  synced = false;
  /** True if it has more than it could be asked for: its digest is needed again. */
  hasMore = false;
  /** Epochs of the digest under way that are whole and equal here and there. */
  equalStreams = 0;
  /** Questions that it has left unanswered, less those that it has answered. */
  strikes = 0;
  /** Messages that it has asked for and that its budget does not allow yet. */
  readonly waiting: { readonly stream: Stream; readonly counter: number }[] = [];
  /** Budgets of bytes served to it, of bytes that it brings, and of ids that it announces. */
  readonly served: Budget;
  readonly brought: Budget;
  readonly announcing: Budget;
  /** Time between a question and its answer. */
  readonly roundTrip: Latency;
  /** Counters that it cannot send, by epoch. */
  readonly gone: Map<Stream, number> = new Map();
  /** Time at which it gets a digest, if it has not answered until then. */
  syncDueMs: number;
  /** Time at which it was asked for its digest, until it answers. */
  syncAskedMs: number | undefined;
  /** Last time stamp of the peer, and when it came. */
  #stampMs = 0;
  #stampedMs = 0;
  #syncPauseMs: number;
  readonly #syncMs: number;

  constructor(peer: PeerId, eager: boolean, nowMs: number, limits: { readonly syncMs: number; readonly graftMs: number }) {
    this.peer = peer;
    this.eager = eager;
    this.syncDueMs = nowMs;
    this.#syncMs = limits.syncMs;
    this.#syncPauseMs = limits.syncMs;
    this.served = new Budget(SERVED_BYTES_BUDGET, nowMs);
    this.brought = new Budget(BROUGHT_BYTES_BUDGET, nowMs);
    this.announcing = new Budget(ANNOUNCED_IDS_BUDGET, nowMs);
    this.roundTrip = new Latency(limits.graftMs);
  }

  /** True if it announces and does not deliver: others are asked first. */
  get isStruck(): boolean {
    return this.strikes >= STRIKES_MAX;
  }

  /** Plans the next digest, after a pause that doubles each time. */
  planSync(nowMs: number): void {
    this.syncDueMs = nowMs + this.#syncPauseMs;
    this.#syncPauseMs = Math.min(this.#syncPauseMs * 2, SYNC_PAUSE_MS_MAX);
  }

  /** Notes that the peer has sent a whole digest. */
  heardSync(nowMs: number): void {
    if (this.syncAskedMs !== undefined) this.roundTrip.sample(nowMs - this.syncAskedMs);
    this.syncAskedMs = undefined;
    this.synced = true;
    this.syncDueMs = Number.POSITIVE_INFINITY;
    this.#syncPauseMs = this.#syncMs;
  }

  /** Returns the time stamps of an announcement to the peer. */
  stamps(nowMs: number): Stamps {
    const heldMs = this.#stampMs === 0 ? 0 : stampOf(nowMs - this.#stampedMs);
    return { sentMs: stampOf(nowMs), echoMs: this.#stampMs, heldMs };
  }

  /** Measures the link by the time stamps of an announcement of the peer. */
  stamped({ sentMs, echoMs, heldMs }: Stamps, nowMs: number): void {
    this.#stampMs = sentMs;
    this.#stampedMs = nowMs;
    const ms = stampOf(nowMs) - echoMs - heldMs;
    // An echo of before the stamps wrapped around, or a lie, measures nothing.
    if (echoMs > 0 && ms >= 0) this.roundTrip.sample(ms);
  }
}

/** Time stamps of an announcement. */
type Stamps = Pick<Announce, "sentMs" | "echoMs" | "heldMs">;

function stampOf(ms: number): number {
  return Math.floor(ms) % 2 ** 32;
}
