import type { PeerId } from "@void-system/effects";
import type { Step } from "../protocol/step.ts";

/** Time after which this node hangs up where the peer should have, in milliseconds. */
const LEAVE_MS = 5_000;
/** Time for which a link that nobody here has asked for stays up, in milliseconds. */
const STRANGER_MS = 10_000;
/** Most such links. */
const STRANGERS_MAX = 64;

/** Links that are up, and not of the active view: those of peers that have come or have to go. Each is hung up in time. */
export class SpareLinks {
  readonly #step: Step;
  readonly #up: ReadonlySet<PeerId>;
  /** Peers that are to hang up, with the time at which this node does. */
  readonly #leaving = new Map<PeerId, number>();
  /** Peers that nobody here has asked for, with the time at which this node hangs up. */
  readonly #strangers = new Map<PeerId, number>();
  /** Peers that were hung up, until their link is down, and for no longer than until a time: the network may keep a link. */
  readonly #hungUp = new Map<PeerId, number>();

  /** `up` has the peers with a link. */
  constructor(step: Step, up: ReadonlySet<PeerId>) {
    this.#step = step;
    this.#up = up;
  }

  /** Returns true for a peer that has to go, or has just been hung up. */
  isEnding(peer: PeerId): boolean {
    return this.#leaving.has(peer) || this.#hungUp.has(peer);
  }

  /** Keeps a link for a while that nobody here has asked for. */
  host(peer: PeerId): void {
    if (this.#strangers.size >= STRANGERS_MAX && !this.#strangers.has(peer)) this.hangUp(peer);
    else this.#keep(this.#strangers, peer, STRANGER_MS);
  }

  /** Asks a peer to hang up, which it does after everything that it was sent. */
  dismiss(peer: PeerId, records: readonly Uint8Array[]): void {
    this.#step.send(peer, { type: "disconnect", records });
    this.#keep(this.#leaving, peer, LEAVE_MS);
  }

  /** Takes the link of a peer down. */
  hangUp(peer: PeerId): void {
    this.used(peer);
    this.#leaving.delete(peer);
    if (this.#up.has(peer)) this.#keep(this.#hungUp, peer, LEAVE_MS);
    this.#step.hangUp(peer);
  }

  /** Notes that a stranger's link has found a use. */
  used(peer: PeerId): void {
    this.#strangers.delete(peer);
  }

  /** Notes that a link has come up, gone down, or failed. */
  changed(peer: PeerId): void {
    for (const links of [this.#leaving, this.#strangers, this.#hungUp]) links.delete(peer);
  }

  /** Hangs up what is due. */
  due(): void {
    const { nowMs } = this.#step;
    for (const [peer, untilMs] of this.#hungUp) if (untilMs <= nowMs) this.#hungUp.delete(peer);
    for (const links of [this.#leaving, this.#strangers])
      for (const [peer, dueMs] of links) if (dueMs <= nowMs) this.hangUp(peer);
    for (const links of [this.#leaving, this.#strangers, this.#hungUp]) for (const dueMs of links.values()) this.#step.wake(dueMs);
  }

  #keep(links: Map<PeerId, number>, peer: PeerId, forMs: number): void {
    const dueMs = this.#step.nowMs + forMs;
    links.set(peer, dueMs);
    this.#step.wake(dueMs);
  }
}
