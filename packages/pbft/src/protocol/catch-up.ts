/**
 * Knowledge about where the others stand, and how far a replica is in catching up with them: whom it is linked with, whom it
 * pulls batches from, the state that it transfers, and what it has served to each.
 */
import type { PeerId } from "@void-system/effects";
import type { Status } from "../codec/message.ts";
import { ANSWERED_CLIENTS_MAX, SERVED_BYTES_MAX } from "../limits.ts";
import type { Transfer } from "./transfer.ts";

/** A STATUS, and the time at which it came. */
interface Heard {
  readonly status: Status;
  readonly atMs: number;
}

/** The catching up, owned. */
export class CatchUp {
  readonly #heard = new Map<number, Heard>();
  readonly #served = new Map<number, number>();
  readonly #answered = new Set<PeerId>();
  /** The replicas with which a link is up, and since when. */
  readonly #linked = new Map<PeerId, number>();
  /** Replicas that have shown another configuration, with what differs. */
  readonly #refused = new Map<PeerId, string>();
  #transfer: Transfer | undefined;
  #pullsFrom: number | undefined;
  #executedAtTick = 0;
  #ticks: "short" | "long" | undefined;

  /** Replicas of another configuration, with what differs. */
  get refused(): ReadonlyMap<PeerId, string> {
    return this.#refused;
  }

  /** Returns whether a replica is of another configuration: nothing that comes from it counts. */
  refuses(peer: PeerId): boolean {
    return this.#refused.has(peer);
  }

  /** Refuses a replica for what differs, or takes it in again. */
  setRefused(peer: PeerId, difference: string | undefined): void {
    if (difference === undefined) this.#refused.delete(peer);
    else this.#refused.set(peer, difference);
  }

  /** Notes that the link to a replica is up since then, or is lost. */
  setLinked(peer: PeerId, sinceMs: number | undefined): void {
    if (sinceMs === undefined) this.#linked.delete(peer);
    else this.#linked.set(peer, sinceMs);
  }

  /** Number of the other replicas with which a link is up. */
  get linked(): number {
    return this.#linked.size;
  }

  /** Returns whether what is said to a peer now may arrive. */
  isLinked(peer: PeerId): boolean {
    return this.#linked.has(peer);
  }

  /** The transfer of a state under way. */
  get transfer(): Transfer | undefined {
    return this.#transfer;
  }

  /** The replica from which committed batches are pulled. */
  get pullsFrom(): number | undefined {
    return this.#pullsFrom;
  }

  /** Keeps a STATUS; returns the time at which its sender's last one came. */
  hear(status: Status, nowMs: number): number | undefined {
    const before = this.#heard.get(status.sender)?.atMs;
    this.#heard.set(status.sender, { status, atMs: nowMs });
    return before;
  }

  /** The last STATUS of a replica. */
  statusOf(sender: number): Status | undefined {
    return this.#heard.get(sender)?.status;
  }

  /** Returns whether a replica has said where it stands since the link with it is up: a link alone says only that its node runs. */
  isAlive(sender: number, peer: PeerId): boolean {
    const heardMs = this.#heard.get(sender)?.atMs;
    const sinceMs = this.#linked.get(peer);
    return heardMs !== undefined && sinceMs !== undefined && heardMs >= sinceMs;
  }

  /** The last STATUS of each of the others, if it came at `sinceMs` or later. */
  *statuses(sinceMs: number = -Infinity): IterableIterator<Status> {
    for (const { status, atMs } of this.#heard.values()) if (atMs >= sinceMs) yield status;
  }

  /** Counts the others that say that they have executed more than `lastExecuted`. */
  countAhead(lastExecuted: number): number {
    let ahead = 0;
    for (const { status } of this.#heard.values()) if (status.lastExecuted > lastExecuted) ahead += 1;
    return ahead;
  }

  /** The most that so many of the others say that they have executed, at least. */
  executedBy(count: number): number {
    const executed = [...this.#heard.values()].map(({ status }) => status.lastExecuted).sort((a, b) => b - a);
    return executed[count - 1] ?? 0;
  }

  pullFrom(peer: number | undefined): void {
    this.#pullsFrom = peer;
  }

  setTransfer(transfer: Transfer | undefined): void {
    this.#transfer = transfer;
  }

  /** Begins another tick: everybody's share is whole again. Returns whether nothing was executed since the last one. */
  tick(lastExecuted: number): boolean {
    this.#ticks = undefined;
    this.#served.clear();
    this.#answered.clear();
    const stalled = lastExecuted === this.#executedAtTick;
    this.#executedAtTick = lastExecuted;
    return stalled;
  }

  /** Returns whether the next tick is to be set: never left long when it must be short. */
  schedules(ticks: "short" | "long"): boolean {
    if (this.#ticks === ticks || (this.#ticks === "short" && ticks === "long")) return false;
    this.#ticks = ticks;
    return true;
  }

  /** Returns whether a client gets an answer that it has not asked for itself: once a tick. */
  mayAnswer(client: PeerId): boolean {
    if (this.#answered.has(client) || this.#answered.size >= ANSWERED_CLIENTS_MAX) return false;
    this.#answered.add(client);
    return true;
  }

  /** Returns whether a peer's share of this replica's upload is not used up until the next tick. */
  mayServe(peer: number, bytes: number): boolean {
    const served = (this.#served.get(peer) ?? 0) + bytes;
    // Also when it is refused: then the share counts as used up, and nothing more is made for this peer.
    this.#served.set(peer, served);
    return served <= SERVED_BYTES_MAX;
  }
}
