import type { PeerId, SeededRandom } from "@void-system/effects";
import { SHUFFLES_BUDGET } from "../limits.ts";
import { Budget } from "../protocol/budget.ts";
import type { Member } from "./member.ts";

/** A peer with a link that both ends have agreed on. */
export interface ActivePeer {
  member: Member;
  /** Time of its last message. */
  heardMs: number;
  /** Time of a question that it has not answered yet. */
  probedMs: number | undefined;
  /** SHUFFLEs that it may send. */
  readonly shuffles: Budget;
}

/** A peer that was active until its link failed. */
interface LostPeer {
  readonly member: Member;
  /** Dials that have failed since. */
  failures: number;
}

/** Most lost peers that are remembered. */
const LOST_MAX = 8;
/** Failures after which a lost peer is forgotten: ten minutes or more, at one dial each 10 s. */
const FAILURES_MAX = 60;

/**
 * The two views of HyParView: the active one, in which payloads travel, and the passive one, which replaces what fails.
 * Beyond the paper, peers that were lost are remembered apart, because they may be behind a partition. No peer is in two of
 * these, and this node is in none.
 */
export class Views {
  readonly active: Map<PeerId, ActivePeer> = new Map();
  readonly #passive = new Map<PeerId, Member>();
  readonly #lost = new Map<PeerId, LostPeer>();
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
    this.#lost.delete(member.name);
    this.active.set(member.name, { member, heardMs: nowMs, probedMs: undefined, shuffles: new Budget(SHUFFLES_BUDGET, nowMs) });
  }

  /** Takes a peer out of the active view, and remembers it. */
  leave(name: PeerId, hasFailed: boolean): void {
    const member = this.active.get(name)?.member;
    if (!member) return;
    this.active.delete(name);
    if (hasFailed) this.#lose(member);
    else this.remember(member);
  }

  /** Notes that a peer lives, although it may be in no view. */
  found(member: Member): void {
    this.#lost.delete(member.name);
    this.remember(member);
  }

  /** Remembers a peer by hearsay. Others that were `sent` away, or any, make room for it. */
  remember(member: Member, sent: readonly PeerId[] = []): void {
    const { name } = member;
    if (name === this.#self || this.active.has(name) || this.#lost.has(name)) return;
    const known = this.#passive.get(name);
    if (known && known.expiresMs > member.expiresMs) return;
    if (!known && this.#passive.size >= this.#passiveMax) this.#makeRoom(sent);
    this.#passive.set(name, member);
  }

  /** Notes that a peer could not be reached, and forgets it, unless it was active and lost only lately. */
  failed(name: PeerId): void {
    this.#passive.delete(name);
    const lost = this.#lost.get(name);
    if (!lost) return;
    lost.failures += 1;
    if (lost.failures >= FAILURES_MAX) this.#lost.delete(name);
  }

  /** Forgets a peer that is not active. */
  forget(name: PeerId): void {
    this.#passive.delete(name);
    this.#lost.delete(name);
  }

  /** Returns a random peer that may become active. */
  candidate(isExcluded: (name: PeerId) => boolean): Member | undefined {
    return this.#pick([...this.#passive.values()].filter(({ name }) => !isExcluded(name)));
  }

  /** Returns a random peer that was lost. */
  lost(isExcluded: (name: PeerId) => boolean): Member | undefined {
    return this.#pick([...this.#lost.values()].filter(({ member }) => !isExcluded(member.name)))?.member;
  }

  /** Returns a random active peer. */
  neighbour(isExcluded: (name: PeerId) => boolean = () => false): PeerId | undefined {
    return this.#pick([...this.active.keys()].filter((name) => !isExcluded(name)));
  }

  /** Returns random members of both views. */
  sample(active: number, passive: number): Member[] {
    const neighbours = [...this.active.values()].map(({ member }) => member);
    return [...this.#draw(neighbours, active), ...this.#draw([...this.#passive.values()], passive)];
  }

  /** Forgets members whose record has expired. Returns the active ones. */
  expired(wallMs: number): PeerId[] {
    for (const [name, { expiresMs }] of this.#passive) if (expiresMs <= wallMs) this.#passive.delete(name);
    for (const [name, { member }] of this.#lost) if (member.expiresMs <= wallMs) this.#lost.delete(name);
    return [...this.active.values()].filter(({ member }) => member.expiresMs <= wallMs).map(({ member }) => member.name);
  }

  #lose(member: Member): void {
    const [oldest] = this.#lost.keys();
    if (this.#lost.size >= LOST_MAX && oldest !== undefined) this.#lost.delete(oldest);
    this.#lost.set(member.name, { member, failures: 0 });
  }

  #makeRoom(sent: readonly PeerId[]): void {
    const name = sent.find((one) => this.#passive.has(one)) ?? this.#pick(this.passive);
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
