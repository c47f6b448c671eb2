import type { PeerId, SeededRandom } from "@void-system/effects";
import type { Member } from "./member.ts";

/** A peer with a link that both ends have agreed on. */
export interface ActivePeer {
  member: Member;
  /** Time of its last message. */
  heardMs: number;
  /** Time of a question that it has not answered yet. */
  probedMs: number | undefined;
}

/** A peer that may become a replacement. */
interface PassivePeer {
  readonly member: Member;
  /** Times that it could not be reached since it was last heard of. */
  failures: number;
}

/** Failures after which a peer is forgotten. */
const FAILURES_MAX = 6;

/**
 * The two views of HyParView: the active one, in which payloads travel, and the passive one, which replaces what fails. No
 * peer is in both, and this node is in neither.
 */
export class Views {
  readonly active: Map<PeerId, ActivePeer> = new Map();
  readonly #passive = new Map<PeerId, PassivePeer>();
  readonly #self: PeerId;
  readonly #passiveMax: number;
  readonly #random: SeededRandom;

  constructor(self: PeerId, passiveMax: number, random: SeededRandom) {
    this.#self = self;
    this.#passiveMax = passiveMax;
    this.#random = random;
  }

  /** Names of the passive view. */
  get passive(): readonly PeerId[] {
    return [...this.#passive.keys()];
  }

  /** Makes a peer active. */
  enter(member: Member, nowMs: number): void {
    this.#passive.delete(member.name);
    this.active.set(member.name, { member, heardMs: nowMs, probedMs: undefined });
  }

  /** Takes a peer out of the active view, and remembers it. One that has failed is suspected. */
  leave(name: PeerId, hasFailed: boolean): void {
    const peer = this.active.get(name);
    if (!peer) return;
    this.active.delete(name);
    this.remember(peer.member);
    if (hasFailed) this.failed(name);
  }

  /** Remembers a peer. Others that were `sent` away, or any, make room for it. */
  remember(member: Member, sent: readonly PeerId[] = []): void {
    const { name } = member;
    if (name === this.#self || this.active.has(name)) return;
    const known = this.#passive.get(name);
    if (known && known.member.expiresMs > member.expiresMs) return;
    if (!known && this.#passive.size >= this.#passiveMax) this.#makeRoom(sent);
    this.#passive.set(name, { member, failures: 0 });
  }

  /** Forgets a peer. */
  forget(name: PeerId): void {
    this.#passive.delete(name);
  }

  /** Notes that a peer could not be reached. It may be behind a partition, so it is tried again, after all others. */
  failed(name: PeerId): void {
    const peer = this.#passive.get(name);
    if (!peer) return;
    peer.failures += 1;
    if (peer.failures > FAILURES_MAX) this.#passive.delete(name);
  }

  /** Returns a random peer that may become active: one that has not failed, or one that has. */
  candidate(isExcluded: (name: PeerId) => boolean, isSuspected: boolean): Member | undefined {
    const free = [...this.#passive.values()].filter(
      ({ member, failures }) => failures > 0 === isSuspected && !isExcluded(member.name),
    );
    return this.#pick(free)?.member;
  }

  /** Returns a random active peer. */
  neighbour(isExcluded: (name: PeerId) => boolean = () => false): PeerId | undefined {
    return this.#pick([...this.active.keys()].filter((name) => !isExcluded(name)));
  }

  /** Returns random members, of whom none has failed. */
  sample(active: number, passive: number): Member[] {
    const sound = [...this.#passive.values()].filter(({ failures }) => failures === 0);
    return [...this.#draw([...this.active.values()], active), ...this.#draw(sound, passive)].map(({ member }) => member);
  }

  /** Forgets members whose record has expired. Returns the active ones. */
  expired(wallMs: number): PeerId[] {
    for (const [name, { member }] of this.#passive) if (member.expiresMs <= wallMs) this.#passive.delete(name);
    return [...this.active.values()].filter(({ member }) => member.expiresMs <= wallMs).map(({ member }) => member.name);
  }

  #makeRoom(sent: readonly PeerId[]): void {
    const suspected = this.#pick([...this.#passive.values()].filter(({ failures }) => failures > 0))?.member.name;
    const name = suspected ?? sent.find((one) => this.#passive.has(one)) ?? this.#pick(this.passive);
    if (name !== undefined) this.#passive.delete(name);
  }

  #pick<T>(all: readonly T[]): T | undefined {
    return all.length === 0 ? undefined : all[this.#random.below(all.length)];
  }

  #draw<T>(all: T[], count: number): T[] {
    const drawn: T[] = [];
    while (drawn.length < count && all.length > 0) drawn.push(...all.splice(this.#random.below(all.length), 1));
    return drawn;
  }
}
